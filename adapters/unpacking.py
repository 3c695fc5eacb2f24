"""Bodies that come packed (Content-Encoding), within bounds: a gzip of 100 KB can hold 100 MB."""

import zlib
from typing import Final

from gateway.domain.errors import BadParameter, TooLarge

_GZIP: Final = 16 + zlib.MAX_WBITS
_PLAIN: Final = frozenset({"", "identity"})
_PACKED: Final = frozenset({"gzip", "x-gzip", "deflate"})


def unpack(body: bytes, encoding: str, *, limit_bytes: int) -> bytes:
    """The body as it was before it was packed. Raises TooLarge beyond the limit, BadParameter."""
    name = encoding.strip().lower()
    if name in _PLAIN:
        return body
    if name not in _PACKED:
        raise BadParameter("request", "its Content-Encoding is not known here; send gzip, deflate or none")
    packed = zlib.decompressobj(_window_of(body, name))
    try:
        unpacked = packed.decompress(body, limit_bytes + 1)
    except zlib.error as error:
        raise BadParameter("request", "its body is not packed as its Content-Encoding says") from error
    if len(unpacked) > limit_bytes:
        raise TooLarge("the request is too large when unpacked; send fewer recipients at a time")
    if not packed.eof:
        raise BadParameter("request", "its body ends before what is packed in it does")
    return unpacked


def _window_of(body: bytes, name: str) -> int:
    """zlib's name for a format. Some programs send deflate without the header that RFC 9110 (8.4.1.2) asks for."""
    if name != "deflate":
        return _GZIP
    return zlib.MAX_WBITS if body[:1] and body[0] & 0x0F == zlib.DEFLATED else -zlib.MAX_WBITS
