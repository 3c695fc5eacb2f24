"""`/sandbox/`: what the real provider does not have. No token is asked for: bind it to the loopback interface."""

from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from aiohttp import web

from adapters.sandbox.answers import read_json, respond
from adapters.sandbox.errors import NobodyToTell, Refused
from adapters.sandbox.faults import FAULT_HELP, parse_faults
from adapters.sandbox.keys import SANDBOX
from adapters.sandbox.pagination import parse_page
from adapters.sandbox.sandbox import INCOMING_CALLBACK_URL

_WHAT: Final = (
    "A stand-in for the provider's REST API v2. Nothing is sent to any phone; all is forgotten when it stops."
)

_Number = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,15}$")]


class IncomingSms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An SMS that a phone sends to a customer's virtual number."""

    sender: _Number
    recipient: _Number
    body: str
    account: str | None = None


async def handle_index(request: web.Request) -> web.Response:
    """`GET /sandbox/`: what this is."""
    endpoints = sorted(
        f"{route.method} {route.resource.canonical}"
        for route in request.app.router.routes()
        if route.resource and route.method != "HEAD"
    )
    return respond({"what": _WHAT, "endpoints": endpoints, "faults": FAULT_HELP})


async def handle_get_faults(request: web.Request) -> web.Response:
    """`GET /sandbox/faults`: what is armed."""
    return respond(request.app[SANDBOX].faults.render())


async def handle_put_faults(request: web.Request) -> web.Response:
    """`PUT /sandbox/faults`: arm one fault or a list of them, in the place of all others."""
    faults = request.app[SANDBOX].faults
    try:
        faults.arm(parse_faults(await read_json(request)))
    except Refused as refused:
        problem = {"title": "The fault is not valid.", "errors": refused.errors, "allowed": FAULT_HELP}
        return respond(problem, HTTPStatus.BAD_REQUEST)
    return respond(faults.render())


async def handle_delete_faults(request: web.Request) -> web.Response:
    """`DELETE /sandbox/faults`: behave again."""
    request.app[SANDBOX].faults.arm([])
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def handle_list_requests(request: web.Request) -> web.Response:
    """`GET /sandbox/requests?limit=`: the newest requests to the provider's side, oldest of them first."""
    return respond(request.app[SANDBOX].requests.render(parse_page({"limit": "1000"} | dict(request.query)).limit))


async def handle_clear_requests(request: web.Request) -> web.Response:
    """`DELETE /sandbox/requests`."""
    request.app[SANDBOX].requests.clear()
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def handle_incoming(request: web.Request) -> web.Response:
    """`POST /sandbox/incoming`: a phone sends an SMS to the account that set `IncomingCallbackUrl`."""
    try:
        sms = msgspec.convert(await read_json(request), IncomingSms)
    except msgspec.ValidationError as wrong:
        raise Refused({"incoming": str(wrong)}) from None
    try:
        document = request.app[SANDBOX].receive(
            sender=sms.sender, recipient=sms.recipient, body=sms.body, account_id=sms.account
        )
    except NobodyToTell:
        reason = f"No account has set {INCOMING_CALLBACK_URL}: PUT /v2/me/sms/settings/{INCOMING_CALLBACK_URL}"
        raise web.HTTPConflict(reason=reason) from None
    return respond(document, HTTPStatus.CREATED)
