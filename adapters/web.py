"""What the legacy interfaces share of aiohttp: paths as IIS matched them, reading bodies, answering errors."""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiohttp import StreamReader, hdrs, web

from adapters.unpacking import unpack
from gateway.domain.errors import BadParameter, GatewayError, TooLarge
from gateway.domain.sms import Interface
from gateway.domain.status import INTERNAL_ERROR, SendRowName, send_row_of
from gateway.logs import describe
from gateway.ports import Metrics

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger()

OPERATION = web.RequestKey("operation", str)
"""Set by a handler that learns only from the body which operation is called (SOAP); "unknown" until then."""


def spellings(path: str) -> tuple[str, str]:
    """The routes of a path: as it is usually written, which aiohttp finds by one look-up, and in any other way."""
    return path, any_case(path)


def any_case(path: str) -> str:
    """An aiohttp route for a path as the old server matched it.

    Letters compare without case (asmx-facts 1.2); doubled and trailing slashes are forgiven. A segment `{name}`
    is a variable.
    """
    segments = [_segment(written) for written in path.strip("/").split("/")]
    return "/{_:(?i:/*" + "/+".join(segments) + "/*)}"


def _segment(written: str) -> str:
    return f"(?P<{written[1:-1]}>[^/]+)" if written.startswith("{") else re.escape(written)


async def read_body(request: web.Request) -> bytes:
    """The whole body, unpacked. Raises TooLarge beyond the application's `client_max_size`, BadParameter."""
    if not request.body_exists:
        return b""
    try:
        raw = await _read_content(request.content, limit_bytes=request.client_max_size)
    except (web.RequestPayloadError, ConnectionError) as error:
        raise BadParameter("request", "its body did not arrive whole") from error
    encoding = request.headers.get(hdrs.CONTENT_ENCODING)
    return unpack(raw, encoding, limit_bytes=request.client_max_size) if encoding else raw


async def _read_content(content: StreamReader, *, limit_bytes: int) -> bytes:
    """What `request.read()` gives, whose last look is for what cannot come any more."""
    parts = []
    size = 0
    while part := await content.readany():
        parts.append(part)
        size += len(part)
        if size > limit_bytes:
            raise TooLarge("the request is too large; send fewer recipients at a time")
        if content.at_eof() and content.exception() is None:
            break
    return b"".join(parts)


def raw_query(request: web.Request) -> bytes:
    """The query string as it came, undecoded: aiohttp's own `query` loses every byte that is not UTF-8."""
    return request.raw_path.partition("?")[2].encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """Where an interface's errors become answers, and its calls are counted: the only `except Exception`.

    `render_error` makes the interface's own answer for a row of the send table. `code_of` is the code that
    answer hands out, as metrics show it.
    """

    interface: Interface
    metrics: Metrics
    render_error: Callable[[web.Request, GatewayError, SendRowName], web.StreamResponse]
    code_of: Callable[[SendRowName], str]

    def wrap(self, operation: str | None, handle: Handler) -> Handler:
        """The handler with its errors answered and every call counted; without `operation` it names that itself."""

        async def bounded(request: web.Request) -> web.StreamResponse:
            started = time.perf_counter()
            outcome = "ok"
            try:
                return await handle(request)
            except GatewayError as error:
                outcome = send_row_of(error)
                return self._answer(request, error)
            except web.HTTPException:
                outcome = "http"
                raise
            except Exception as error:  # noqa: BLE001 - the error boundary of every legacy call
                outcome = INTERNAL_ERROR
                log.error("call failed", interface=self.interface, **describe(error))
                return self._answer(request, GatewayError("internal error"))
            finally:
                seconds = time.perf_counter() - started
                name = operation or request.get(OPERATION, "unknown")
                self.metrics.call(self.interface, name, outcome, seconds)

        return bounded

    def _answer(self, request: web.Request, error: GatewayError) -> web.StreamResponse:
        row = send_row_of(error)
        self.metrics.legacy_code(self.interface, self.code_of(row))
        return self.render_error(request, error, row)
