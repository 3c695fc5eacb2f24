"""Delivery reports: kept as they come, applied after; and asked for where none came."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from gateway.delivery import Delivery
from gateway.domain.errors import GatewayError
from gateway.domain.intent import Intent, OutcomeKind, StoredIntent
from gateway.domain.report import AppliedReport, DeliveryReport, ReportFate
from gateway.domain.status import MessageStatus
from gateway.surroundings import Surroundings
from gateway.tasks import Worker

log = structlog.get_logger()

APPLIED_AT_ONCE = 100  # a step holds the store's writer for some milliseconds
IDLE_SECONDS = 5.0
ORPHAN_AFTER = timedelta(hours=1)  # a report may come before its intent's outcome is stored, never that much before
RECONCILED_AT_ONCE = 100
ACCEPTED_ONLY = frozenset({OutcomeKind.ACCEPTED})


class ReportDesk:
    """Takes delivery reports in, and works them off."""

    def __init__(
        self,
        around: Surroundings,
        *,
        delivery: Delivery,
        wake_forwards: Callable[[], None],
    ) -> None:
        self._store = around.store
        self._clock = around.clock
        self._metrics = around.metrics
        self._tables = around.tables
        self._settings_of = around.settings_of
        self._delivery = delivery
        self._wake_forwards = wake_forwards
        self.worker = Worker(self.step, name="reports", idle_seconds=IDLE_SECONDS)

    async def receive(self, report: DeliveryReport) -> None:
        """Put a report on disk. Raises StoreUnavailable, and then v2 sends it again."""
        await self._store.record_report(report, at=self._clock.now())
        self.worker.wake()

    async def step(self) -> bool:
        """Apply what has come in; True where there may be more."""
        now = self._clock.now()
        applied = await self._store.apply_reports(
            now=now,
            orphans_before=now - ORPHAN_AFTER,
            wants_forward=lambda account_id: self._settings_of(account_id).report_forward_url is not None,
            limit=APPLIED_AT_ONCE,
        )
        for report in applied:
            self._count(report, MessageStatus(code=report.code, at=now))
            if report.adopted is not None:
                await self._delivery.tell_settled(report.adopted)
        if applied:
            self._wake_forwards()
        return len(applied) == APPLIED_AT_ONCE

    def _count(self, report: AppliedReport, status: MessageStatus) -> None:
        self._metrics.report(report.fate)
        if not self._tables.is_mapped(report.code):
            self._metrics.unmapped_status(status)
        if report.adopted is not None:
            self._metrics.outcome(OutcomeKind.ACCEPTED)
        if report.fate is ReportFate.APPLIED:
            log.info("status", id=report.message_id, status=report.code)


class Reconciler:
    """Asks v2 about accepted batches that should have had final news and have none, newest first.

    A lost callback costs minutes, not the status.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        desk: ReportDesk,
        delivery: Delivery,
        token_of: Callable[[str], Awaitable[str]],
    ) -> None:
        self._store = around.store
        self._upstream = around.upstream
        self._desk = desk
        self._delivery = delivery
        self._settings = delivery.settings
        self._clock = around.clock
        self._token_of = token_of

    async def step(self) -> bool:
        """Look up one handful; True where there may be more."""
        claimed = await self._store.claim_intents(
            ACCEPTED_ONLY,
            owner=self._settings.owner,
            now=self._clock.now(),
            due_at=self._delivery.in_seconds(self._settings.reconcile_after_seconds),
            limit=RECONCILED_AT_ONCE,
            newest_first=True,
        )
        for stored in claimed:
            await self._reconcile(stored)
        return len(claimed) == RECONCILED_AT_ONCE

    async def _reconcile(self, stored: StoredIntent) -> None:
        intent = stored.intent
        if self._is_too_old(intent):
            await self._store.rest_intent(intent.id)
            return
        if not stored.outcome.batch_id:
            return
        try:
            token = await self._token_of(intent.account_id)
            for report in await self._upstream.list_statuses(stored.outcome.batch_id, token=token):
                await self._desk.receive(report)
        except GatewayError as error:
            log.warning("cannot look up the status of a batch", id=intent.id, error=type(error).__name__)
            return
        await self._look_again_later(stored)

    async def _look_again_later(self, stored: StoredIntent) -> None:
        """After half as long again as the message is old: what stays silent is asked for ever less often."""
        now = self._clock.now()
        wait = max((now - stored.intent.created_at) / 2, timedelta(seconds=self._settings.reconcile_after_seconds))
        await self._store.record_outcome(stored.intent.id, stored.outcome, at=now, due_at=now + wait)

    def _is_too_old(self, intent: Intent) -> bool:
        since = max(intent.created_at, intent.opens_at or intent.created_at)
        return self._clock.now() - since > timedelta(seconds=self._settings.reconcile_for_seconds)
