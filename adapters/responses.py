"""Answers whose body is known when they begin: head and body go out in one piece."""

import time
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import HttpVersion, HttpVersion10

SERVER_NAME: Final = "Sendsms-Gateway"

_KEPT: Final = 256  # heads of the last answers; few differ in more than their gaps
_CONNECTION: Final = {  # what RFC 9112 (9.3) does not say already, by whether it is HTTP/1.0 and stays open
    (True, True): "Connection: keep-alive\r\n",
    (False, False): "Connection: close\r\n",
}


class WholeResponse(web.StreamResponse):
    """An answer with a body, which may be empty, and a status that allows one.

    aiohttp's own `Response` can also be chunked, packed, given cookies and read from a file, and reckons with all
    of it at every answer. `headers` are those that say something of the body, and not kept as aiohttp's; `location`
    is where that can be read.
    """

    def __init__(
        self, *, body: bytes, headers: Mapping[str, str], status: int = HTTPStatus.OK, location: str | None = None
    ) -> None:
        super().__init__(status=status)
        self._content = body
        self._given = headers
        self._location = location

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        """Write it, head and body."""
        self._keep_alive = stays_open = request.keep_alive
        head = _lay_out(request.version, self._status, self._reason, stays_open, *self._given.items())
        location = _render_location(self._location) if self._location else b""
        date = _render_date(int(time.time()))
        shown = b"" if request.method == hdrs.METH_HEAD else self._content
        writer = request.writer
        await writer.write_eof(head % (location, len(self._content), date, shown))
        return writer

    async def write_eof(self, data: bytes = b"") -> None:
        """It is written already."""


@lru_cache(_KEPT)
def _lay_out(version: HttpVersion, status: int, reason: str, stays_open: bool, *headers: tuple[str, str]) -> bytes:
    """An answer with gaps for its location, its length, the date and its body. Raises ValueError."""
    given = [f"{name}: {value}" for name, value in headers]
    if not "".join(given).isprintable():
        raise ValueError("a header holds a control character")
    lines = [f"HTTP/{version.major}.{version.minor} {status} {reason}", *given]
    fixed = "\r\n".join(lines).replace("%", "%%")
    connection = _CONNECTION.get((version == HttpVersion10, stays_open), "")
    return f"{fixed}\r\n%bContent-Length: %d\r\nDate: %b\r\nServer: {SERVER_NAME}\r\n{connection}\r\n%b".encode()


def _render_location(location: str) -> bytes:
    if not location.isprintable():
        raise ValueError("a location holds a control character")
    return f"Location: {location}\r\n".encode()


@lru_cache(maxsize=1)
def _render_date(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()
