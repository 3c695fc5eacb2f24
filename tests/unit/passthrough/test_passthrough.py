"""The pass-through between a raw client and a raw server, so that every byte is seen."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from adapters.passthrough.routes import Passthrough, PassthroughSettings, choose_target
from adapters.server import CallerRunner
from gateway.config.addresses import ListenAddress
from gateway.domain.errors import BadParameter
from gateway.serving import listening
from tests.raw_server import Answer, answer, find_closed_port, hang, hang_up, reset, run_raw_server, send_raw


@asynccontextmanager
async def open_gateway(base_url: str, **changes: Any) -> AsyncIterator[int]:
    """A gateway that only passes through; its port."""
    app = web.Application(client_max_size=1024)
    async with Passthrough(PassthroughSettings(base_url=base_url, **changes)) as passthrough:
        app.add_routes(passthrough.routes())
        runner = CallerRunner(app, receive_timeout_seconds=60, answer_malformed=lambda _: web.Response(status=400))
        async with listening(runner, ListenAddress("127.0.0.1", 0)) as port:
            yield port


async def exchange(port: int, request: bytes) -> tuple[bytes, bytes]:
    """The head and body of the answer to one raw request, after which the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        async with asyncio.timeout(20):
            head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
        return head, body
    finally:
        writer.close()


def get(target: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: gw.example", "Connection: close", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def forward(request: bytes, given: Answer | None = None) -> tuple[bytes, bytes, bytes]:
    """What the upstream was asked, and the head and body of what came back."""
    async with run_raw_server(given or answer()) as server, open_gateway(server.url) as port:
        head, body = await exchange(port, request)
        return server.requests[0], head, body


@pytest.mark.parametrize(
    "target",
    [
        "/api/me",
        "/v2/batches?start=0&limit=50&order=DESC",
        "/api/sms/sent?from[0]=+46&text=%e5%C3%A5%2B%20+%u20AC&empty=",
        "/v2/a%2Fb//c;d=1,2/%7Bx%7D",
        "/v2/me/senders/iP1?x='\"<>",
    ],
)
async def test_path_and_query_keep_their_bytes(target: str) -> None:
    asked, _, _ = await forward(get(target))
    assert asked.split(b"\r\n")[0] == f"GET {target} HTTP/1.1".encode()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"])
async def test_every_method_is_passed_through(method: str) -> None:
    asked, _, _ = await forward(get("/v2/me", method=method))
    assert asked.startswith(f"{method} /v2/me ".encode())


async def test_headers_and_body_are_passed_through_unchanged() -> None:
    body = b'{"sender": "iP1", \xff}'
    asked, _, _ = await forward(
        get(
            "/v2/batches",
            "Authorization: Bearer t",
            "Content-Type: application/json; x=y",
            "X-Own: 1",
            "X-Own: 2",
            method="POST",
            body=body,
        )
    )
    head, _, sent = asked.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert sent == body
    for line in (b"Authorization: Bearer t", b"Content-Type: application/json; x=y", b"X-Own: 1", b"X-Own: 2"):
        assert line in lines
    assert f"Content-Length: {len(body)}".encode() in lines


async def test_what_concerns_one_connection_only_stays_behind() -> None:
    asked, _, _ = await forward(
        get("/v2/me", "TE: trailers", "X-Mine: 1", "Connection: X-Mine", "Keep-Alive: 9", "Proxy-Authorization: x")
    )
    head = asked.lower()
    assert b"host: 127.0.0.1:" in head
    for name in (b"gw.example", b"\r\nte:", b"x-mine", b"keep-alive: 9", b"proxy-authorization"):
        assert name not in head


async def test_nothing_is_added_to_what_the_caller_says_of_himself() -> None:
    asked, _, _ = await forward(get("/v2/me"))
    for name in (b"user-agent", b"accept", b"content-type", b"cookie"):
        assert name not in asked.lower()


async def test_the_answer_comes_back_as_it_is() -> None:
    packed = gzip.compress(b'{"a": 1}')
    given = answer(
        "418 Short and stout",
        packed,
        "Content-Encoding: gzip",
        "Content-Type: text/odd",
        "Set-Cookie: a=1",
        "Set-Cookie: b=2",
        'Link: <https://api.ip1sms.com/v2/batches?start=50>; rel="next"',
        "Keep-Alive: timeout=9",
    )
    _, head, body = await forward(get("/v2/me"), given)
    lines = head.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 418 Short and stout"
    assert body == packed
    for line in (b"Content-Encoding: gzip", b"Content-Type: text/odd", b"Set-Cookie: a=1", b"Set-Cookie: b=2"):
        assert line in lines
    assert b'Link: <https://api.ip1sms.com/v2/batches?start=50>; rel="next"' in lines
    assert b"timeout=9" not in head


async def test_a_redirect_goes_back_to_the_caller() -> None:
    _, head, _ = await forward(get("/v2/me"), answer("302 Found", b"", "Location: http://elsewhere.invalid/"))
    assert head.startswith(b"HTTP/1.1 302 Found\r\n")
    assert b"Location: http://elsewhere.invalid/" in head


async def test_a_cookie_of_one_caller_does_not_reach_the_next() -> None:
    given = answer("200 OK", b"", "Set-Cookie: session=one; Path=/")
    async with run_raw_server(given) as server, open_gateway(server.url) as port:
        await exchange(port, get("/v2/me"))
        await exchange(port, get("/v2/me"))
        assert b"session=one" not in server.requests[1]


async def test_a_head_request_keeps_the_length_it_asked_for() -> None:
    given = send_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nContent-Type: a/b\r\n\r\n")
    _, head, body = await forward(get("/v2/me", method="HEAD"), given)
    assert b"Content-Length: 1234" in head
    assert body == b""


async def test_a_packed_request_stays_packed() -> None:
    packed = gzip.compress(b'{"sender": "iP1"}')
    asked, _, _ = await forward(get("/v2/batches", "Content-Encoding: gzip", method="POST", body=packed))
    assert b"content-encoding: gzip" in asked.lower()
    assert asked.endswith(packed)


async def test_a_chunked_body_is_passed_through() -> None:
    request = get("/v2/batches", "Transfer-Encoding: chunked", method="POST") + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    asked, _, _ = await forward(request)
    assert b"abc" in asked
    assert b"de" in asked


# ---- where it goes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["http://elsewhere.invalid/v2/me?x=1", "https://user:pw@elsewhere.invalid/v2/me?x=1"]
)
async def test_an_absolute_target_does_not_choose_the_host(target: str) -> None:
    asked, _, _ = await forward(get(target))
    assert asked.startswith(b"GET /v2/me?x=1 HTTP/1.1\r\nHost: 127.0.0.1:")


@pytest.mark.parametrize(
    ("raw_path", "expected"),
    [
        ("//elsewhere.invalid/v2/me", "//elsewhere.invalid/v2/me"),
        ("http://elsewhere.invalid", "/"),
        ("/v2/\udce5", "/v2/%E5"),
        ("/v2/å b", "/v2/%C3%A5%20b"),
        ("/v2/a..b/...", "/v2/a..b/..."),
        ("/v2/me?next=../..", "/v2/me?next=../.."),
        ("@elsewhere.invalid/v2", "/"),
    ],
)
def test_a_target_always_stays_behind_the_host(raw_path: str, expected: str) -> None:
    assert choose_target(raw_path) == expected


@pytest.mark.parametrize(
    "raw_path",
    [
        "/api/../admin",
        "/api/%2e%2e/admin",
        "/api/.%2E/x",
        "/api/..%2fadmin",
        "/api/..\\admin",
        "/api/./x",
        "/api/..",
    ],
)
def test_a_path_that_could_leave_the_base_is_refused(raw_path: str) -> None:
    with pytest.raises(BadParameter):
        choose_target(raw_path)


async def test_a_path_that_could_leave_the_base_is_answered_400() -> None:
    async with run_raw_server(answer()) as server, open_gateway(server.url + "/base") as port:
        head, body = await exchange(port, get("/api/..%2f..%2fadmin"))
    assert head.startswith(b"HTTP/1.1 400 ")
    assert "Message" in json.loads(body)
    assert not server.requests


# ---- when it fails -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [reset, hang_up, send_raw(b"garbage\r\n\r\n")])
async def test_an_answer_that_is_lost_is_502(given: Answer) -> None:
    _, head, body = await forward(get("/v2/batches", method="POST", body=b"{}"), given)
    assert head.startswith(b"HTTP/1.1 502 ")
    assert json.loads(body)["Message"]


async def test_a_silent_upstream_is_502() -> None:
    async with run_raw_server(hang) as server, open_gateway(server.url, silence_seconds=0.2) as port:
        head, _ = await exchange(port, get("/v2/me"))
    assert head.startswith(b"HTTP/1.1 502 ")


async def test_an_upstream_that_is_down_is_503() -> None:
    async with open_gateway(f"http://127.0.0.1:{find_closed_port()}") as port:
        head, body = await exchange(port, get("/v2/me"))
    assert head.startswith(b"HTTP/1.1 503 ")
    assert json.loads(body)["Message"]


async def test_a_post_is_never_repeated() -> None:
    async with run_raw_server(answer(), hang_up) as server, open_gateway(server.url) as port:
        await exchange(port, get("/v2/me"))
        await exchange(port, get("/v2/batches", method="POST", body=b"{}"))
        assert len(server.requests) == 2


async def test_an_answer_that_breaks_off_breaks_off_for_the_caller_too() -> None:
    half = send_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    async with run_raw_server(half) as server, open_gateway(server.url) as port:
        try:
            head, body = await exchange(port, get("/v2/me"))
        except ConnectionError:
            return
    assert b"Content-Length: 100" in head
    assert len(body) < 100


async def test_a_chunked_answer_that_breaks_off_does_not_look_whole() -> None:
    half = send_raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
    async with run_raw_server(half) as server, open_gateway(server.url) as port:
        try:
            _, body = await exchange(port, get("/v2/me"))
        except ConnectionError:
            return
    assert b"\r\n0\r\n" not in body


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_body_over_the_limit_is_413(is_chunked: bool) -> None:
    if is_chunked:
        part = b"400\r\n" + b"x" * 1024 + b"\r\n"
        request = get("/v2/batches", "Transfer-Encoding: chunked", method="POST") + part * 8 + b"0\r\n\r\n"
    else:
        request = get("/v2/batches", method="POST", body=b"x" * 8192)
    async with run_raw_server(answer()) as server, open_gateway(server.url, limit_bytes=4096) as port:
        head, _ = await exchange(port, request)
    assert head.startswith(b"HTTP/1.1 413 ")


async def test_a_body_larger_than_the_gateway_reads_itself_is_streamed() -> None:
    asked, head, _ = await forward(get("/v2/batches", method="POST", body=b"x" * 300_000))
    assert head.startswith(b"HTTP/1.1 200 ")
    assert asked.endswith(b"x" * 300_000)


async def test_an_answer_over_the_limit_is_broken_off() -> None:
    given = answer("200 OK", b"x" * 200_000)
    async with run_raw_server(given) as server, open_gateway(server.url, limit_bytes=4096) as port:
        try:
            _, body = await exchange(port, get("/v2/me"))
        except ConnectionError:
            return
    assert len(body) < 200_000
