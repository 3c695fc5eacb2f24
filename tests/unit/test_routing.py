"""Handlers that are found by one look-up answer as those that aiohttp's router finds."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.server import CallerRunner
from adapters.web import spellings
from gateway.config.addresses import ListenAddress
from gateway.serving import listening
from tests import wire
from tests.wire import request


@web.middleware
async def outer(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    response.headers["X-Way"] = f"outer {response.headers['X-Way']}"
    return response


@web.middleware
async def inner(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    response.headers["X-Way"] = "inner"
    return response


def make_app() -> web.Application:
    async def answer(call: web.Request) -> web.Response:
        return web.Response(body=await call.read() + call.path_qs.encode())

    async def answer_name(call: web.Request) -> web.Response:
        return web.json_response(dict(call.match_info), headers={"X-Way": ""})

    async def answer_any(_call: web.Request) -> web.Response:
        return web.Response(text="any", headers={"X-Way": ""})

    app = web.Application(middlewares=[outer, inner])
    for path in spellings("/usual/path"):
        app.router.add_get(path, answer, allow_head=False)
        app.router.add_post(path, answer)
        app.router.add_route("*", path, answer_any)
    app.router.add_get("/usual/{name}", answer_name)
    app.router.add_get(r"/number/{name:\d+}", answer_name)
    app.router.add_get("/number/{name}", answer)
    app.router.add_put("/fixed/path", answer)
    app.router.add_route("*", "/fixed/path", answer_any)
    app.router.add_get("/fixed/{name}", answer_name)
    app.router.add_get("/two/{other}/{name}", answer_name)
    app.router.add_get("/with-head", answer)
    return app


@pytest.fixture
async def urls() -> AsyncIterator[tuple[str, str]]:
    """The same application, served by us and by aiohttp itself."""
    refusal = web.Response(status=400)
    ours = CallerRunner(make_app(), receive_timeout_seconds=60, answer_malformed=lambda _: refusal)
    theirs = web.AppRunner(make_app())
    local = ListenAddress("127.0.0.1", 0)
    async with listening(ours, local) as our_port, listening(theirs, local) as their_port:
        yield f"http://127.0.0.1:{our_port}", f"http://127.0.0.1:{their_port}"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request("/usual/path"), 200),
        (request("/usual/path?a=b&c=%E5"), 200),
        (request("http://gw/usual/path?a"), 200),
        (request("/USUAL//path/"), 200),
        (request("/usual/p%61th"), 200),
        (request("/usual/other"), 200),
        (request("/usual/other1?a"), 200),
        (request("http://gw/usual/2147483647"), 200),
        (request("/usual/oth%65r"), 200),
        (request("/usual/%2F"), 200),
        (request("/usual/a.b"), 200),
        (request("/usual/{other}"), 404),
        (request("/usual/other/"), 404),
        (request("/usual/"), 404),
        (request("/usual/other", "Expect: 100-continue", method="GET"), 100),
        (request("/number/17"), 200),
        (request("/number/none"), 200),
        (request("/fixed/path"), 200),
        (request("/fixed/other"), 200),
        (request("/two/a/b"), 200),
        (request("/usual/path", method="POST", body=b"body"), 200),
        (request("/usual/path", "Expect: 100-continue", method="POST", body=b"body"), 100),
        (request("/usual/path", "Expect: a miracle", method="POST", body=b"body"), 417),
        (request("/usual/path", method="PUT", body=b"body"), 200),
        (request("/usual/other", method="PUT"), 405),
        (request("/with-head", method="POST"), 405),
        (request("/nowhere"), 404),
        (request("*", method="OPTIONS"), 404),
    ],
)
async def test_every_request_finds_the_handler_that_aiohttp_finds(
    urls: tuple[str, str], sent: bytes, status: int
) -> None:
    ours, theirs = [await wire.ask(url, sent) for url in urls]
    assert (ours.status, ours.body) == (theirs.status, theirs.body)
    assert ours.headers.get("x-way") == theirs.headers.get("x-way")
    assert ours.status == status


async def test_a_head_finds_its_handler(urls: tuple[str, str]) -> None:
    for url in urls:
        async with wire.connect(url) as connection:
            await connection.send(request("/with-head", method="HEAD"))
            answer = await connection.read(head_only=True)
        assert (answer.status, answer.headers["x-way"]) == (200, "outer inner")
