"""/healthz says that the process is alive, /readyz that it can do its work."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import msgspec
from aiohttp import web

from gateway.domain.errors import GatewayError

OK = "ok"
GOOD_FOR_SECONDS = 5.0  # how long an answer is repeated, so that probes do not hammer what they ask about
BAD_FOR_SECONDS = 1.0  # bad news is looked into sooner
CHECK_MAX_SECONDS = 5.0

Check = Callable[[], Awaitable[None]]
"""Returns where all is well, and raises where not."""


class RecentCheck:
    """A check whose answer is repeated for a while; probes that come together share it."""

    def __init__(self, check: Check, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._check = check
        self._monotonic = monotonic
        self._running = asyncio.Lock()
        self._answer = ""
        self._good_until = 0.0

    async def ask(self) -> str:
        """ "ok", or what is wrong."""
        async with self._running:
            if self._monotonic() >= self._good_until:
                self._answer = await self._look()
                seconds = GOOD_FOR_SECONDS if self._answer == OK else BAD_FOR_SECONDS
                self._good_until = self._monotonic() + seconds
            return self._answer

    async def _look(self) -> str:
        try:
            async with asyncio.timeout(CHECK_MAX_SECONDS):
                await self._check()
        except TimeoutError:
            return f"no answer within {CHECK_MAX_SECONDS:g} seconds"
        except GatewayError as error:
            return str(error)
        return OK


def health_routes(
    checks: Mapping[str, Check], *, monotonic: Callable[[], float] = time.monotonic
) -> list[web.RouteDef]:
    """GET /healthz: 200 as long as the process can answer. GET /readyz: 200 where every check passes, else 503.

    `/readyz` answers `{"ready": false, "checks": {"store": "ok", "upstream": "what is wrong"}}`.
    """
    recent = {name: RecentCheck(check, monotonic=monotonic) for name, check in checks.items()}

    async def handle_alive(_request: web.Request) -> web.Response:
        return web.Response(text=OK, headers=_NOT_STORED)

    async def handle_ready(_request: web.Request) -> web.Response:
        answers = await asyncio.gather(*(check.ask() for check in recent.values()))
        ready = all(answer == OK for answer in answers)
        return web.Response(
            status=HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE,
            body=msgspec.json.encode({"ready": ready, "checks": dict(zip(recent, answers, strict=True))}),
            content_type="application/json",
            headers=_NOT_STORED,
        )

    return [web.get("/healthz", handle_alive), web.get("/readyz", handle_ready)]


_NOT_STORED = {"Cache-Control": "no-store"}
