"""One HTTP/1.1 connection to v2: a request leaves once, and its answer comes back or is lost.

What was written may have been carried out, and what was not written was not: whether an SMS may be sent again hangs
on that line alone, so it is drawn here and nothing below repeats anything. httptools (llhttp) reads the answers.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from adapters.unpacking import unpack
from gateway.domain.errors import BadParameter, TooLarge
from gateway.domain.values import value

_FIRST_FINAL: Final = 200  # RFC 9110 15.2: a 1xx answer has another after it
_TELLS_LENGTH: Final = frozenset({b"content-length", b"transfer-encoding"})


class AnswerLost(Exception):
    """The request was written, and what became of it is not known."""


@value
class Answer:
    """`headers`: as they came. `body`: unpacked; None where it is too long, or not packed as it says."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes | None

    def header(self, name: bytes) -> str | None:
        """All values under a name in small letters, with commas between them; None where there is none."""
        return _find(self.headers, name)


def _find(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    values = [given for written, given in headers if written.lower() == name]
    return b", ".join(values).decode("latin-1") if values else None


class Connection(asyncio.Protocol):
    """One exchange at a time. A connection that has brought anything but the one whole answer is not used again."""

    def __init__(self, max_answer_bytes: int, forget: Callable[["Connection"], object]) -> None:
        """`forget` is told when the connection has ended. `max_answer_bytes`: of an answer, its head included."""
        self._loop = asyncio.get_running_loop()
        self._max_answer_bytes = max_answer_bytes
        self._forget = forget
        self._parser = HttpResponseParser(self)
        self._awaited: asyncio.Future[Answer] | None = None
        self._left_bytes = 0
        self._head_is_read = False
        self._used_at = self._loop.time()

    async def ask(self, request: bytes, until: float) -> Answer:
        """Write a request and wait for its answer, at most until that moment of the loop. Raises AnswerLost."""
        self._left_bytes = self._max_answer_bytes
        self._head_is_read = False
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._awaited = answer
        timer = self._loop.call_at(until, self._lose, "no answer from v2 in time")
        try:
            self._transport.write(request)
            return await answer
        finally:
            timer.cancel()
            if self._awaited is not None:  # nobody waits any more; the same holds
                self.close()

    def is_usable(self, idle_seconds: float) -> bool:
        """Whether another request may be written: it is open, and its last answer came less than so long ago."""
        return not self._transport.is_closing() and self._loop.time() - self._used_at < idle_seconds

    def close(self) -> None:
        """End it at once. An answer that is still awaited is lost."""
        self._transport.abort()

    # ---- asyncio.Protocol ------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called once."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read on; the parser calls what follows below."""
        self._left_bytes -= len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._lose("v2's answer was lost: it is no HTTP")
        if self._left_bytes < 0 and self._awaited is not None:
            self._break_off()

    def eof_received(self) -> None:
        """The end of the connection is the end of an answer that says nothing of its length (RFC 9112 6.3)."""
        if self._head_is_read and _TELLS_LENGTH.isdisjoint(name.lower() for name, _ in self._headers):
            self._deliver()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- asyncio's signature
        """Called once, whoever ended it."""
        self._lose("v2's answer was lost")
        self._forget(self)

    # ---- what the parser finds -------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Also of the answer after an interim one."""
        if self._awaited is None:
            self.close()  # nobody asked for it, and it must not answer the next request
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []

    def on_header(self, name: bytes, given: bytes) -> None:
        """One line of the head, or of a trailer."""
        self._headers.append((name, given))

    def on_headers_complete(self) -> None:
        """The body follows."""
        self._status = self._parser.get_status_code()
        self._head_is_read = True

    def on_body(self, part: bytes) -> None:
        """A part of it."""
        self._parts.append(part)

    def on_message_complete(self) -> None:
        """The answer is whole, if it is not an interim one."""
        if self._status < _FIRST_FINAL:
            self._head_is_read = False
            return
        if self._transport.get_write_buffer_size() or not self._parser.should_keep_alive():
            self.close()  # v2 has answered before it read the whole request, or wants no other
        self._used_at = self._loop.time()
        self._deliver()

    # ---- the end of an exchange ------------------------------------------------------------------------------

    def _deliver(self) -> None:
        awaited, self._awaited = self._awaited, None
        if awaited is not None and not awaited.done():
            awaited.set_result(Answer(status=self._status, headers=self._headers, body=self._read_body()))

    def _read_body(self) -> bytes | None:
        """What has come of it, unpacked where it is packed though we ask for it plain."""
        if self._left_bytes < 0:
            return None
        body = b"".join(self._parts)
        encoding = _find(self._headers, b"content-encoding")
        if encoding is None:
            return body
        try:
            return unpack(body, encoding, limit_bytes=self._max_answer_bytes)
        except (BadParameter, TooLarge):
            return None

    def _break_off(self) -> None:
        """Longer than any answer of v2's: what its status says still counts."""
        if self._head_is_read:
            self._deliver()
        else:
            self._lose("v2's answer was lost: its head does not end")
        self.close()

    def _lose(self, why: str) -> None:
        awaited, self._awaited = self._awaited, None
        if awaited is not None and not awaited.done():
            awaited.set_exception(AnswerLost(why))
        self.close()
