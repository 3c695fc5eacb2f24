"""Answers in one piece, beside those that aiohttp writes."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from adapters.responses import WholeResponse
from adapters.server import CallerRunner
from gateway.config.addresses import ListenAddress
from gateway.serving import listening
from tests import wire
from tests.wire import request

HEADERS = {"Content-Type": "text/plain; charset=utf-8", "X-Share": "100 %d %"}
CLOSE = "Connection: close"
STAY = "Connection: keep-alive"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """`/ours` and `/theirs` answer the same, with the status and the body that the path ends with."""

    def status_and_body(call: web.Request) -> tuple[int, bytes]:
        return int(call.match_info["status"]), call.match_info["body"].encode()

    async def answer_ours(call: web.Request) -> web.StreamResponse:
        status, body = status_and_body(call)
        return WholeResponse(status=status, body=body, headers=HEADERS)

    async def answer_theirs(call: web.Request) -> web.StreamResponse:
        status, body = status_and_body(call)
        return web.Response(status=status, body=body, headers=HEADERS)

    async def answer_created(call: web.Request) -> web.StreamResponse:
        return WholeResponse(status=201, body=b"", headers=HEADERS, location=call.query["at"])

    async def answer_two_headers(_call: web.Request) -> web.StreamResponse:
        return WholeResponse(body=b"", headers={"Location": "/a\r\nSet-Cookie: b=c"})

    app = web.Application()
    app.router.add_route("*", "/ours/{status}/{body:.*}", answer_ours)
    app.router.add_route("*", "/theirs/{status}/{body:.*}", answer_theirs)
    app.router.add_get("/created", answer_created)
    app.router.add_get("/two-headers", answer_two_headers)
    refusal = web.Response(status=400)
    runner = CallerRunner(app, receive_timeout_seconds=60, answer_malformed=lambda _: refusal)
    async with listening(runner, ListenAddress("127.0.0.1", 0)) as port:
        yield f"http://127.0.0.1:{port}"


async def read_all(url: str, *sent: bytes) -> list[bytes]:
    """The lines that come back until the other side hangs up, without the time."""
    async with wire.connect(url) as connection:
        await connection.send(*sent)
        received = await connection.reader.read()
    return [b"Date:" if line.startswith(b"Date: ") else line for line in received.split(b"\r\n")]


@pytest.mark.parametrize("path", ["200/Hej", "200/", "404/Hej", "503/p%C3%A5", "599/Hej", "201/%25s"])
@pytest.mark.parametrize(
    ("version", "headers"),
    [("1.0", []), ("1.0", [STAY]), ("1.0", [CLOSE]), ("1.1", []), ("1.1", [CLOSE]), ("1.1", [STAY])],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
async def test_an_answer_is_what_aiohttp_would_write(
    url: str, method: str, version: str, headers: list[str], path: str
) -> None:
    last = request("/theirs/200/last", CLOSE)
    ours = await read_all(url, request(f"/ours/{path}", *headers, method=method, version=version), last)
    theirs = await read_all(url, request(f"/theirs/{path}", *headers, method=method, version=version), last)
    if method == "HEAD":  # aiohttp does not say that a body would be empty
        ours = [line for line in ours if line != b"Content-Length: 0"]
    assert ours == theirs
    assert ours[0].startswith(b"HTTP/")


async def test_the_date_is_the_present(url: str) -> None:
    ours, theirs = [await wire.ask(url, request(f"/{whose}/200/")) for whose in ("ours", "theirs")]
    assert ours.headers["date"][:-6] == theirs.headers["date"][:-6]
    assert ours.headers["date"].endswith(" GMT")


async def test_a_header_cannot_become_two(url: str) -> None:
    assert await read_all(url, request("/two-headers")) == [b""]
    assert await read_all(url, request("/created?at=/a%0D%0ASet-Cookie:b=c")) == [b""]


async def test_each_answer_has_its_own_location(url: str) -> None:
    for location in ("/a/1", "/a/2"):
        created = await wire.ask(url, request(f"/created?at={location}"))
        assert (created.headers["location"], created.headers["x-share"]) == (location, HEADERS["X-Share"])
