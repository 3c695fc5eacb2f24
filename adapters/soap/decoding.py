"""From the bytes of a request to XML in UTF-8, whatever its writer believed it had sent.

Facts
- The platform let a byte order mark override the charset of the Content-Type, and that the XML declaration;
  without either it read US-ASCII and lost every other letter (asmx-facts 2.28). Here the order is mark, charset,
  declaration, UTF-8, windows-1252; what cannot be decoded so is not what was meant, and the next is tried.
- Axis 1.4 writes an emoji as references to the two halves of a surrogate pair (2.59), which XML forbids: they are
  joined.
"""

import re

from adapters import charsets

# How a document that begins with "<" looks in two-byte units without a mark (XML 1.0, appendix F).
_UNMARKED = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))

_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_DECLARATION_BYTES = 200


def to_utf8(body: bytes, charset: str | None) -> bytes:
    """The document in UTF-8, without a byte order mark. Its XML declaration may still name another encoding."""
    marked = charsets.codec_of_mark(body)
    if marked is not None:
        return body.decode(marked, "replace").encode("utf-8")
    try:
        return body.decode(charsets.codec_named(charset) or _codec_by_look(body)).encode("utf-8")
    except UnicodeDecodeError:
        return charsets.decode(body, _codec_by_look(body)).encode("utf-8")


def join_surrogates(document: bytes) -> bytes:
    """The document with every pair of references to surrogates in the place of the one that was meant."""
    return _SURROGATE_PAIR.sub(_join_pair, document)


def _join_pair(pair: re.Match[bytes]) -> bytes:
    high, low = (int(unit, 16) for unit in pair.groups())
    return b"&#x%X;" % (0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00))


_SURROGATE_PAIR = re.compile(rb"&#x(D[89AB][0-9A-F]{2});&#x(D[C-F][0-9A-F]{2});", re.IGNORECASE)


def _codec_by_look(body: bytes) -> str:
    """What the document itself says of its encoding."""
    for start, codec in _UNMARKED:
        if body.startswith(start):
            return codec
    found = _DECLARED.match(body, 0, _DECLARATION_BYTES)
    declared = charsets.codec_named(found[1].decode("ascii")) if found else None
    # An 8-bit document that declares UTF-16 was printed from a .NET string, whose declaration says so.
    return declared if declared and not declared.startswith(("utf-16", "utf-32")) else "utf-8"
