"""The request lines of one connection: found in its bytes, and mended where old programs wrote them raw.

Facts
- Old programs wrote texts into the query as they were, with blanks and 8-bit letters. llhttp refuses such a line
  (asmx-facts 2.45), and an SMS with it: here the query is percent-encoded before llhttp sees it.
- Only where it is certain that a line begins: at the start of the connection, and after a message without a body
  or with one plain Content-Length. After anything else (chunked bodies, upgrades) the rest of the connection is
  left as it came: a byte inserted into a body would move the border between two messages (RFC 9112, 11.2).
- A head ends with the first empty line; llhttp refuses every other reading of it (bare CR or LF, a blank before a
  colon).
"""

import re
from collections.abc import Callable, Iterator

MAX_HEAD_BYTES = 1024 * 1024

_Step = Callable[[bytes], tuple[bytes, bytes]]
_BEGINS_LINE = re.compile(rb"[A-Z\r\n]")
_VERSIONS = (b"HTTP/1.0\r\n", b"HTTP/1.1\r\n")
_UNSAFE = re.compile(rb"[ \x80-\xff]")
_FRAMING = re.compile(rb"\r\n(content-length|transfer-encoding|upgrade)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_LENGTH = re.compile(rb"[0-9]{1,18}")
_REFUSED = b"\0"
_END_OF_HEAD = b"\r\n\r\n"


def mend(line: bytes) -> bytes:
    """A request line with the blanks and 8-bit bytes of its query escaped; any other comes back as it is."""
    if line.isascii() and line.count(b" ") == 2:
        return line
    target, _, version = line.rpartition(b" ")
    path, mark, query = target.partition(b"?")
    if not mark or version not in _VERSIONS:
        return line
    escaped = _UNSAFE.sub(lambda byte: b"%%%02X" % ord(byte[0]), query.rstrip(b" "))
    return b"%b?%b %b" % (path, escaped, version)


class RequestLines:
    """Follows the bytes of one connection from its first; does no I/O.

    `path` is the last request line up to its query, cut after 256 bytes; `heads` counts the complete heads.
    """

    __slots__ = ("_body_left", "_head", "_held", "_max_line_bytes", "_step", "heads", "path")

    def __init__(self, *, max_line_bytes: int) -> None:
        self._max_line_bytes = max_line_bytes
        self._step: _Step = self._in_line
        self._held = bytearray()
        self._head = bytearray()
        self._body_left = 0
        self.path = b""
        self.heads = 0

    @property
    def inside_head(self) -> bool:
        """Whether a head has begun and not ended."""
        return bool(self._held or self._head)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the HTTP parser may read now. A line is held back until it is complete.

        In parts, none of which reaches over the end of a message: llhttp refuses a part as a whole.
        """
        while data:
            passed, data = self._step(data)
            if passed:
                yield passed

    def _in_line(self, data: bytes) -> tuple[bytes, bytes]:
        if not self._held and not _BEGINS_LINE.match(data):
            self.path = _path_of(data)
            return self._leave_alone(data)  # TLS, or nothing at all that speaks HTTP
        end = data.find(b"\n") + 1
        self._held += data[: end or None]
        if len(self._held) > self._max_line_bytes:
            self._head += self._held[-len(_END_OF_HEAD) :]
            self.path = _path_of(self._held)
            self._held.clear()
            self._step = self._in_head_of_long_line
            return b"", data[end:] if end else b""
        if not end:
            return b"", b""
        line = bytes(self._held)
        self._held.clear()
        if line.strip(b"\r\n"):  # RFC 9112, 2.2: empty lines before the first are ignored
            self.path = _path_of(line)
            self._head += line[-2:]
            self._step = self._in_head
        return mend(line), data[end:]

    def _in_head_of_long_line(self, data: bytes) -> tuple[bytes, bytes]:
        """Drop it, and have llhttp refuse something shorter once the head has ended.

        Not before: who is cut off while sending does not read the answer.
        """
        self._head += data
        if _END_OF_HEAD not in self._head:
            del self._head[: -len(_END_OF_HEAD)]
            return b"", b""
        self._head.clear()
        self._step = self._drop
        return _REFUSED, b""

    def _drop(self, _data: bytes) -> tuple[bytes, bytes]:
        return b"", b""

    def _in_head(self, data: bytes) -> tuple[bytes, bytes]:
        before = len(self._head)
        self._head += data
        end = self._head.find(_END_OF_HEAD, max(before - len(_END_OF_HEAD), 0)) + len(_END_OF_HEAD)
        if end < len(_END_OF_HEAD):
            return self._leave_alone(data) if len(self._head) > MAX_HEAD_BYTES else (data, b"")
        self._end_head(bytes(self._head[:end]))
        return data[: end - before], data[end - before :]

    def _end_head(self, head: bytes) -> None:
        self._head.clear()
        self.heads += 1
        framing = _FRAMING.findall(head)
        self._step = self._leave_alone
        if self.path.startswith(b"CONNECT"):
            return
        if not framing:
            self._step = self._in_line
        elif len(framing) == 1 and framing[0][0].lower() == b"content-length" and _LENGTH.fullmatch(framing[0][1]):
            self._body_left = int(framing[0][1])
            self._step = self._in_body

    def _in_body(self, data: bytes) -> tuple[bytes, bytes]:
        passed = data[: self._body_left]
        self._body_left -= len(passed)
        if not self._body_left:
            self._step = self._in_line
        return passed, data[len(passed) :]

    def _leave_alone(self, data: bytes) -> tuple[bytes, bytes]:
        self._held.clear()
        self._head.clear()
        self._step = self._leave_alone
        return data, b""


def _path_of(line: bytes | bytearray) -> bytes:
    return bytes(line.partition(b"?")[0][:256])
