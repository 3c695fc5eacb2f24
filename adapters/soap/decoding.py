"""From the bytes of a request to XML in UTF-8, whatever its writer believed it had sent.

Facts
- The platform let a byte order mark override the charset of the Content-Type, and that the XML declaration;
  without either it read US-ASCII and lost every other letter (asmx-facts 2.28). Here the order is mark, charset,
  declaration, UTF-8, windows-1252; what cannot be decoded so is not what was meant, and the next is tried.
- Axis 1.4 writes an emoji as references to the two halves of a surrogate pair (2.59), which XML forbids: they are
  joined.
- ISO-8859-1 is read as windows-1252, which has the same letters and more (the euro sign), as browsers do.
"""

import codecs
import re
from collections.abc import Iterator

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# How a document that begins with "<" looks in two-byte units without a mark (XML 1.0, appendix F).
_UNMARKED = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))

_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_DECLARATION_BYTES = 200


def to_utf8(body: bytes, charset: str | None) -> bytes:
    """The document in UTF-8, without a byte order mark. Its XML declaration may still name another encoding."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace").encode("utf-8")
    for encoding in _candidates(body, charset):
        try:
            text = body.decode(encoding)
        except (LookupError, UnicodeError):
            continue
        return body if encoding == "utf-8" else text.encode("utf-8", "replace")
    return body.decode("latin-1").encode("utf-8")


def join_surrogates(document: bytes) -> bytes:
    """The document with every pair of references to surrogates in the place of the one that was meant."""
    return _SURROGATE_PAIR.sub(_join_pair, document)


def _join_pair(pair: re.Match[bytes]) -> bytes:
    high, low = (int(unit, 16) for unit in pair.groups())
    return b"&#x%X;" % (0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00))


_SURROGATE_PAIR = re.compile(rb"&#x(D[89AB][0-9A-F]{2});&#x(D[C-F][0-9A-F]{2});", re.IGNORECASE)


def _candidates(body: bytes, charset: str | None) -> Iterator[str]:
    written = _known(charset)
    if written:
        yield written
    for start, encoding in _UNMARKED:
        if body.startswith(start):
            yield encoding
    found = _DECLARED.match(body, 0, _DECLARATION_BYTES)
    declared = _known(found[1].decode("ascii")) if found else None
    # An 8-bit document that declares UTF-16 was printed from a .NET string, whose declaration says so.
    if declared and not declared.startswith(("utf-16", "utf-32")):
        yield declared
    yield "utf-8"
    yield "cp1252"


def _known(charset: str | None) -> str | None:
    """Python's name of an encoding; None where none is named, or one that is unknown."""
    try:
        name = codecs.lookup(charset or "").name
    except (LookupError, ValueError):
        return None
    return _READ_AS.get(name, name)


_READ_AS = {
    "iso8859-1": "cp1252",
    # No encodings of documents, and slow on long ones.
    "idna": None,
    "punycode": None,
}
