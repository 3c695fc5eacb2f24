"""What v2 posts to us: delivery reports and incoming SMS.

v2.md: 200 means taken; after anything else v2 posts the same again every 10 minutes, at most 10 times. So news is
stored before it is answered, and whatever cannot be stored now is answered 503. One document a post: an array is
not documented and not taken.
"""

import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, TypeVar

import structlog
from aiohttp import web

from adapters.upstream import codec
from gateway.domain.errors import BadParameter, StoreUnavailable
from gateway.domain.report import DeliveryReport, IncomingMessage
from gateway.ports import Metrics

log = structlog.get_logger()

DELIVERY_REPORTS: Final = "delivery-reports"
INCOMING: Final = "incoming"

_LARGEST_BODY_BYTES: Final = 64 * 1024  # an SMS document of 2000 characters, every one escaped, and room to spare

T = TypeVar("T")


def callback_path(secret: str, kind: str) -> str:
    """The path that v2 is given; `kind` is DELIVERY_REPORTS or INCOMING, `secret` letters, digits, - and _."""
    return f"/callbacks/{secret}/{kind}"


def callback_routes(
    *,
    secret: str,
    on_report: Callable[[DeliveryReport], Awaitable[None]],
    on_incoming: Callable[[IncomingMessage], Awaitable[None]],
    metrics: Metrics,
) -> list[web.RouteDef]:
    """The two routes. `on_report` and `on_incoming` return when the news is on disk, or raise StoreUnavailable."""
    reports = _Mailbox(secret, codec.parse_delivery_report, on_report, metrics)
    incoming = _Mailbox(secret, codec.parse_incoming, on_incoming, metrics)
    return [
        web.post(callback_path("{secret}", DELIVERY_REPORTS), reports.handle),
        web.post(callback_path("{secret}", INCOMING), incoming.handle),
    ]


class _Mailbox:
    """Takes one kind of news."""

    def __init__(
        self, secret: str, parse: Callable[[bytes], T], take: Callable[[T], Awaitable[None]], metrics: Metrics
    ) -> None:
        self._secret = secret.encode()
        self._metrics = metrics

        async def store(body: bytes) -> None:
            await take(parse(body))

        self._store = store

    async def handle(self, request: web.Request) -> web.Response:
        """Read, store, answer."""
        if not hmac.compare_digest(request.match_info["secret"].encode(errors="replace"), self._secret):
            self._metrics.report("forged")
            log.warning("callback with a wrong secret", remote=request.remote)
            raise web.HTTPNotFound
        body = await _read_bounded(request)
        try:
            await self._store(body)
        except BadParameter as error:
            self._metrics.report("unreadable")
            log.warning("callback cannot be read", problem=str(error))
            return web.Response(text=f"{error}\n", status=HTTPStatus.BAD_REQUEST)
        except StoreUnavailable:
            return web.Response(text="cannot be stored now; send it again\n", status=HTTPStatus.SERVICE_UNAVAILABLE)
        return web.Response()


async def _read_bounded(request: web.Request) -> bytes:
    """The body, of which more than 64 KiB are never in memory."""
    parts = []
    size = 0
    async for part in request.content.iter_any():
        size += len(part)
        if size > _LARGEST_BODY_BYTES:
            raise web.HTTPRequestEntityTooLarge(max_size=_LARGEST_BODY_BYTES, actual_size=size)
        parts.append(part)
    return b"".join(parts)
