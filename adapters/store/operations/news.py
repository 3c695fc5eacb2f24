"""Delivery reports and incoming SMS: kept, applied, read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.store import news_rows, rows
from adapters.store.groups import Lines, Write
from adapters.store.statements import Operation, Row, query
from gateway.domain.intent import LAST_ID, MessageRecord, parse_reference
from gateway.domain.report import (
    AppliedReport,
    DeliveryReport,
    ForwardKind,
    IncomingMessage,
    ReportFate,
    StoredIncoming,
)
from gateway.domain.status import MessageStatus, is_final, next_status
from gateway.ports import MessageQuery

INTENTS_LISTED_AT_ONCE = 500


def record_report(report: DeliveryReport, at: datetime) -> Operation[None]:
    """Keep a report."""
    yield query("add_report", *news_rows.from_report(report, at), report.raw)


def _add_report(lines: Lines, report: DeliveryReport, at: datetime) -> None:
    lines.reports.append((*news_rows.from_report(report, at), report.raw.decode()))


RECORD_REPORT = Write(begin=record_report, add_lines=_add_report)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """The message that a report is about."""

    message_id: int
    status: MessageStatus | None
    intent_id: int
    account_id: str


def has_any_come() -> Operation[bool]:
    """Whether there is a report to work off."""
    return bool((yield query("find_report")))


def apply_reports(
    *,
    now: datetime,
    orphans_before: datetime,
    wants_forward: Callable[[str], bool],
    limit: int,
    store_id: str,
) -> Operation[Sequence[AppliedReport]]:
    """Work off the oldest reports."""
    worked_off = []
    for row in (yield query("take_reports", limit)):
        report, report_id, received_at = news_rows.to_report(row), row[10], rows.to_moment(row[11])
        target = yield from _find_target(report, store_id=store_id)
        if target is not None:
            applied = yield from _apply(report, target, now=now, wants_forward=wants_forward)
        elif received_at < orphans_before:
            applied = AppliedReport(fate=ReportFate.ORPHANED, code=report.status.code)
        else:
            yield query("park_report", report_id, rows.to_micros(now))
            continue
        yield query("close_report", report_id, applied.fate.value, applied.message_id)
        worked_off.append(applied)
    return worked_off


def _find_target(report: DeliveryReport, *, store_id: str) -> Operation[_Target | None]:
    matches: list[Row] = []
    intent_id = parse_reference(report.reference, store_id)
    if intent_id is not None and rows.is_id(intent_id):
        matches = yield query("match_by_reference", intent_id, report.recipient)
    if not matches:
        matches = yield query("match_by_batch", report.batch_id, report.recipient)
    if not matches:
        return None
    message_id, status, status_at, intent_id, account_id = matches[0]
    return _Target(
        message_id=message_id,
        status=rows.to_status(status, status_at),
        intent_id=intent_id,
        account_id=account_id,
    )


def _apply(
    report: DeliveryReport, target: _Target, *, now: datetime, wants_forward: Callable[[str], bool]
) -> Operation[AppliedReport]:
    moment = rows.to_micros(now)
    # v2 is right about what it has: a report also corrects an intent that was settled as refused or failed.
    adopted = yield query("adopt_intent", target.intent_id, report.batch_id, moment)
    status = next_status(target.status, report.status)
    if status != target.status:
        yield from _change_status(report, target)
        if wants_forward(target.account_id) and (target.status is None or status.code != target.status.code):
            subject = (ForwardKind.REPORT.value, target.account_id, target.message_id)
            yield query("add_forward", *subject, status.code, rows.to_micros(status.at), moment)
    return AppliedReport(
        fate=ReportFate.APPLIED if status != target.status else ReportFate.IGNORED,
        code=report.status.code,
        account_id=target.account_id,
        message_id=target.message_id,
        adopted=target.intent_id if adopted else None,
    )


def _change_status(report: DeliveryReport, target: _Target) -> Operation[None]:
    status_at = rows.to_micros(report.status.at)
    priced = (report.segments, report.price, report.currency)
    yield query("apply_report", target.message_id, report.status.code, status_at, *priced)
    if is_final(report.status.code) and not (target.status and is_final(target.status.code)):
        yield query("finish_message", target.intent_id)


# ---- reading -----------------------------------------------------------------------------------------------


def list_messages(account_id: str, wanted: MessageQuery) -> Operation[Sequence[MessageRecord]]:
    """Messages of an account, newest first."""
    senders, recipients = list(wanted.senders), list(wanted.recipients)
    any_sender, any_recipient = int(not senders), int(not recipients)
    chosen: list[int] = []
    newest = LAST_ID
    while (room := wanted.limit - len(chosen)) > 0:
        intents = yield query("list_intents", account_id, newest, any_sender, senders, INTENTS_LISTED_AT_ONCE)
        if not intents:
            break
        ids = rows.to_message_ids(intents)
        chosen += [row[0] for row in (yield query("choose_messages", ids, any_recipient, recipients, room))]
        newest = intents[-1][0] - 1
    records = yield query("load_records", chosen)
    return [rows.to_record(row) for row in reversed(records)]


def find_bundle(account_id: str, bundle_id: int) -> Operation[Sequence[MessageRecord]]:
    """Messages of a bundle."""
    if not rows.is_id(bundle_id):
        return []
    found = yield query("find_bundle", account_id, bundle_id)
    records = yield query("load_records", rows.to_message_ids(found))
    return [rows.to_record(row) for row in records]


def list_history(message_id: int) -> Operation[Sequence[DeliveryReport]]:
    """Reports of a message."""
    found = yield query("list_history", message_id)
    return [news_rows.to_report(row) for row in found]


# ---- incoming SMS ------------------------------------------------------------------------------------------


def record_incoming(message: IncomingMessage, *, message_id: int, forward: bool) -> Operation[StoredIncoming]:
    """Keep an incoming SMS, once."""
    added = yield query("add_incoming", *news_rows.from_incoming(message, message_id))
    if added and forward:
        subject = (ForwardKind.INCOMING.value, message.account_id, message_id)
        yield query("add_forward", *subject, None, None, rows.to_micros(message.received_at))
    kept = yield query("find_incoming_by_upstream_id", message.upstream_id)
    return news_rows.to_incoming(kept[0])


def find_incoming(message_id: int, *, account_id: str | None) -> Operation[StoredIncoming | None]:
    """One incoming SMS."""
    found = (yield query("find_incoming", message_id, account_id)) if rows.is_id(message_id) else []
    return news_rows.to_incoming(found[0]) if found else None


def list_incoming(account_id: str, *, limit: int) -> Operation[Sequence[StoredIncoming]]:
    """Incoming SMS of an account, newest first."""
    found = yield query("list_incoming", account_id, limit)
    return [news_rows.to_incoming(row) for row in found]
