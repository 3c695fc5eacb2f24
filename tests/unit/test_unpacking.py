"""Packed bodies."""

import gzip
import tracemalloc
import zlib

import pytest

from adapters.unpacking import unpack
from gateway.domain.errors import BadParameter, TooLarge

LIMIT = 1024 * 1024
TEXT = b"<sms>Hej p\xc3\xa5 dig</sms>" * 100


def deflate_without_header(data: bytes) -> bytes:
    packed = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packed.compress(data) + packed.flush()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (gzip.compress(TEXT), "gzip"),
        (gzip.compress(TEXT), " GZip "),
        (gzip.compress(TEXT), "x-gzip"),
        (zlib.compress(TEXT), "deflate"),
        (deflate_without_header(TEXT), "deflate"),
    ],
)
def test_bodies_are_unpacked(body: bytes, encoding: str) -> None:
    assert unpack(body, encoding, limit_bytes=LIMIT) == TEXT


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (TEXT, "gzip"),
        (TEXT, "deflate"),
        (b"", "gzip"),
        (gzip.compress(TEXT)[:-9], "gzip"),
        (TEXT, "br"),
        (gzip.compress(gzip.compress(TEXT)), "gzip, gzip"),
    ],
)
def test_what_cannot_be_unpacked_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(BadParameter):
        unpack(body, encoding, limit_bytes=LIMIT)


def test_a_body_as_large_as_permitted_is_unpacked() -> None:
    assert len(unpack(gzip.compress(bytes(LIMIT)), "gzip", limit_bytes=LIMIT)) == LIMIT


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_a_bomb_costs_no_more_memory_than_is_permitted(name: str) -> None:
    content = bytes(100 * LIMIT)
    bomb = gzip.compress(content) if name == "gzip" else zlib.compress(content)
    del content
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            unpack(bomb, name, limit_bytes=LIMIT)
        assert tracemalloc.get_traced_memory()[1] < 4 * LIMIT
    finally:
        tracemalloc.stop()
