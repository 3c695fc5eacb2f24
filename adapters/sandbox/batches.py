"""`/v2/batches`: sending, looking up, cancelling."""

from http import HTTPStatus

from aiohttp import web

from adapters.sandbox.answers import read_declared_json, respond
from adapters.sandbox.documents import render_batch, render_message, render_whole_batch
from adapters.sandbox.errors import NotFuture
from adapters.sandbox.keys import ACCOUNT, SANDBOX
from adapters.sandbox.model import Batch
from adapters.sandbox.pagination import parse_page
from adapters.sandbox.validation import parse_draft


async def handle_create_batch(request: web.Request) -> web.Response:
    """`POST /v2/batches`."""
    sandbox = request.app[SANDBOX]
    draft = parse_draft(await read_declared_json(request), sandbox.clock())
    batch = sandbox.accept(request[ACCOUNT], draft)
    location = f"{request.scheme}://{request.host}/v2/batches/{batch.id}"
    return respond(render_whole_batch(batch), HTTPStatus.CREATED, {"Location": location})


async def handle_list_batches(request: web.Request) -> web.Response:
    """`GET /v2/batches`, those with every tag that the query names in `tags` (the parameter's name is inferred)."""
    page = parse_page(request.query)
    batches = request[ACCOUNT].batches
    if wanted := set(request.query.getall("tags", [])):
        batches = [batch for batch in batches if wanted.issubset(batch.draft.tags)]
    link = page.render_link(request.url, len(batches))
    return respond([render_batch(batch) for batch in page.cut(batches)], headers={"Link": link})


async def handle_get_batch(request: web.Request) -> web.Response:
    """`GET /v2/batches/{batch}`."""
    return respond(render_whole_batch(_find_batch(request)))


async def handle_cancel_batch(request: web.Request) -> web.Response:
    """`DELETE /v2/batches/{batch}`: 204, or 409 once the batch has opened."""
    try:
        request.app[SANDBOX].cancel(_find_batch(request))
    except NotFuture:
        raise web.HTTPConflict(reason="Only a batch that has not opened can be canceled.") from None
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def handle_list_messages(request: web.Request) -> web.Response:
    """`GET /v2/batches/{batch}/messages`, each with its latest status."""
    page = parse_page(request.query)
    batch = _find_batch(request)
    link = page.render_link(request.url, len(batch.messages))
    found = [render_message(batch, message, whole_history=False) for message in page.cut(batch.messages)]
    return respond(found, headers={"Link": link})


async def handle_get_message(request: web.Request) -> web.Response:
    """`GET /v2/batches/{batch}/messages/{message}`, with its whole history."""
    batch = _find_batch(request)
    for message in batch.messages:
        if message.id == request.match_info["message"]:
            return respond(render_message(batch, message, whole_history=True))
    raise web.HTTPNotFound


def _find_batch(request: web.Request) -> Batch:
    """Find the batch of the path, if it is the caller's own; 404 else."""
    batch = request.app[SANDBOX].batches.get(request.match_info["batch"])
    if batch is None or batch.owner != request[ACCOUNT].id:
        raise web.HTTPNotFound
    return batch
