"""A running sandbox on a real socket, a customer's web server for it to post to, and a clock to turn."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.sandbox.app import build_sandbox

Client = TestClient[web.Request, web.Application]
Document = dict[str, Any]

ACCOUNT = "ip1-12345"
TOKENS = {"demo-token": ACCOUNT, "second-token": ACCOUNT, "other-token": "ip1-67890"}
PHONE = "46701234567"
OTHER_PHONE = "46701234568"
SLOW = 3600.0  # a tempo at which nothing moves during a test


@asynccontextmanager
async def open_sandbox(*, token: str | None = "demo-token", **options: Any) -> AsyncIterator[Client]:
    usual: dict[str, Any] = {"tokens": TOKENS, "tempo_seconds": 0, "report_retry_seconds": 0.01}
    app = build_sandbox(**usual | options)
    headers = {"Authorization": f"Bearer {token}"} if token else None
    async with TestClient(TestServer(app), headers=headers) as client:
        yield client


async def send(client: Client, **fields: Any) -> Document:
    """Post a batch that must be accepted, and give its document."""
    async with client.post("/v2/batches", json=make_call(**fields)) as answer:
        document: Document = await answer.json()
        assert answer.status == 201, document
        return document


def make_call(**fields: Any) -> Document:
    return {"sender": "iP1", "recipients": [PHONE], "body": "A very nice message"} | fields


async def get(client: Client, path: str, status: int = 200) -> Any:
    async with client.get(path) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


async def get_codes(client: Client, batch: Document) -> list[int]:
    """Give every status that the batch's first message has had."""
    path = f"/v2/batches/{batch['id']}/messages"
    (message, *_) = await get(client, path)
    whole = await get(client, f"{path}/{message['id']}")
    return [status["code"] for status in whole["statuses"]]


async def arm(client: Client, *faults: Document) -> None:
    async with client.put("/sandbox/faults", json=list(faults)) as answer:
        assert answer.status == 200, await answer.text()


async def until(condition: Callable[[], Awaitable[bool] | bool]) -> None:
    """Wait for the condition; a generous limit."""
    give_up_at = time.monotonic() + 20
    while True:
        result = condition()
        if result if isinstance(result, bool) else await result:
            return
        assert time.monotonic() < give_up_at, "it never became true"
        await asyncio.sleep(0.01)


class Customer:
    """A customer's web server: remembers what is posted, answers with the statuses it is given, then with 200."""

    def __init__(self) -> None:
        self.got: list[Document] = []
        self.answers: list[int] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append(await request.json())
        status = self.answers.pop(0) if self.answers else 200
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 302 else None)

    async def greet(self, _request: web.Request) -> web.Response:
        return web.Response()

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/news", self.handle)
        app.router.add_get("/elsewhere", self.greet)  # where a 302 leads a client that follows it
        async with TestServer(app) as server:
            yield str(server.make_url("/news"))

    def get_codes(self, recipient: str = PHONE) -> list[int]:
        return [report["code"] for report in self.got if report["recipient"] == recipient]


class TurnedClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)
