"""Probes learn whether the gateway lives, whether it can work, and if not why."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import BaseTestServer, TestServer

from adapters import health
from gateway.domain.errors import UpstreamUnavailable


class Part:
    """Something that is checked, and may be broken or slow."""

    def __init__(self) -> None:
        self.problem: Exception | None = None
        self.asked = 0

    async def check(self) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if self.problem:
            raise self.problem


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def serve(parts: Mapping[str, Part], seconds: Seconds) -> TestServer:
    app = web.Application()
    app.add_routes(health.health_routes({name: part.check for name, part in parts.items()}, monotonic=seconds))
    return TestServer(app)


async def get(server: BaseTestServer, path: str) -> tuple[int, Any]:
    async with ClientSession() as session, session.get(server.make_url(path)) as response:
        assert response.headers["Cache-Control"] == "no-store"
        return response.status, await (response.json() if path == "/readyz" else response.text())


async def test_a_process_that_answers_is_alive_even_when_its_parts_fail() -> None:
    part = Part()
    part.problem = UpstreamUnavailable("v2 cannot be reached")
    async with serve({"upstream": part}, Seconds()) as server:
        assert await get(server, "/healthz") == (200, "ok")
    assert part.asked == 0


async def test_a_gateway_whose_parts_work_is_ready() -> None:
    async with serve({"store": Part(), "upstream": Part()}, Seconds()) as server:
        assert await get(server, "/readyz") == (200, {"ready": True, "checks": {"store": "ok", "upstream": "ok"}})


async def test_a_gateway_that_is_not_ready_says_why() -> None:
    store, upstream = Part(), Part()
    upstream.problem = UpstreamUnavailable("v2 cannot be reached")
    async with serve({"store": store, "upstream": upstream}, Seconds()) as server:
        assert await get(server, "/readyz") == (
            503,
            {"ready": False, "checks": {"store": "ok", "upstream": "v2 cannot be reached"}},
        )


async def test_a_part_that_does_not_answer_is_not_ready() -> None:
    part = Part()
    part.problem = TimeoutError()  # as asyncio.timeout raises it
    async with serve({"store": part}, Seconds()) as server:
        status, answer = await get(server, "/readyz")
    assert (status, answer["checks"]["store"]) == (503, "no answer within 5 seconds")


async def test_probes_do_not_hammer_what_they_ask_about() -> None:
    part, seconds = Part(), Seconds()
    async with serve({"upstream": part}, seconds) as server:
        await asyncio.gather(*[get(server, "/readyz") for _ in range(10)])
        assert part.asked == 1
        seconds.now += health.GOOD_FOR_SECONDS
        await get(server, "/readyz")
        assert part.asked == 2


async def test_bad_news_is_looked_into_sooner_than_good() -> None:
    part, seconds = Part(), Seconds()
    part.problem = UpstreamUnavailable("v2 cannot be reached")
    async with serve({"upstream": part}, seconds) as server:
        assert (await get(server, "/readyz"))[0] == 503
        part.problem = None
        seconds.now += health.BAD_FOR_SECONDS
        assert (await get(server, "/readyz"))[0] == 200
