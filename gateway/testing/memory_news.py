"""The part of a MemoryStore that hears: delivery reports applied, messages read, incoming SMS."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.domain.intent import MessageRecord, OutcomeKind, parse_reference
from gateway.domain.report import (
    AppliedReport,
    DeliveryReport,
    ForwardKind,
    IncomingMessage,
    ReportFate,
    StoredIncoming,
)
from gateway.domain.status import next_status
from gateway.ports import MessageQuery
from gateway.testing.memory_entries import Forwards, IncomingEntry, IntentEntry, MessageEntry, ReportEntry
from gateway.testing.memory_sending import MemorySending


class MemoryNews(MemorySending):
    """`gateway.ports.Store`, its status and incoming parts."""

    def __init__(self, store_id: str) -> None:
        super().__init__()
        self._store_id = store_id
        self._reported = 0
        self._reports: list[ReportEntry] = []
        self._waiting: list[ReportEntry] = []
        self._incoming: dict[int, IncomingEntry] = {}
        self._forwards = Forwards()

    async def record_report(self, report: DeliveryReport, *, at: datetime) -> None:
        """Keep a delivery report, to be applied later."""
        self._reported += 1
        entry = ReportEntry(number=self._reported, report=report, received_at=at, looked_at=at)
        self._reports.append(entry)
        self._waiting.append(entry)

    async def apply_reports(
        self, *, now: datetime, orphans_before: datetime, wants_forward: Callable[[str], bool], limit: int
    ) -> Sequence[AppliedReport]:
        """Work off stored reports, oldest first; those whose message was not found yet come last."""
        self._waiting.sort(key=lambda entry: (entry.looked_at, entry.number))
        taken, self._waiting = self._waiting[:limit], self._waiting[limit:]
        worked_off = []
        for entry in taken:
            target = self._find_target(entry.report)
            if target is not None:
                worked_off.append(self._apply(entry, *target, now=now, wants_forward=wants_forward))
            elif entry.received_at < orphans_before:
                entry.orphaned = True
                worked_off.append(AppliedReport(fate=ReportFate.ORPHANED, code=entry.report.status.code))
            else:
                entry.looked_at = now
                self._waiting.append(entry)
        return worked_off

    def _find_target(self, report: DeliveryReport) -> tuple[IntentEntry, MessageEntry] | None:
        referred = self._intents.get(parse_reference(report.reference, self._store_id) or 0)
        batch = [intent for intent in self._intents.values() if intent.outcome.batch_id == report.batch_id]
        for intent in [referred, *batch]:
            for entry in intent.messages.values() if intent else ():
                if intent and entry.message.recipient == report.recipient:
                    return intent, entry
        return None

    def _apply(
        self,
        kept: ReportEntry,
        intent: IntentEntry,
        entry: MessageEntry,
        *,
        now: datetime,
        wants_forward: Callable[[str], bool],
    ) -> AppliedReport:
        adopted = intent.outcome.kind is not OutcomeKind.ACCEPTED
        if adopted:
            # v2 is right about what it has: a report also corrects an intent that was settled as refused.
            intent.outcome = replace(
                intent.outcome, kind=OutcomeKind.ACCEPTED, batch_id=kept.report.batch_id, reason=None
            )
            intent.due_at = intent.due_at or now
            intent.rest_if_finished()
        before = entry.status
        changed = next_status(before, kept.report.status) != before
        if changed:
            entry.apply(kept.report)
            intent.rest_if_finished()
            if wants_forward(intent.intent.account_id) and (not before or before.code != kept.report.status.code):
                subject = (intent.intent.account_id, entry.message.id)
                self._forwards.add(ForwardKind.REPORT, *subject, status=entry.status, at=now)
        kept.message_id = entry.message.id
        return AppliedReport(
            fate=ReportFate.APPLIED if changed else ReportFate.IGNORED,
            code=kept.report.status.code,
            account_id=intent.intent.account_id,
            message_id=entry.message.id,
            adopted=intent.intent.id if adopted else None,
        )

    async def find_message(self, message_id: int, *, account_id: str | None) -> MessageRecord | None:
        """One message, if it belongs to the account."""
        intent = self._intent_by_message.get(message_id)
        if intent is None or account_id not in (None, intent.intent.account_id):
            return None
        return intent.record_of(message_id)

    async def list_messages(self, account_id: str, query: MessageQuery) -> Sequence[MessageRecord]:
        """The account's messages, newest first."""
        found = [
            record
            for message_id in sorted(self._intent_by_message, reverse=True)
            for record in [self._intent_by_message[message_id].record_of(message_id)]
            if record.account_id == account_id
            and (not query.senders or record.sender in query.senders)
            and (not query.recipients or record.recipient in query.recipients)
        ]
        return found[: query.limit]

    async def find_bundle(self, account_id: str, bundle_id: int) -> Sequence[MessageRecord]:
        """All messages of a bundle in id order."""
        return [
            entry.record_of(message_id)
            for entry in self._by_age()
            if entry.intent.bundle_id == bundle_id and entry.intent.account_id == account_id
            for message_id in entry.messages
        ]

    async def list_history(self, message_id: int) -> Sequence[DeliveryReport]:
        """Every delivery report of one message, in the order they came."""
        return [entry.report for entry in self._reports if entry.message_id == message_id]

    async def record_incoming(self, message: IncomingMessage, *, message_id: int, forward: bool) -> StoredIncoming:
        """Keep an incoming SMS, once."""
        for known_id, entry in self._incoming.items():
            if entry.message.upstream_id == message.upstream_id:
                return StoredIncoming(id=known_id, message=entry.message)
        self._incoming[message_id] = IncomingEntry(message=message)
        if forward:
            subject = (message.account_id, message_id)
            self._forwards.add(ForwardKind.INCOMING, *subject, status=None, at=message.received_at)
        return StoredIncoming(id=message_id, message=message)

    async def find_incoming(self, message_id: int, *, account_id: str | None) -> StoredIncoming | None:
        """One incoming SMS, if it is the account's."""
        entry = self._incoming.get(message_id)
        if entry is None or account_id not in (None, entry.message.account_id):
            return None
        return StoredIncoming(id=message_id, message=entry.message)

    async def list_incoming(self, account_id: str, *, limit: int) -> Sequence[StoredIncoming]:
        """The account's incoming SMS, newest first."""
        found = [
            StoredIncoming(id=message_id, message=self._incoming[message_id].message)
            for message_id in sorted(self._incoming, reverse=True)
            if self._incoming[message_id].message.account_id == account_id
        ]
        return found[:limit]
