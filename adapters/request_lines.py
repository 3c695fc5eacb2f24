"""The request lines of one connection: found in its bytes, and mended where old programs wrote them raw.

Facts
- Old programs wrote texts into the query as they were, with blanks and 8-bit letters. llhttp refuses such a line
  (asmx-facts 2.45), and an SMS with it: here the query is percent-encoded before llhttp sees it.
- Only where it is certain that a line begins: at the start of the connection, and after a message without a body
  or with one plain Content-Length. After anything else (chunked bodies, upgrades, bare line ends) the rest of the
  connection is left as it came: a byte inserted into a body would move the border between two messages
  (RFC 9112, 11.2).
- A head ends with the first empty line; llhttp refuses every other reading of it (bare CR or LF, a blank before a
  colon).
"""

import re
import sys
from typing import Final

MAX_HEAD_BYTES: Final = 256 * 1024

_VERSIONS: Final = (b" HTTP/1.0\r\n", b" HTTP/1.1\r\n")
_UNSAFE: Final = re.compile(rb"[ \x80-\xff]")
_EMPTY_LINES: Final = re.compile(rb"[\r\n]+")
_FRAMING: Final = re.compile(
    rb"\r\n(content-length|transfer-encoding|upgrade)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE
)
_LENGTH_DIGITS: Final = 18
_END_OF_HEAD: Final = b"\r\n\r\n"
_REFUSED: Final = b"\0"
_PATH_BYTES: Final = 256
_ENDLESS: Final = sys.maxsize


def mend(line: bytes) -> bytes:
    """A request line with the blanks and 8-bit bytes of its query escaped; any other comes back as it is."""
    if line.isascii() and line.count(b" ") == 2:
        return line
    path, mark, query = line.partition(b"?")
    if not mark or not line.endswith(_VERSIONS):
        return line
    query, _, version = query.rpartition(b" ")
    escaped = _UNSAFE.sub(lambda byte: b"%%%02X" % ord(byte[0]), query.rstrip(b" "))
    return b"%b?%b %b" % (path, escaped, version)


class RequestLines:
    """Follows the bytes of one connection from its first; does no I/O.

    `held` is what has come of a head that is not whole.
    """

    __slots__ = ("_beginning", "_body_left", "_max_line_bytes", "held")

    def __init__(self, *, max_line_bytes: int) -> None:
        self._max_line_bytes = max_line_bytes
        self._body_left = 0
        self._beginning = b""
        self.held = b""

    @property
    def path(self) -> bytes:
        """The last request line up to its query, cut after 256 bytes."""
        return self._beginning.partition(b"?")[0]

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """What the HTTP parser may read now, and what of `data` is to be taken after it.

        A head is held until it is whole, and goes with what is there of its body. No part reaches over the end of a
        message, nor from a head into a body that may be malformed: llhttp refuses a part as a whole.
        """
        if self._body_left:
            end = self._body_left
            self._body_left = max(end - len(data), 0)
            return data[:end], data[end:]
        searched = 0
        if self.held:
            searched = max(len(self.held) - len(_END_OF_HEAD), 0)
            data = self.held + data
        line = data[: data.find(b"\n") + 1]
        ended = data.find(_END_OF_HEAD, searched)
        is_line = line[:1].isupper() and line.endswith(b"\r\n")
        if ended < 0 or not is_line or len(line) > self._max_line_bytes:
            return self._take_other(data, line, ended)
        self.held = b""
        self._beginning = line[:_PATH_BYTES]
        head_end = ended + len(_END_OF_HEAD)
        length = _count_body(data, fields_at=len(line), head_end=head_end)
        end = head_end + (length or 0)
        self._body_left = _ENDLESS if length is None else max(end - len(data), 0)
        return mend(line) + data[len(line) : end], data[end:]

    def _take_other(self, data: bytes, line: bytes, ended: int) -> tuple[bytes, bytes]:
        """Empty lines (RFC 9112, 2.2); nothing, while a head comes in; what is no head, with all that follows."""
        empty = _EMPTY_LINES.match(data)
        if empty and data != b"\r":
            self.held = b""
            return empty[0], data[empty.end() :]
        begins_line = data[:1].isupper()
        if begins_line and len(line or data) > self._max_line_bytes:
            return self._take_long_line(data, ended)
        may_end = begins_line and ended < 0 and (not line or line.endswith(b"\r\n"))
        if empty or (may_end and len(data) <= self._max_line_bytes + MAX_HEAD_BYTES):
            self.held = data
            return b"", b""
        self._leave_alone(data)
        return data, b""

    def _take_long_line(self, data: bytes, ended: int) -> tuple[bytes, bytes]:
        """Drop it, and have llhttp refuse something shorter once the head has ended.

        Not before: who is cut off while sending does not read the answer.
        """
        if ended < 0:
            self.held = data[: self._max_line_bytes + 1] + data[-len(_END_OF_HEAD) :]
            return b"", b""
        self._leave_alone(data)
        return _REFUSED, data[ended + len(_END_OF_HEAD) :]

    def _leave_alone(self, data: bytes) -> None:
        self._beginning = data[:_PATH_BYTES].partition(b"\n")[0]
        self._body_left = _ENDLESS
        self.held = b""


def _count_body(data: bytes, *, fields_at: int, head_end: int) -> int | None:
    """How many bytes follow a head before the next one may begin; None where that is not certain."""
    framing = _FRAMING.findall(data, fields_at - len(b"\r\n"), head_end)
    if data.startswith(b"CONNECT"):
        return None
    if not framing:
        return 0
    name, written = framing[0]
    is_number = written.isdigit() and len(written) <= _LENGTH_DIGITS
    return int(written) if is_number and len(framing) == 1 and name.lower() == b"content-length" else None
