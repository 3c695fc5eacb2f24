"""sendsms.aspx: the routes."""

from typing import Protocol

from aiohttp import web

from adapters.aspx import codec
from adapters.responses import WholeResponse
from adapters.web import Boundary, raw_query, read_body, spellings
from gateway.domain.account import AccountSettings
from gateway.domain.errors import GatewayError
from gateway.domain.sms import Credentials, Interface, Order
from gateway.domain.status import SendRowName, StatusTables
from gateway.ports import Metrics

PATHS = ("/sendsms.aspx", "/sendsms/sendsms.aspx")
ALLOWED = ("GET", "HEAD", "POST")
# As captured from the old server (asmx-facts 1.10, 2.50); errors came with 200 as well (1.11).
HEADERS = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "private"}


class Numbered(Protocol):
    """What a send gives back."""

    @property
    def id(self) -> int:
        """The message's id, or the bundle's for several recipients."""


class SendService(Protocol):
    """The use case that this interface offers; `gateway.service.Service` has it."""

    @property
    def tables(self) -> StatusTables:
        """The status tables in force."""

    @property
    def metrics(self) -> Metrics:
        """Where calls are counted."""

    def settings_of(self, account_id: str | None, /) -> AccountSettings:
        """How an account is treated; the defaults for one that nobody configured."""

    async def send(self, order: Order, credentials: Credentials) -> Numbered:
        """Send an order. Raises GatewayError."""


def aspx_routes(service: SendService) -> list[web.RouteDef]:
    """Both addresses of sendsms.aspx, in any case. A method the old page had not is answered 405."""

    def code_of(row: SendRowName) -> int:
        return service.tables.send[row].soap

    def codec_of_account(account_id: str) -> str | None:
        return service.settings_of(account_id).aspx_encoding

    def render_error(_request: web.Request, _error: GatewayError, row: SendRowName) -> WholeResponse:
        return _answer(code_of(row))

    async def handle_send(request: web.Request) -> WholeResponse:
        credentials, order = codec.parse_call(
            raw_query(request),
            await read_body(request),
            request.headers.get("Content-Type"),
            codec_of_account=codec_of_account,
        )
        return _answer((await service.send(order, credentials)).id)

    boundary = Boundary(
        interface=Interface.ASPX,
        metrics=service.metrics,
        render_error=render_error,
        code_of=lambda row: str(code_of(row)),
    )
    send = boundary.wrap("send", handle_send)
    return [
        route
        for usual in PATHS
        for path in spellings(usual)
        for route in (
            web.get(path, send, allow_head=False),
            web.post(path, send),
            web.head(path, handle_head),
            web.route("*", path, handle_wrong_method),
        )
    ]


async def handle_head(_request: web.Request) -> web.Response:
    """The headers alone. The old page would have sent the SMS; HEAD is what link checkers use, so this does not."""
    return web.Response(headers=HEADERS)


async def handle_wrong_method(_request: web.Request) -> web.Response:
    """405, as the old server answered verbs it did not know."""
    return web.Response(status=405, headers={**HEADERS, "Allow": ", ".join(ALLOWED)})


def _answer(number: int) -> WholeResponse:
    return WholeResponse(body=codec.render_number(number), headers=HEADERS)
