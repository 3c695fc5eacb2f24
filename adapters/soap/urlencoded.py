"""Queries and forms as the platform read them (asmx-facts 2.39)."""

from urllib.parse import unquote_to_bytes

from adapters import charsets

MAX_PARAMETERS = 1000  # the platform's own limit (aspnet:MaxHttpCollectionKeys)


def split_query(query: bytes, codec: str | None = None) -> tuple[frozenset[str], dict[str, str]]:
    """What stands without a value, and what has one; names in lower case, values of a double joined by commas.

    `codec` is Python's, None where nobody named a charset. After MAX_PARAMETERS nothing is told apart any more.
    """
    keywords = set()
    values: dict[str, str] = {}
    for token in query.split(b"&", MAX_PARAMETERS):
        name, found, value = token.partition(b"=")
        key = decode(name, codec).lower()
        text = decode(value, codec)
        if not found:
            keywords.add(key)
        else:
            values[key] = f"{values[key]},{text}" if key in values else text
    return frozenset(keywords), values


def decode(token: bytes, codec: str | None = None) -> str:
    """Percent escapes and `+` undone; NUL dropped (no SMS can carry one)."""
    return charsets.decode(unquote_to_bytes(token.replace(b"+", b" ")), codec).replace("\0", "")
