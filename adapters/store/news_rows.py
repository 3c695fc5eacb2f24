"""Rows <-> delivery reports, incoming SMS and what is forwarded of them; as in rows.py."""

from datetime import datetime

from adapters.store import rows
from adapters.store.statements import Row
from gateway.domain.report import DeliveryReport, Forward, ForwardKind, IncomingMessage, StoredIncoming
from gateway.domain.status import MessageStatus, UpstreamStatus


def from_report(report: DeliveryReport, at: datetime) -> Row:
    """A delivery report for add_report.sql and write_lines.sql, without its last column: `raw`."""
    return (
        rows.to_micros(at),
        report.message_id,
        report.batch_id,
        report.recipient,
        report.status.code,
        rows.to_micros(report.status.at),
        report.segments,
        report.price,
        report.currency,
        report.reference,
    )


def to_report(row: Row) -> DeliveryReport:
    """A delivery report from list_history.sql, take_reports.sql."""
    message_id, batch_id, recipient, code, at, segments, price, currency, reference, raw = row[:10]
    return DeliveryReport(
        message_id=message_id,
        batch_id=batch_id,
        recipient=recipient,
        status=MessageStatus(code=UpstreamStatus(code), at=rows.to_moment(at)),
        segments=segments,
        price=price,
        currency=currency,
        reference=reference,
        raw=raw,
    )


def from_incoming(message: IncomingMessage, message_id: int) -> Row:
    """An incoming SMS for add_incoming.sql."""
    return (
        message_id,
        message.upstream_id,
        message.account_id,
        message.sender,
        message.recipient,
        message.body,
        message.segments,
        rows.to_micros(message.received_at),
        message.raw,
    )


def to_incoming(row: Row) -> StoredIncoming:
    """An incoming SMS from find_incoming.sql and its like."""
    message_id, upstream_id, account_id, sender, recipient, body, segments, received_at, raw = row
    message = IncomingMessage(
        upstream_id=upstream_id,
        account_id=account_id,
        sender=sender,
        recipient=recipient,
        body=body,
        segments=segments,
        received_at=rows.to_moment(received_at),
        raw=raw,
    )
    return StoredIncoming(id=message_id, message=message)


def to_forward(row: Row) -> Forward:
    """A forward from claim_forwards.sql, list_dead_forwards.sql."""
    forward_id, kind, account_id, subject_id, status, status_at, created_at, attempts, dead, problem = row
    return Forward(
        id=forward_id,
        kind=ForwardKind(kind),
        account_id=account_id,
        subject_id=subject_id,
        status=rows.to_status(status, status_at),
        created_at=rows.to_moment(created_at),
        attempts=attempts,
        dead=bool(dead),
        problem=problem,
    )
