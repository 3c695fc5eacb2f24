"""JSON in and out of HTTP, and the provider's forms of an error."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.sandbox.errors import Refused

_TITLE: Final = "The request is not valid."


def respond(
    document: Any, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> web.Response:
    """Answer with a JSON document."""
    return web.Response(
        body=msgspec.json.encode(document),
        status=status,
        headers=headers,
        content_type="application/json",
        charset="utf-8",
    )


async def read_json(request: web.Request) -> Any:
    """Decode the request's body, whatever it calls itself. Raises Refused."""
    try:
        return msgspec.json.decode(await request.read())
    except (msgspec.DecodeError, RecursionError):
        raise Refused({"$": "The body is not JSON, or nested too deeply."}) from None


async def read_declared_json(request: web.Request) -> Any:
    """Decode the request's body. Raises Refused, and 415 where it does not even call itself JSON."""
    if request.content_type != "application/json" and not request.content_type.endswith("+json"):
        raise web.HTTPUnsupportedMediaType
    return await read_json(request)


@web.middleware
async def render_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what was refused: field errors as `{"title", "errors"}`, everything else as `{"message"}`."""
    try:
        return await handler(request)
    except Refused as refused:
        errors = {field: [text] for field, text in refused.errors.items()}
        return respond({"title": _TITLE, "errors": errors}, HTTPStatus.BAD_REQUEST)
    except web.HTTPException as problem:
        kept = {name: problem.headers[name] for name in ("Allow", "WWW-Authenticate") if name in problem.headers}
        return respond({"message": problem.reason}, HTTPStatus(problem.status), kept)
