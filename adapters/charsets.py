"""How the bytes of old callers become text: as they declare, else UTF-8, else windows-1252.

Nothing fails and nothing becomes a question mark, which the old platform made of it (asmx-facts 2.28, 2.49).
"""

import codecs
import re
from functools import lru_cache

# Names that clients write. A closed table: Python's own look-up knows codecs that are no charsets (zip, idna), and
# remembers every name it was ever asked for. ISO-8859-1 is read as its superset windows-1252, as browsers do;
# us-ascii is missing since UTF-8 is its superset.
CODEC_BY_CHARSET = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32": "utf-32",
    "utf-32le": "utf-32-le",
    "utf-32be": "utf-32-be",
    # What else programs on European machines declare, those of DOS and the Macintosh among them.
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
    **{f"windows-{page}": f"cp{page}" for page in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)},
    **{f"ibm{page}": f"cp{page}" for page in (437, 850, 852, 858, 865, 866)},
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "macintosh": "mac-roman",
    # And elsewhere.
    "big5": "big5",
    "euc-jp": "euc-jp",
    "euc-kr": "euc-kr",
    "gb18030": "gb18030",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift-jis": "shift-jis",
}

_CODEC_BY_MARK = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16: its mark begins with the same two bytes
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_MARKS = tuple(_CODEC_BY_MARK)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^;\"'\s]+)", re.IGNORECASE)
# Five bytes mean nothing in windows-1252; ISO-8859-1 gives them their number.
_WINDOWS_1252 = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256))


def codec_named(charset: str | None) -> str | None:
    """Python's codec for a charset; None where none is named, or one that nobody knows."""
    return CODEC_BY_CHARSET.get(charset.lower().replace("_", "-")) if charset else None


@lru_cache(maxsize=128)  # a program writes the same one with every call
def codec_of(content_type: str | None) -> str | None:
    """Python's codec for the charset in a Content-Type; None where it names none, or one that nobody knows."""
    found = _CHARSET.search(content_type or "")
    return codec_named(found[1]) if found else None


def codec_of_mark(raw: bytes) -> str | None:
    """Python's codec for the byte order mark that a document opens with; decoding with it drops the mark."""
    if not raw.startswith(_MARKS):
        return None
    return next(codec for mark, codec in _CODEC_BY_MARK.items() if raw.startswith(mark))


def decode(raw: bytes, codec: str | None = None) -> str:
    """The text: by `codec` where that fits, else as UTF-8 where that fits, else as windows-1252."""
    for candidate in (codec or "utf-8", "utf-8"):
        try:
            return raw.decode(candidate)
        except UnicodeDecodeError:
            continue
    return codecs.charmap_decode(raw, "strict", _WINDOWS_1252)[0]
