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
from aiohttp.streams import StreamReader

from adapters.request_lines import RequestLines

SERVER_NAME = "Sendsms-Gateway"

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
        app.on_response_prepare.append(_finish_headers)
        self._manners = {
            "receive_timeout_seconds": receive_timeout_seconds,
            "answer_malformed": answer_malformed,
        }

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        return _Server(
            server.request_handler, request_factory=server.request_factory, **self._kwargs, **self._manners
        )


class _Server(web.Server):
    """Makes our connections in place of aiohttp's."""

    def __init__(self, handler: Any, *, request_factory: Any, **options: Any) -> None:
        super().__init__(handler, request_factory=self._make_watched_request, **options)
        self._make_unwatched_request = request_factory

    def __call__(self) -> "_Connection":
        return _Connection(self, loop=self._loop, **self._kwargs)

    def _make_watched_request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: "asyncio.Task[None]",
    ) -> web.BaseRequest:
        if isinstance(protocol, _Connection):
            protocol.watch_body(payload)
        request: web.BaseRequest = self._make_unwatched_request(message, payload, protocol, writer, task)
        return request


class _Connection(web.RequestHandler):
    """One caller's connection."""

    __slots__ = ("_answer_malformed", "_body", "_heads", "_lines", "_receive_timeout_seconds", "_timer")

    def __init__(
        self,
        manager: web.Server,
        *,
        loop: asyncio.AbstractEventLoop,
        receive_timeout_seconds: float,
        answer_malformed: Callable[[bytes], web.Response],
        **options: Any,
    ) -> None:
        super().__init__(manager, loop=loop, **options)
        self._lines = RequestLines(max_line_bytes=self.max_line_size)
        self._receive_timeout_seconds = receive_timeout_seconds
        self._answer_malformed = answer_malformed
        self._timer: asyncio.TimerHandle | None = None
        self._body: StreamReader | None = None
        self._heads = 0

    def data_received(self, data: bytes) -> None:
        """Bytes of the caller, or none, where aiohttp wants to go on with what it holds."""
        for part in self._lines.feed(data) if data else (b"",):
            super().data_received(part)
        self._watch_head()
        self._watch_parser()

    def connection_lost(self, exc: BaseException | None) -> None:
        """The caller or we hung up."""
        self._stop_timer()
        super().connection_lost(exc)

    def watch_body(self, payload: StreamReader) -> None:
        """Cut the caller off where a body that is asked for now is not there in time."""
        if payload.is_eof():
            return
        payload.on_eof(self._loop.call_later(self._receive_timeout_seconds, self._cut_off).cancel)
        self._body = payload
        self._watch_parser()

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
        response.headers[hdrs.SERVER] = SERVER_NAME
        response.force_close()
        return response

    def _watch_head(self) -> None:
        """A timer runs while a head comes in. An idle connection is aiohttp's own business (keepalive_timeout)."""
        if self._lines.heads != self._heads or not self._lines.inside_head:
            self._heads = self._lines.heads
            self._stop_timer()
        if self._timer is None and self._lines.inside_head:
            self._timer = self._loop.call_later(self._receive_timeout_seconds, self._cut_off)

    def _watch_parser(self) -> None:
        """Where llhttp gave up within a body, tell who waits for it: aiohttp would let him wait."""
        gave_up = bool(self._messages) and not isinstance(self._messages[-1][0], RawRequestMessage)
        if gave_up and self._body is not None and not self._body.is_eof():
            self._body.set_exception(web.RequestPayloadError("the body is malformed"))
            self._body.feed_eof()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut_off(self) -> None:
        if self.transport is not None:
            log.info("slow caller cut off")
            self.transport.abort()


async def _finish_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Say who answers, and that nothing more comes after a malformed body.

    What was passed through keeps the name of who answered it.
    """
    if response.headers.get(hdrs.SERVER) == SERVER_SOFTWARE:
        response.headers[hdrs.SERVER] = SERVER_NAME
    if request.content.exception() is not None:
        response.headers[hdrs.CONNECTION] = "close"
        response.force_close()
