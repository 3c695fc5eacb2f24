import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.forwarding.sender import ForwardingSettings, ForwardSender
from gateway.domain.account import AccountSettings
from gateway.domain.errors import ForwardFailed
from gateway.domain.report import ForwardKind, Notice
from gateway.domain.status import LegacyStatus
from tests.raw_server import Answer, answer, find_closed_port, hang, hang_up, reset, run_raw_server, send_raw

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEY = b"0123456789abcdef01234567"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
REPORT = Notice(
    webhook_id="fwd_0123abcd_7",
    kind=ForwardKind.REPORT,
    id=42_500_001,
    bundle_id=42_500_000,
    status=LegacyStatus(22),
    status_text="Delivered to the phone",
    sender="iP1",
    recipient="46701234567",
    at=NOW,
)
INCOMING = Notice(
    webhook_id="fwd_0123abcd_8",
    kind=ForwardKind.INCOMING,
    id=42_500_009,
    sender="46701234567",
    recipient="46720001122",
    body="Hej då & {id} 100%",
    at=NOW,
)


@dataclass
class StoppedClock:
    def now(self) -> datetime:
        return NOW


@asynccontextmanager
async def open_sender(**changes: Any) -> AsyncIterator[ForwardSender]:
    async with ForwardSender(ForwardingSettings(**changes), clock=StoppedClock()) as sender:
        yield sender


def settings(url: str, **changes: Any) -> AccountSettings:
    usual: dict[str, Any] = {
        "report_forward_url": url,
        "incoming_forward_url": url,
        "forward_to_private_addresses": True,
    }
    return AccountSettings(**usual | changes)


async def deliver(notice: Notice, path: str = "/hook", **changes: Any) -> tuple[bytes, dict[str, str], bytes]:
    """The request line, headers (names in small letters) and body that arrived."""
    async with run_raw_server(answer("204 No Content")) as server, open_sender() as sender:
        await sender.deliver(notice, settings=settings(server.url + path, **changes))
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    return first.encode(), {name.lower(): value for name, _, value in pairs}, body


async def test_a_report_is_posted_in_legacy_terms() -> None:
    first, headers, body = await deliver(REPORT)
    assert first == b"POST /hook HTTP/1.1"
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(body) == {
        "ID": 42_500_001,
        "BundleID": 42_500_000,
        "Status": 22,
        "StatusDescription": "Delivered to the phone",
        "From": "iP1",
        "To": "46701234567",
        "UpdatedDate": "2026-11-21T12:00:00+00:00",
    }


async def test_an_incoming_sms_is_posted_with_its_text() -> None:
    _, _, body = await deliver(INCOMING)
    assert json.loads(body) == {
        "ID": 42_500_009,
        "From": "46701234567",
        "To": "46720001122",
        "Message": "Hej då & {id} 100%",
        "CreatedDate": "2026-11-21T12:00:00+00:00",
    }


async def test_a_get_has_everything_in_its_address() -> None:
    path = "/h/{id}?s={status}&t={text}&f={from}&to={to}&b={bundle}&m={message}&at={at}&x={other}&c=%7Bid%7D"
    first, headers, body = await deliver(REPORT, path, forward_method="GET")
    assert first.decode() == (
        "GET /h/42500001?s=22&t=Delivered%20to%20the%20phone&f=iP1&to=46701234567&b=42500000&m="
        "&at=2026-11-21T12%3A00%3A00%2B00%3A00&x={other}&c=%7Bid%7D HTTP/1.1"
    )
    assert (body, "content-type" in headers) == (b"", False)


async def test_a_text_cannot_break_out_of_the_address() -> None:
    first, _, _ = await deliver(INCOMING, "/in?m={message}&end=1", forward_method="GET")
    assert first == b"GET /in?m=Hej%20d%C3%A5%20%26%20%7Bid%7D%20100%25&end=1 HTTP/1.1"


async def test_a_placeholder_never_chooses_the_host() -> None:
    async with run_raw_server(answer()) as server, open_sender() as sender:
        url = f"http://{{message}}.invalid:{server.port}/"
        with pytest.raises(ForwardFailed):
            await sender.deliver(INCOMING, settings=settings(url, forward_method="GET"))
    assert not server.requests


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_is_sent_can_be_verified_with_the_secret(method: str) -> None:
    _, headers, body = await deliver(REPORT, forward_secret=SECRET, forward_method=method)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("fwd_0123abcd_7", str(int(NOW.timestamp())))


async def test_without_a_secret_nothing_is_signed() -> None:
    _, headers, _ = await deliver(REPORT)
    assert "webhook-signature" not in headers
    assert headers["webhook-id"] == "fwd_0123abcd_7"


@pytest.mark.parametrize("secret", ["whsec_", "whsec_not base64", "plain", base64.b64encode(KEY).decode()])
async def test_a_secret_that_cannot_sign_fails_without_being_told(secret: str) -> None:
    async with run_raw_server(answer()) as server, open_sender() as sender:
        with pytest.raises(ForwardFailed) as caught:
            await sender.deliver(REPORT, settings=settings(server.url, forward_secret=secret))
    assert not server.requests
    assert secret.removeprefix("whsec_") == "" or secret not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (answer("500 Oh no"), "answered 500"),
        (answer("302 Found", b"", "Location: http://127.0.0.1:9/"), "answered 302"),
        (answer("404 Not Found"), "answered 404"),
        (reset, "the answer was lost"),
        (hang_up, "the answer was lost"),
        (send_raw(b"garbage\r\n\r\n"), "the answer was lost"),
        (hang, "no answer in time"),
    ],
)
async def test_whatever_is_not_2xx_is_a_failure_that_says_why(given: Answer, problem: str) -> None:
    async with run_raw_server(given) as server, open_sender(timeout_seconds=0.5) as sender:
        with pytest.raises(ForwardFailed) as caught:
            await sender.deliver(REPORT, settings=settings(server.url + "/secret-path?key=k"))
    assert str(caught.value) == problem
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "204 No Content"])
async def test_any_2xx_is_delivered_however_long_its_body(status: str) -> None:
    endless = send_raw(f"HTTP/1.1 {status}\r\nContent-Length: 999999999\r\n\r\nstart".encode())
    given = answer(status) if status.startswith("204") else endless
    async with run_raw_server(given) as server, open_sender() as sender:
        await sender.deliver(REPORT, settings=settings(server.url))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (f"http://127.0.0.1:{find_closed_port()}/", "no connection"),
        ("ftp://127.0.0.1/", "the address is not one that can be called"),
        ("/relative", "the address is not one that can be called"),
        ("http://127.0.0.1:99999/", "the address is not one that can be called"),
        (None, "the account has no address for this any more"),
    ],
)
async def test_an_address_that_cannot_be_called_says_so(url: str, problem: str) -> None:
    async with open_sender() as sender:
        with pytest.raises(ForwardFailed) as caught:
            await sender.deliver(REPORT, settings=settings(url))
    assert str(caught.value) == problem


# ---- addresses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0"],
)
async def test_a_private_address_is_refused_in_every_spelling(host: str) -> None:
    async with run_raw_server(answer()) as server, open_sender() as sender:
        url = f"http://{host}:{server.port}/"
        with pytest.raises(ForwardFailed):
            await sender.deliver(REPORT, settings=settings(url, forward_to_private_addresses=False))
    assert server.connections == 0


async def test_a_private_address_that_is_refused_says_what_permits_it() -> None:
    async with open_sender() as sender:
        with pytest.raises(ForwardFailed, match="forward_to_private_addresses"):
            await sender.deliver(REPORT, settings=settings("http://10.0.0.1/", forward_to_private_addresses=False))
