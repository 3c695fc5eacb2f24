from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.upstream.callbacks import DELIVERY_REPORTS, INCOMING, callback_path, callback_routes
from gateway.domain.errors import StoreUnavailable
from gateway.domain.report import DeliveryReport, IncomingMessage
from tests.unit.upstream.harness import PHONE, Counts, as_metrics
from tests.unit.upstream.test_codec import INCOMING as SMS
from tests.unit.upstream.test_codec import REPORT

SECRET = "s3cret-part"
REPORTS_PATH = callback_path(SECRET, DELIVERY_REPORTS)

Taker = Callable[[object], Awaitable[None]]


async def ignore(news: object) -> None:
    """Take it."""


@asynccontextmanager
async def open_callbacks(
    counts: Counts, on_report: Taker = ignore, on_incoming: Taker = ignore
) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.add_routes(
        callback_routes(secret=SECRET, on_report=on_report, on_incoming=on_incoming, metrics=as_metrics(counts))
    )
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_a_report_is_answered_200_once_it_is_taken() -> None:
    taken: list[object] = []

    async def take(news: object) -> None:
        taken.append(news)

    async with open_callbacks(Counts(), on_report=take) as client:
        answer = await client.post(REPORTS_PATH, data=REPORT)
        assert answer.status == 200
    (report,) = taken
    assert isinstance(report, DeliveryReport)
    assert (report.recipient, report.raw) == (PHONE, REPORT)


async def test_an_incoming_sms_is_answered_200_once_it_is_taken() -> None:
    taken: list[object] = []

    async def take(news: object) -> None:
        taken.append(news)

    async with open_callbacks(Counts(), on_incoming=take) as client:
        answer = await client.post(callback_path(SECRET, INCOMING), data=SMS)
        assert answer.status == 200
    (message,) = taken
    assert isinstance(message, IncomingMessage)
    assert message.body == "STOP"


@pytest.mark.parametrize("secret", ["wrong", "s3cret-par", "s3cret-partt", "%C3%A5"])
async def test_a_wrong_secret_is_404_and_counted(secret: str) -> None:
    counts = Counts()
    async with open_callbacks(counts, on_report=fail_if_called) as client:
        answer = await client.post(callback_path(secret, DELIVERY_REPORTS), data=REPORT)
        assert answer.status == 404
    assert counts.reports == ["forged"]


async def fail_if_called(news: object) -> None:
    raise AssertionError("a forged report was taken")


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b'{"id":"46701234567"}', b'{"id":"\xff"}'])
async def test_a_body_that_cannot_be_read_is_400_and_counted_and_not_quoted(body: bytes) -> None:
    counts = Counts()
    async with open_callbacks(counts) as client:
        answer = await client.post(REPORTS_PATH, data=body)
        text = await answer.text()
    assert answer.status == 400
    assert text.startswith("body: ")
    assert PHONE not in text
    assert counts.reports == ["unreadable"]


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_body_over_64_kib_is_413(is_chunked: bool) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(65):
            yield b" " * 1024

    async with open_callbacks(Counts()) as client:
        answer = await client.post(REPORTS_PATH, data=parts() if is_chunked else b" " * 65 * 1024)
        assert answer.status == 413


async def test_a_report_that_cannot_be_stored_is_503_so_that_it_comes_again() -> None:
    async def fail(news: object) -> None:
        raise StoreUnavailable("the disk is full")

    async with open_callbacks(Counts(), on_report=fail) as client:
        answer = await client.post(REPORTS_PATH, data=REPORT)
        assert answer.status == 503


async def test_nothing_but_post_is_served() -> None:
    async with open_callbacks(Counts()) as client:
        answer = await client.get(REPORTS_PATH)
        assert answer.status == 405
