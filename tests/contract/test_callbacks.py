"""What the sandbox posts, our callbacks take."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.sandbox.app import build_sandbox
from adapters.upstream.callbacks import DELIVERY_REPORTS, INCOMING, callback_path, callback_routes
from gateway.domain.report import DeliveryReport, IncomingMessage
from gateway.ports import Metrics

TOKENS = {"demo-token": "ip1-12345"}
HEADERS = {"Authorization": "Bearer demo-token"}
PATH = [101, 102, 103, 110, 111, 112, 113, 201]


@dataclass
class Inbox:
    reports: list[DeliveryReport] = field(default_factory=list)
    incoming: list[IncomingMessage] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take_report(self, report: DeliveryReport) -> None:
        self.reports.append(report)
        self.news.set()

    async def take_incoming(self, message: IncomingMessage) -> None:
        self.incoming.append(message)
        self.news.set()

    async def wait_for_reports(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.reports) < count:
                self.news.clear()
                await self.news.wait()


class NotCounted:
    def report(self, fate: str) -> None:
        raise AssertionError(f"a callback was {fate}")


@asynccontextmanager
async def open_both(inbox: Inbox) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """A session of a customer of the sandbox, and the address of our callbacks."""
    app = web.Application()
    app.add_routes(
        callback_routes(
            secret="secret",
            on_report=inbox.take_report,
            on_incoming=inbox.take_incoming,
            metrics=cast("Metrics", NotCounted()),
        )
    )
    sandbox = build_sandbox(tokens=TOKENS, tempo_seconds=0)
    async with (
        TestServer(app) as gateway,
        TestServer(sandbox) as v2,
        aiohttp.ClientSession(str(v2.make_url("/")), headers=HEADERS) as session,
    ):
        yield session, str(gateway.make_url("")).rstrip("/")


async def test_every_status_of_a_message_is_reported() -> None:
    inbox = Inbox()
    async with open_both(inbox) as (session, gateway):
        url = gateway + callback_path("secret", DELIVERY_REPORTS)
        batch = {"sender": "iP1", "recipients": ["46701234567"], "body": "Hej", "deliveryReportUrl": url}
        async with session.post("/v2/batches", json=batch | {"reference": "sgw-0123abcd-1"}) as answer:
            batch_id = (await answer.json())["id"]
        await inbox.wait_for_reports(len(PATH) - 1)
    assert [report.status.code for report in inbox.reports] == PATH[1:]
    assert {report.reference for report in inbox.reports} == {"sgw-0123abcd-1"}
    assert {report.batch_id for report in inbox.reports} == {batch_id}


async def test_an_sms_from_a_phone_comes_in() -> None:
    inbox = Inbox()
    started_at = datetime.now(UTC).replace(microsecond=0)
    async with open_both(inbox) as (session, gateway):
        url = gateway + callback_path("secret", INCOMING)
        async with session.put("/v2/me/sms/settings/IncomingCallbackUrl", json=url) as answer:
            assert answer.status == 200
        sms = {"sender": "46701234567", "recipient": "46720001122", "body": "Hej då"}
        async with session.post("/sandbox/incoming", json=sms) as answer:
            assert answer.status == 201
        async with asyncio.timeout(20):
            await inbox.news.wait()
    (message,) = inbox.incoming
    assert (message.account_id, message.sender, message.recipient) == ("ip1-12345", "46701234567", "46720001122")
    assert (message.body, message.segments) == ("Hej då", 1)
    assert message.received_at >= started_at
