"""Request lines, found and mended in the bytes of a connection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.request_lines import MAX_HEAD_BYTES, RequestLines, mend

LIMIT = 4096
GET = b"GET /sendsms.aspx?msg=Hej HTTP/1.1\r\nHost: gw\r\n\r\n"
RAW = b"GET /sendsms.aspx?msg=Hej d\xe5 HTTP/1.1\r\nHost: gw\r\n\r\n"
MENDED = b"GET /sendsms.aspx?msg=Hej%20d%E5 HTTP/1.1\r\nHost: gw\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: gw\r\ncontent-length: %d\r\n\r\n%b"
CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"


def take_all(lines: RequestLines, *received: bytes) -> list[bytes]:
    """The parts that the parser is given when these bytes come in one after the other."""
    parts = []
    for data in received:
        while data:
            part, data = lines.take(data)
            parts.append(part)
    return [part for part in parts if part]


def feed(*received: bytes) -> bytes:
    return b"".join(take_all(RequestLines(max_line_bytes=LIMIT), *received))


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        (b"GET /a?b=c d e HTTP/1.1\r\n", b"GET /a?b=c%20d%20e HTTP/1.1\r\n"),
        (b"GET /a?b=\xc3\xa5\xe5 HTTP/1.0\r\n", b"GET /a?b=%C3%A5%E5 HTTP/1.0\r\n"),
        (b"GET http://h/a?b=\xe5 HTTP/1.1\r\n", b"GET http://h/a?b=%E5 HTTP/1.1\r\n"),
        (b"GET /a?b=%e5+?#\xe5 HTTP/1.1\r\n", b"GET /a?b=%e5+?#%E5 HTTP/1.1\r\n"),
        (b"GET /a?b=HTTP/1.1 c HTTP/1.1\r\n", b"GET /a?b=HTTP/1.1%20c HTTP/1.1\r\n"),
    ],
)
def test_blanks_and_letters_of_a_query_are_escaped(line: bytes, mended: bytes) -> None:
    assert mend(line) == mended


@pytest.mark.parametrize(
    "line",
    [
        b"GET /a?b=c%20d+e HTTP/1.1\r\n",
        b"GET /a b HTTP/1.1\r\n",
        b"GET /\xe5 HTTP/1.1\r\n",
        b"GET /a?b=c d\r\n",
        b"GET /a?b=c d HTTP/1.1\n",
        b"\r\n",
    ],
)
def test_any_other_line_stays_as_it_is(line: bytes) -> None:
    assert mend(line) == line


def test_control_bytes_are_not_escaped() -> None:
    assert mend(b"GET /a?b=c\x01 d HTTP/1.1\r\n") == b"GET /a?b=c\x01%20d HTTP/1.1\r\n"


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"\r\n\r\n",
        b"\r\n\r",
        b"GET /\r\n\r\n",
        GET,
        RAW,
        b"GET / HTTP/1.0\r\n\r\n",
        POST % (0, b""),
        POST % (len(RAW), RAW),
        POST % (3, b"abc") + GET,
    ],
)
@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_lines_are_found_however_the_bytes_arrive(before: bytes, size: int) -> None:
    sent = before + RAW
    parts = [sent[start : start + size] for start in range(0, len(sent), size)]
    assert feed(*parts) == before.replace(RAW, MENDED, 1 if before == RAW else 0) + MENDED


@pytest.mark.parametrize(
    "before",
    [
        CHUNKED,
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na",
        b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na",
        b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\na",
        b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
        b"CONNECT gw:80 HTTP/1.1\r\n\r\n",
        b"\rCONNECT gw:80 HTTP/1.1\r\n\r\n",
        b"GET /\nX: y\r\n\r\n",
        b"\x16\x03\x01\r\n",
    ],
)
def test_nothing_is_changed_where_a_line_might_not_begin(before: bytes) -> None:
    assert feed(before, RAW) == before + RAW


def test_a_body_is_never_changed() -> None:
    sent = POST % (len(RAW) * 2, RAW * 2)
    assert feed(sent) == sent


def test_a_line_that_is_too_long_is_refused_at_the_end_of_its_head() -> None:
    lines = RequestLines(max_line_bytes=LIMIT)
    assert take_all(lines, b"GET /sendsms.aspx?msg=" + b"x" * 10 * LIMIT) == []
    assert LIMIT < len(lines.held) < 2 * LIMIT
    assert take_all(lines, b"x HTTP/1.1\r\nHost: gw\r\n") == []
    assert take_all(lines, b"\r\n") == [b"\0"]
    assert lines.path == b"GET /sendsms.aspx"


def test_a_line_that_is_too_long_is_refused_in_one_piece_too() -> None:
    assert feed(GET + GET.replace(b"Hej", b"x" * LIMIT)) == GET + b"\0"


def test_a_head_counts_as_begun_until_it_is_complete() -> None:
    lines = RequestLines(max_line_bytes=LIMIT)
    seen = []
    for byte in GET + POST % (1, b"a"):
        take_all(lines, bytes([byte]))
        seen.append(bool(lines.held))
    post = len(POST % (1, b""))
    assert seen == [True] * (len(GET) - 1) + [False] + [True] * (post - 1) + [False] * 2


def test_no_part_reaches_over_the_end_of_a_message() -> None:
    post = POST % (3, b"abc")
    parts = take_all(RequestLines(max_line_bytes=LIMIT), GET + post + GET)
    whole = b""
    ends = set()
    for part in parts:
        whole += part
        ends.add(len(whole))
    assert {len(GET), len(GET + post), len(GET + post + GET)} <= ends


def test_the_path_is_remembered_without_the_query() -> None:
    lines = RequestLines(max_line_bytes=LIMIT)
    for sent, path in [
        (GET, b"GET /sendsms.aspx"),
        (b"get /b?c", b"get /b"),
    ]:
        assert take_all(lines, sent)
        assert lines.path == path


def test_the_path_is_not_kept_at_length() -> None:
    lines = RequestLines(max_line_bytes=LIMIT)
    assert take_all(lines, b"GET /" + b"a" * 10 * LIMIT, b"\r\n\r\n") == [b"\0"]
    assert lines.path == b"GET /" + b"a" * 251


def test_a_head_without_an_end_is_not_kept() -> None:
    lines = RequestLines(max_line_bytes=LIMIT)
    received = [GET[:-2], b"X: y\r\n" * MAX_HEAD_BYTES]
    assert take_all(lines, *received) == [b"".join(received)]
    assert not lines.held


@given(st.lists(st.binary(max_size=80)))
def test_bytes_are_never_lost_or_reordered(parts: list[bytes]) -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n"
    sent = b"".join(head % len(part) + part for part in parts)
    assert feed(*(sent[start : start + 13] for start in range(0, len(sent), 13))) == sent


@given(
    st.lists(st.sampled_from([GET, RAW, CHUNKED, POST % (3, b"a\r\n"), b"\r\n", b"\n", b"\x00", b" "])), st.data()
)
def test_the_way_bytes_arrive_makes_no_difference(pieces: list[bytes], data: st.DataObject) -> None:
    sent = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=5)))
    parts = [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    whole, cut = feed(sent), feed(*parts)
    assert whole == cut
