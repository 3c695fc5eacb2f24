"""`/v2/me` and `/api/me`: senders, settings, balance."""

from http import HTTPStatus

from aiohttp import web

from adapters.sandbox.answers import read_declared_json, respond
from adapters.sandbox.documents import render_account, render_sender
from adapters.sandbox.errors import Refused
from adapters.sandbox.keys import ACCOUNT, SANDBOX
from adapters.sandbox.sandbox import INCOMING_CALLBACK_URL
from adapters.sandbox.validation import parse_sender, parse_url


async def handle_get_account(request: web.Request) -> web.Response:
    """`GET /api/me`."""
    return respond(render_account(request[ACCOUNT]))


async def handle_list_senders(request: web.Request) -> web.Response:
    """`GET /v2/me/senders`, by name."""
    return respond([render_sender(*entry) for entry in sorted(request[ACCOUNT].senders.items())])


async def handle_put_sender(request: web.Request) -> web.Response:
    """`PUT /v2/me/senders/{sender}`: 201, or 200 where it was registered before."""
    senders = request[ACCOUNT].senders
    try:
        name = parse_sender(request.match_info["sender"])
    except ValueError as wrong:
        raise Refused({"sender": str(wrong)}) from None
    status = HTTPStatus.OK if name in senders else HTTPStatus.CREATED
    created_at = senders.setdefault(name, request.app[SANDBOX].clock())
    return respond(render_sender(name, created_at), status)


async def handle_delete_sender(request: web.Request) -> web.Response:
    """`DELETE /v2/me/senders/{sender}`."""
    if request[ACCOUNT].senders.pop(request.match_info["sender"], None) is None:
        raise web.HTTPNotFound
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def handle_list_settings(request: web.Request) -> web.Response:
    """`GET /v2/me/sms/settings`: an object, every setting with its value; null is the default (form inferred)."""
    return respond({INCOMING_CALLBACK_URL: request[ACCOUNT].settings.get(INCOMING_CALLBACK_URL)})


async def handle_get_setting(request: web.Request) -> web.Response:
    """`GET /v2/me/sms/settings/{setting}`: the bare value as JSON."""
    return respond(request[ACCOUNT].settings.get(_require_setting(request)))


async def handle_put_setting(request: web.Request) -> web.Response:
    """`PUT /v2/me/sms/settings/{setting}`, a bare JSON string: "string, absolute URL" is all that is documented."""
    setting = _require_setting(request)
    try:
        value = parse_url(await read_declared_json(request))
    except ValueError as wrong:
        raise Refused({setting: str(wrong)}) from None
    request[ACCOUNT].settings[setting] = value
    return respond(value)


async def handle_delete_setting(request: web.Request) -> web.Response:
    """`DELETE /v2/me/sms/settings/{setting}`: back to the default."""
    request[ACCOUNT].settings.pop(_require_setting(request), None)
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _require_setting(request: web.Request) -> str:
    if request.match_info["setting"] != INCOMING_CALLBACK_URL:
        raise web.HTTPNotFound
    return INCOMING_CALLBACK_URL
