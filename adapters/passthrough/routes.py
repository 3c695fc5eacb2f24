"""Whatever under `/api/` and `/v2/` the gateway does not translate, as it came, to where it was meant for.

legacy.md: `api.ip1sms.com` is also v2's host, so callers of v2 and of the living rest of REST 1.0 arrive here.
Nothing is translated: path and query keep their bytes, bodies stream both ways, redirects go back to the caller.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote, unquote

import structlog
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
    hdrs,
    web,
)
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from adapters.errors import translated
from gateway.domain.errors import BadParameter, GatewayError, OutcomeUnknown, TooLarge, UpstreamUnavailable

log = structlog.get_logger()

# RFC 9110 7.6.1, and RFC 2616 13.5.1 for what old programs still send. Expect has been answered by our own server.
_HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NOT_ADDED: Final = (hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE, hdrs.USER_AGENT)

_ERRORS: Final[Mapping[type[Exception], Callable[[], GatewayError]]] = {
    ConnectionTimeoutError: partial(UpstreamUnavailable, "the provider cannot be reached; try again later"),
    ClientConnectorError: partial(UpstreamUnavailable, "the provider cannot be reached; try again later"),
    TimeoutError: partial(OutcomeUnknown, "the provider did not answer in time"),
    ClientError: partial(OutcomeUnknown, "the provider's answer was lost"),
    OSError: partial(OutcomeUnknown, "the provider's answer was lost"),
}
_HTTP_BY_ERROR: Final[Mapping[type[GatewayError], HTTPStatus]] = {
    BadParameter: HTTPStatus.BAD_REQUEST,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UpstreamUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    OutcomeUnknown: HTTPStatus.BAD_GATEWAY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PassthroughSettings:
    """Where to, and how much: `limit_bytes` is for each body, `silence_seconds` for each wait between two parts."""

    base_url: str = "https://api.ip1sms.com"
    connect_timeout_seconds: float = 3.0
    silence_seconds: float = 60.0
    limit_bytes: int = 32 * 1024 * 1024
    pool_size: int = 100


class Passthrough:
    """Forwards within `async with`."""

    def __init__(self, settings: PassthroughSettings) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")

    async def __aenter__(self) -> Self:
        seconds = self._settings.connect_timeout_seconds
        self._session = ClientSession(
            connector=TCPConnector(limit=self._settings.pool_size),
            cookie_jar=DummyCookieJar(),  # one caller's cookies are not the next one's
            auto_decompress=False,
            skip_auto_headers=_NOT_ADDED,
            timeout=ClientTimeout(
                connect=2 * seconds, sock_connect=seconds, sock_read=self._settings.silence_seconds
            ),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    def routes(self) -> list[web.RouteDef]:
        """Everything under the two prefixes; they go after the routes that the gateway answers itself.

        One pattern and not `/api/{rest}`: aiohttp asks the resource with the longest fixed beginning first,
        whatever the order, and the gateway's own routes, in any case, have none.
        """
        return [web.route("*", "/{_:(?:api|v2)/.*}", self.handle)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Forward one request."""
        try:
            return await self._forward(request)
        except tuple(_HTTP_BY_ERROR) as error:
            log.warning("pass-through failed", method=request.method, error=type(error).__name__)
            return web.json_response({"Message": str(error)}, status=_HTTP_BY_ERROR[type(error)])

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        url = URL(self._base + choose_target(request.raw_path), encoded=True)
        body = _BoundedBody(request, self._settings.limit_bytes)
        try:
            with translated(_ERRORS):
                answer = await self._session.request(
                    request.method,
                    url,
                    headers=_keep_end_to_end(request.headers),
                    data=body.parts() if request.body_exists else None,
                    allow_redirects=False,
                )
        except OutcomeUnknown as error:
            if body.is_too_large:  # which aiohttp reports as a connection that failed
                raise TooLarge("the request is too large to be passed through") from error
            raise
        async with answer:
            return await self._give_back(request, answer)

    async def _give_back(self, request: web.Request, answer: ClientResponse) -> web.StreamResponse:
        """Stream the answer. Once it has begun, all that is left for a failure is to break it off visibly."""
        response = web.StreamResponse(
            status=answer.status, reason=answer.reason, headers=_keep_end_to_end(answer.headers)
        )
        await response.prepare(request)
        size = 0
        try:
            with translated(_ERRORS):
                async for part in answer.content.iter_any():
                    size += len(part)
                    if size > self._settings.limit_bytes:
                        raise OutcomeUnknown("the provider's answer is too large to be passed through")
                    await response.write(part)
            await response.write_eof()
        except GatewayError as error:
            log.warning("pass-through broken off", method=request.method, problem=str(error))
            if request.transport is not None:
                request.transport.abort()
        return response


class _BoundedBody:
    """A request's body as it comes in, until it is longer than `limit` bytes."""

    def __init__(self, request: web.Request, limit: int) -> None:
        self._content = request.content
        self._limit = limit
        self.is_too_large = (request.content_length or 0) > limit

    async def parts(self) -> AsyncIterator[bytes]:
        """The parts; raises TooLarge instead of the one that is too much."""
        size = 0
        async for part in self._content.iter_any():
            size += len(part)
            if self.is_too_large or size > self._limit:
                self.is_too_large = True
                raise TooLarge("the request is too large to be passed through")
            yield part


def choose_target(raw_path: str) -> str:
    """The path and query to ask for, from a request target; always begins with one slash after the host.

    An absolute-form target (RFC 9112 3.2.2) loses its scheme and host, which the caller does not choose here.
    Raises BadParameter for a path with dot segments, in any spelling: it could leave the base address.
    """
    target = raw_path
    if not target.startswith("/"):
        target = "/" + target.partition("://")[2].partition("/")[2]
    segments = unquote(target.partition("?")[0]).replace("\\", "/").split("/")
    if {".", ".."} & set(segments):
        raise BadParameter("path", "must not have . or .. in it")
    # Bytes beyond ASCII are no part of a URL and are escaped; aiohttp holds them as surrogates.
    return quote(target.encode("utf-8", "surrogateescape"), safe=_KEPT)


_KEPT: Final = "".join(map(chr, range(0x21, 0x7F)))


def _keep_end_to_end(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """All headers but those for one connection, which `Connection` may name more of."""
    named = _names(headers.getall(hdrs.CONNECTION, ()))
    return CIMultiDict(
        (name, value)
        for name, value in headers.items()
        if name.lower() not in _HOP_BY_HOP and name.lower() not in named
    )


def _names(values: Iterable[str]) -> frozenset[str]:
    return frozenset(name.strip().lower() for value in values for name in value.split(","))
