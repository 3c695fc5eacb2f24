"""Queries and forms as the old platform read them: bytes to text by name.

Facts
- Names compare without case; values of a repeated name are joined with a comma; `+` is a blank; `%uXXXX` is a
  UTF-16 unit; a token without `=` has no name (asmx-facts 2.39). A broken escape stands for itself.
- Text is UTF-8 from some clients and ISO-8859-1 from others (1.12). A form's content type may name its charset
  (2.49). Plain ASCII means itself in every charset, UTF-16 too: programs escape what is not, or write 8-bit bytes.
- NUL is dropped: no SMS can carry one.
"""

import re
from collections.abc import Iterator, Sequence
from typing import AnyStr
from urllib.parse import unquote_to_bytes

from adapters import charsets
from gateway.domain.errors import BadParameter

FORM = "application/x-www-form-urlencoded"
MAX_PARAMETERS = 1000  # the platform's own limit on the names of one request (aspnet:MaxHttpCollectionKeys)

_UTF16_ESCAPE = re.compile(rb"%u([0-9A-Fa-f]{4})")
_BOUNDARY = re.compile(r";\s*boundary\s*=\s*\"?([^;\"]{1,70})", re.IGNORECASE)
_PART_NAME = re.compile(rb";\s*name=\"?([^\";\r\n]+)", re.IGNORECASE)


def parse(raw: bytes, codec: str | None = None) -> dict[str, str]:
    """The values of a query string or an urlencoded form, by lower-case name.

    `codec` is Python's, None where nobody named a charset. Raises BadParameter beyond MAX_PARAMETERS.
    """
    pairs = parse_pairs(raw, codec)
    found = dict(pairs)
    return found if len(found) == len(pairs) else _join(pairs)


def parse_pairs(raw: bytes, codec: str | None = None) -> list[tuple[str, str]]:
    """The same as they stand: each lower-case name with its one value."""
    # ISO-8859-1 has a letter for every byte, and gives the bytes back.
    text = raw.replace(b"+", b" ").decode("iso-8859-1")
    is_plain = text.isascii() and "\0" not in text
    pairs = []
    for token in _split(text, "&"):
        name, equals, value = token.partition("=")
        if not equals:
            continue
        if "%" in token or not is_plain:
            name, value = _unescape(name, None), _unescape(value, codec)
        pairs.append((name.lower(), value))
    return pairs


def _join(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    values_by_name: dict[str, list[str]] = {}
    for name, value in pairs:
        values_by_name.setdefault(name, []).append(value)
    return {name: ",".join(values) for name, values in values_by_name.items()}


def parse_keywords(raw: bytes) -> frozenset[str]:
    """What stands in a query string without a value (`?wsdl`), in lower case. Raises BadParameter."""
    tokens = _split(raw.decode("iso-8859-1"), "&")
    return frozenset(_unescape(token, None).lower() for token in tokens if "=" not in token)


def parse_form(body: bytes, content_type: str | None, codec: str | None = None) -> dict[str, str]:
    """The values of a form, by lower-case name; none where the body is something else.

    `codec` serves where the content type names no charset. Raises BadParameter beyond MAX_PARAMETERS.
    """
    written = content_type or ""
    media_type = written.partition(";")[0].strip().lower()
    if media_type == FORM:
        return parse(body.rstrip(b"\r\n"), charsets.codec_of(written) or codec)
    boundary = _BOUNDARY.search(written) if media_type == "multipart/form-data" else None
    if boundary:
        delimiter = b"--" + boundary[1].encode("utf-8", "surrogateescape")
        return parse(b"&".join(_urlencoded(body, delimiter)), charsets.codec_of(written) or codec)
    return {}


def _urlencoded(body: bytes, delimiter: bytes) -> Iterator[bytes]:
    """The parts of a multipart form: what PHP's curl sends for an array, and the platform understood."""
    for part in _split(body, delimiter)[1:]:
        head, blank_line, value = part.partition(b"\r\n\r\n")
        name = _PART_NAME.search(head)
        if blank_line and name:
            yield _escape(name[1]).replace(b"=", b"%3D") + b"=" + _escape(value.removesuffix(b"\r\n"))


def _escape(raw: bytes) -> bytes:
    return raw.replace(b"%", b"%25").replace(b"+", b"%2B").replace(b"&", b"%26")


def _split(raw: AnyStr, separator: AnyStr) -> list[AnyStr]:
    # A multipart form has a piece before its parts, and one after them.
    pieces = raw.split(separator, MAX_PARAMETERS + 2)
    if len(pieces) > MAX_PARAMETERS + 2:
        raise BadParameter("request", f"has more than {MAX_PARAMETERS} parameters; list recipients in one `to`")
    return pieces


def _unescape(written: str, codec: str | None) -> str:
    """The characters between the escapes, and those of the UTF-16 units among them, surrogate pairs joined."""
    if "%" not in written and written.isascii():
        return written.replace("\0", "")
    runs = _UTF16_ESCAPE.split(written.encode("iso-8859-1"))
    text = "".join(
        [
            chr(int(run, 16)) if position % 2 else charsets.decode(unquote_to_bytes(run), codec)
            for position, run in enumerate(runs)
        ]
    )
    if len(runs) > 1:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", "")
