"""Telling callers' own systems what happened, in legacy terms, until they take it."""

import asyncio
import random
from datetime import datetime, timedelta

import structlog

from gateway.domain.errors import ForwardFailed
from gateway.domain.report import Forward, ForwardKind, Notice
from gateway.ports import Forwarder
from gateway.surroundings import Surroundings

log = structlog.get_logger()

FORWARDED_AT_ONCE = 32
CLAIM_SECONDS = 60.0
FIRST_WAIT_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 6 * 3600.0
GIVE_UP_AFTER = timedelta(days=3)


class ForwardDesk:
    """Works off forwards. A failed one is tried again after a growing wait, and is dead after three days."""

    def __init__(
        self,
        around: Surroundings,
        *,
        forwarder: Forwarder,
    ) -> None:
        self._store = around.store
        self._forwarder = forwarder
        self._clock = around.clock
        self._metrics = around.metrics
        self._tables = around.tables
        self._settings_of = around.settings_of

    async def step(self) -> bool:
        """Try what is due; True where there may be more."""
        now = self._clock.now()
        due = await self._store.claim_forwards(
            now=now, due_at=now + timedelta(seconds=CLAIM_SECONDS), limit=FORWARDED_AT_ONCE
        )
        await asyncio.gather(*map(self._try, due))
        return len(due) == FORWARDED_AT_ONCE

    async def _try(self, forward: Forward) -> None:
        notice = await self._notice_of(forward)
        if notice is None:  # retention has removed its subject
            await self._store.record_forward(forward.id, problem=None, due_at=None)
            return
        try:
            await self._forwarder.deliver(notice, settings=self._settings_of(forward.account_id))
        except ForwardFailed as failure:
            await self._record_failure(forward, str(failure))
            return
        await self._store.record_forward(forward.id, problem=None, due_at=None)
        self._metrics.forward(forward.kind, "delivered")

    async def _record_failure(self, forward: Forward, problem: str) -> None:
        due_at = self._next_try_at(forward)
        await self._store.record_forward(forward.id, problem=problem, due_at=due_at)
        self._metrics.forward(forward.kind, "failed" if due_at else "dead")
        log.warning("forward failed", forward=forward.id, attempts=forward.attempts + 1, dead=due_at is None)

    def _next_try_at(self, forward: Forward) -> datetime | None:
        wait = min(FIRST_WAIT_SECONDS * 2**forward.attempts, LONGEST_WAIT_SECONDS)
        due_at = self._clock.now() + timedelta(seconds=wait * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
        return due_at if due_at - forward.created_at <= GIVE_UP_AFTER else None

    async def _notice_of(self, forward: Forward) -> Notice | None:
        if forward.kind is ForwardKind.INCOMING:
            return await self._incoming_notice(forward)
        return await self._report_notice(forward)

    async def _report_notice(self, forward: Forward) -> Notice | None:
        record = await self._store.find_message(forward.subject_id, account_id=None)
        if record is None or forward.status is None:
            return None
        code = self._tables.legacy_status(forward.status.code, record.interface)
        return Notice(
            webhook_id=f"fwd_{self._store.store_id}_{forward.id}",
            kind=forward.kind,
            id=record.id,
            bundle_id=record.bundle_id,
            status=code,
            status_text=self._tables.text(code),
            sender=record.sender,
            recipient=record.recipient,
            at=forward.status.at,
        )

    async def _incoming_notice(self, forward: Forward) -> Notice | None:
        stored = await self._store.find_incoming(forward.subject_id, account_id=None)
        if stored is None:
            return None
        return Notice(
            webhook_id=f"fwd_{self._store.store_id}_{forward.id}",
            kind=forward.kind,
            id=stored.id,
            sender=stored.message.sender,
            recipient=stored.message.recipient,
            body=stored.message.body,
            at=stored.message.received_at,
        )
