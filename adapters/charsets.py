"""How the bytes of old callers become text: as they declare, else UTF-8, else windows-1252.

Nothing fails and nothing becomes a question mark, which the old platform made of it (asmx-facts 2.28, 2.49).
"""

import codecs
import re

# Names that clients write. A closed table: Python's own look-up knows codecs that are no charsets (zip, idna), and
# remembers every name it was ever asked for. ISO-8859-1 is read as its superset windows-1252, as browsers do.
CODEC_BY_CHARSET = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "iso-8859-15": "iso8859-15",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}

_CODEC_BY_BOM = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^;\"'\s]+)", re.IGNORECASE)
# Five bytes mean nothing in windows-1252; ISO-8859-1 gives them their number.
_WINDOWS_1252 = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256))


def codec_of(content_type: str | None) -> str | None:
    """Python's codec for the charset in a Content-Type; None where it names none, or one that nobody knows."""
    found = _CHARSET.search(content_type or "")
    return CODEC_BY_CHARSET.get(found[1].lower()) if found else None


def codec_of_mark(raw: bytes) -> str | None:
    """Python's codec for the byte order mark that a document opens with; decoding with it drops the mark."""
    return next((codec for mark, codec in _CODEC_BY_BOM if raw.startswith(mark)), None)


def decode(raw: bytes, codec: str | None = None) -> str:
    """The text: by `codec` where that fits, else as UTF-8 where that fits, else as windows-1252."""
    for candidate in (codec or "utf-8", "utf-8"):
        try:
            return raw.decode(candidate)
        except UnicodeDecodeError:
            continue
    return codecs.charmap_decode(raw, "strict", _WINDOWS_1252)[0]
