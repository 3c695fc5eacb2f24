"""Intents to send, a client with short time-outs, and a counter that remembers what it was told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from adapters.upstream.client import HttpUpstream
from adapters.upstream.settings import UpstreamSettings
from gateway.domain.intent import Intent
from gateway.domain.sms import Interface, Priority
from gateway.domain.status import INVALID_RECIPIENT
from gateway.ports import Metrics

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOKEN = "demo-token"
PHONE = "46701234567"
OTHER_PHONE = "46701234568"
BODY = "A very private message"


@dataclass
class Counts:
    """The two counters that this adapter uses."""

    calls: list[tuple[str, str]] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)

    def upstream_call(self, call: str, outcome: str, seconds: float) -> None:
        self.calls.append((call, outcome))

    def report(self, fate: str) -> None:
        self.reports.append(fate)


def as_metrics(counts: Counts) -> Metrics:
    return cast("Metrics", counts)


def make_intent(*recipients: str, refused: tuple[str, ...] = (), **changes: Any) -> Intent:
    usual: dict[str, Any] = {
        "id": 42_500_000,
        "bundle_id": None,
        "account_id": "ip1-12345",
        "interface": Interface.ASPX,
        "sender": "iP1",
        "body": BODY,
        "priority": Priority.NORMAL,
        "created_at": NOW,
        "reference": "sgw-0123abcd-42500000",
        "numbers": (*(recipients or (PHONE,)), *refused),
        "refused": dict.fromkeys(refused, INVALID_RECIPIENT),
    }
    return Intent(**usual | changes)


@asynccontextmanager
async def open_upstream(base_url: str, counts: Counts | None = None, **changes: Any) -> AsyncIterator[HttpUpstream]:
    usual: dict[str, Any] = {"base_url": base_url, "total_timeout_seconds": 20.0}
    settings = UpstreamSettings(**usual | changes)
    async with HttpUpstream(settings, metrics=as_metrics(counts or Counts())) as upstream:
        yield upstream
