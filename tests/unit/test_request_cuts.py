"""However the bytes of a connection are cut, llhttp reads the same requests from them."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpRequestParser
from aiohttp.http_exceptions import HttpProcessingError
from hypothesis import given
from hypothesis import strategies as st

from adapters.request_lines import RequestLines

LIMIT = 1024
GET = b"GET /sendsms.aspx?msg=Hej HTTP/1.1\r\nHost: gw\r\n\r\n"
RAW = b"GET /sendsms.aspx?msg=Hej d\xe5 HTTP/1.1\r\nHost: gw\r\nAccept: */*\r\n\r\n"
OLD = b"GET /sendsms.aspx?msg=a b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
POST = b"POST /api/sms/send HTTP/1.1\r\nHost: gw\r\ncontent-length: %d\r\n\r\n%b"
CHUNKED = b"POST / HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
LONG = b"GET /?x=" + b"x" * LIMIT + b" HTTP/1.1\r\nHost: gw\r\n\r\n"
SMUGGLED = POST % (len(RAW), RAW)  # a body that looks like a request stays a body
PLAIN = [GET, RAW, OLD, POST % (0, b""), POST % (6, b"\r\n\r\n\r\n"), SMUGGLED, b"\r\n"]
LAST = [
    b"",
    GET[:-3],
    CHUNKED,
    CHUNKED + GET,
    LONG,
    LONG + GET,
    b"GET /a b HTTP/1.1\r\n\r\n" + RAW,
    b"\x16\x03\x01",
]

Read = tuple[str, str, tuple[tuple[bytes, bytes], ...], bytes]


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def parse(loop: asyncio.AbstractEventLoop, received: Iterable[bytes]) -> tuple[list[Read], bool]:
    """The requests that llhttp is led to read, and whether it refused what came after them."""
    lines = RequestLines(max_line_bytes=LIMIT)
    parser = HttpRequestParser(BaseProtocol(loop), loop, 2**16, max_line_size=2 * LIMIT)
    messages, refused = [], False
    for data in received:
        while data and not refused:
            part, data = lines.take(data)
            try:
                messages += parser.feed_data(part)[0]
            except HttpProcessingError:
                refused = True
    return [(m.method, m.path, m.raw_headers, body.read_nowait()) for m, body in messages], refused


def cut(sent: bytes, places: Sequence[int]) -> list[bytes]:
    ends = sorted(places)
    return [sent[start:end] for start, end in zip([0, *ends], [*ends, len(sent)], strict=True)]


@pytest.mark.parametrize("last", LAST)
def test_a_cut_at_any_byte_makes_no_difference(loop: asyncio.AbstractEventLoop, last: bytes) -> None:
    sent = b"".join(PLAIN) + last
    whole = parse(loop, [sent])
    assert len(whole[0]) >= len(PLAIN) - 1
    for place in range(len(sent)):
        assert parse(loop, cut(sent, [place])) == whole, place
    assert parse(loop, (sent[place : place + 1] for place in range(len(sent)))) == whole


@given(st.lists(st.sampled_from(PLAIN)), st.sampled_from(LAST), st.data())
def test_any_cuts_make_no_difference(
    loop: asyncio.AbstractEventLoop, plain: list[bytes], last: bytes, data: st.DataObject
) -> None:
    sent = b"".join(plain) + last
    places = data.draw(st.lists(st.integers(0, len(sent)), max_size=8))
    assert parse(loop, cut(sent, places)) == parse(loop, [sent])


def test_pipelined_requests_are_read_as_they_were_meant(loop: asyncio.AbstractEventLoop) -> None:
    read, refused = parse(loop, [RAW + SMUGGLED + OLD + CHUNKED + RAW])
    assert [(path, body) for _, path, _, body in read] == [
        ("/sendsms.aspx?msg=Hej%20d%E5", b""),
        ("/api/sms/send", RAW),
        ("/sendsms.aspx?msg=a%20b", b""),
        ("/", b"abc"),
    ]
    assert refused  # a raw line, where a line might not begin


def test_a_whole_request_is_one_part() -> None:
    for request in (GET, RAW, SMUGGLED):
        part, left = RequestLines(max_line_bytes=LIMIT).take(request + GET)
        assert part.endswith(request[-10:])
        assert left == GET


def test_a_head_does_not_share_the_fate_of_a_body_that_may_be_malformed() -> None:
    head, end, body = CHUNKED.partition(b"\r\n\r\n")
    assert RequestLines(max_line_bytes=LIMIT).take(CHUNKED) == (head + end, body)
