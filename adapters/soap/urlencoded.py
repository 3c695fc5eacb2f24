"""Queries and forms as the platform read them (asmx-facts 2.39)."""

from urllib.parse import unquote_to_bytes

_FALLBACK = "cp1252"  # clients of the sister interface sent ISO-8859-1 (asmx-facts 1.12)


def split_query(query: bytes, encoding: str = "utf-8") -> tuple[frozenset[str], dict[str, str]]:
    """What stands without a value, and what has one; names in lower case, values of a double joined by commas."""
    keywords = set()
    values: dict[str, str] = {}
    for token in query.split(b"&"):
        name, found, value = token.partition(b"=")
        key = decode(name, encoding).lower()
        text = decode(value, encoding)
        if not found:
            keywords.add(key)
        else:
            values[key] = f"{values[key]},{text}" if key in values else text
    return frozenset(keywords), values


def decode(token: bytes, encoding: str = "utf-8") -> str:
    """Percent escapes and `+` undone; bytes that are not in `encoding` are read as windows-1252."""
    raw = unquote_to_bytes(token.replace(b"+", b" "))
    try:
        return raw.decode(encoding)
    except (LookupError, UnicodeError):
        return raw.decode(_FALLBACK, "replace")
