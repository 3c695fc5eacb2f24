"""Serving an application to callers who cannot be changed: aiohttp's server with the manners of the old one.

What differs from aiohttp's own: raw request lines are mended and malformed ones answered in the interface's form
(both were 400, and repeated the line); who sends too slowly is cut off; the Server header names no library; packed
bodies come as they are, and are unpacked where they are read, within bounds. Answers are never packed, whatever a
caller accepts: they are short, and it breaks some clients (asmx-facts 2.42).
"""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import SERVER_SOFTWARE, RawRequestMessage
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader

from adapters.request_lines import RequestLines
from adapters.responses import SERVER_NAME
from adapters.routing import answer_directly

log = structlog.get_logger()


class CallerRunner(web.AppRunner):
    """Runs an application for callers.

    `receive_timeout_seconds` is how long the head of a request may take to come in, and its body once it is asked
    for. `answer_malformed` is given the beginning of a request line. `options` are those of `web.AppRunner`.
    """

    __slots__ = ("_manners",)

    def __init__(
        self,
        app: web.Application,
        *,
        receive_timeout_seconds: float,
        answer_malformed: Callable[[bytes], web.Response],
        **options: Any,
    ) -> None:
        # aiohttp's access log has the query strings, with keys and texts in them.
        super().__init__(app, access_log=None, auto_decompress=False, **options)
        self._manners: dict[str, Any] = {
            "receive_timeout_seconds": receive_timeout_seconds,
            "answer_malformed": answer_malformed,
        }

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        answer = answer_directly(self.app, server.request_handler)
        return _Server(answer, max_body_bytes=self.app._client_max_size, **self._kwargs, **self._manners)


class _Server(web.Server):
    """Makes our connections in place of aiohttp's."""

    def __call__(self) -> "_Connection":
        return _Connection(self, loop=self._loop, **self._kwargs)


class _CallersRequest(web.Request):
    """A request whose answer says who we are, and that nothing more comes after a malformed body."""

    @property
    def keep_alive(self) -> bool:
        """Whether more may follow this request."""
        return not self._message.should_close and self._payload.exception() is None

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        await super()._prepare_hook(response)
        if response.headers[hdrs.SERVER] == SERVER_SOFTWARE:  # what was passed through keeps who answered it
            response.headers[hdrs.SERVER] = SERVER_NAME


class _Connection(web.RequestHandler):
    """One caller's connection."""

    __slots__ = (
        "_answer_malformed",
        "_body",
        "_lines",
        "_max_body_bytes",
        "_receive_timeout_seconds",
        "_timer",
    )

    def __init__(
        self,
        manager: web.Server,
        *,
        loop: asyncio.AbstractEventLoop,
        max_body_bytes: int,
        receive_timeout_seconds: float,
        answer_malformed: Callable[[bytes], web.Response],
        **options: Any,
    ) -> None:
        super().__init__(manager, loop=loop, **options)
        self._lines = RequestLines(max_line_bytes=self.max_line_size)
        self._receive_timeout_seconds = receive_timeout_seconds
        self._answer_malformed = answer_malformed
        self._timer: asyncio.TimerHandle | None = None  # runs while a head comes in
        self._body: StreamReader | None = None
        self._max_body_bytes = max_body_bytes
        self._request_factory = self._make_request

    def data_received(self, data: bytes) -> None:
        """Bytes of the caller, or none, where aiohttp wants to go on with what it holds."""
        if not data:
            super().data_received(data)
        while data:
            part, data = self._lines.take(data)
            if part and self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if part:
                super().data_received(part)
            if data and self._has_given_up():
                break  # nothing that follows is answered, and `path` has to stay
        if self._lines.held and self._timer is None:
            self._timer = self._loop.call_later(self._receive_timeout_seconds, self._cut_off)
            if self._keepalive_handle is not None:  # it is not idle, though aiohttp has seen nothing yet
                self._keepalive_handle.cancel()
                self._keepalive_handle = None
        if self._messages and self._body is not None:
            self._tell_if_malformed(self._body)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The caller or we hung up."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that aiohttp's parser refused; it has no interface to do so."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        log.info("malformed request", problem=type(exc).__name__)
        response = self._answer_malformed(self._lines.path)
        response.force_close()
        return response

    def _make_request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: "asyncio.Task[None]",
    ) -> web.BaseRequest:
        if payload is not EMPTY_PAYLOAD:
            self._watch_body(payload)
        return _CallersRequest(
            message, payload, protocol, writer, task, self._loop, client_max_size=self._max_body_bytes
        )

    def _watch_body(self, payload: StreamReader) -> None:
        """Cut the caller off where a body that is asked for now is not there in time."""
        if payload.is_eof():
            return
        payload.on_eof(self._loop.call_later(self._receive_timeout_seconds, self._cut_off).cancel)
        self._body = payload
        self._tell_if_malformed(payload)

    def _tell_if_malformed(self, body: StreamReader) -> None:
        """Where llhttp gave up within a body, tell who waits for it: aiohttp would let him wait."""
        if self._has_given_up() and not body.is_eof():
            body.set_exception(web.RequestPayloadError("the body is malformed"))
            body.feed_eof()

    def _has_given_up(self) -> bool:
        return bool(self._messages) and not isinstance(self._messages[-1][0], RawRequestMessage)

    def _cut_off(self) -> None:
        if self.transport is not None:
            log.info("slow caller cut off")
            self.transport.abort()
