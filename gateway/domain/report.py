"""News from v2: delivery reports and incoming SMS; and what is forwarded of them to a caller's own system."""

from dataclasses import field
from datetime import datetime
from enum import StrEnum

from gateway.domain.status import LegacyStatus, MessageStatus, UpstreamStatus
from gateway.domain.values import value


@value
class DeliveryReport:
    """One status change of one message, as v2 posted it. `raw` is the body that came, kept as evidence."""

    message_id: str
    batch_id: str
    recipient: str
    status: MessageStatus
    segments: int | None = None
    price: float | None = None
    currency: str | None = None
    reference: str | None = None
    raw: bytes = field(default=b"", repr=False)


@value
class IncomingMessage:
    """An SMS from a phone to one of the account's virtual numbers. `upstream_id` is v2's id of it."""

    upstream_id: str
    account_id: str
    sender: str
    recipient: str
    body: str | None = field(repr=False)
    segments: int
    received_at: datetime
    raw: bytes = field(default=b"", repr=False)


@value
class StoredIncoming:
    """An incoming SMS with the integer id that REST 1.0 shows for it."""

    id: int
    message: IncomingMessage


class ReportFate(StrEnum):
    """What became of a stored delivery report."""

    APPLIED = "applied"  # it changed its message
    IGNORED = "ignored"  # a repeat, or older than what is known
    ORPHANED = "orphaned"  # no message of ours


@value
class AppliedReport:
    """A report that the store has worked off. `adopted` is the intent that it is the first to prove accepted."""

    fate: ReportFate
    code: UpstreamStatus
    account_id: str | None = None
    message_id: int | None = None
    adopted: int | None = None


class ForwardKind(StrEnum):
    """What is forwarded."""

    REPORT = "report"
    INCOMING = "incoming"


@value
class Forward:
    """Something to tell a caller's own system. `subject_id` is the message's or the incoming SMS's id.

    `status` is the v2 status to report, None for an incoming SMS. `attempts` counts those made.
    """

    id: int
    kind: ForwardKind
    account_id: str
    subject_id: int
    status: MessageStatus | None
    created_at: datetime
    attempts: int = 0
    dead: bool = False
    problem: str | None = None


@value
class Notice:
    """A forward in legacy terms, as the caller's own system gets it.

    `webhook_id` is the same for every attempt. `status` and `status_text` are None for an incoming SMS, `body` is
    None for a report.
    """

    webhook_id: str
    kind: ForwardKind
    id: int
    bundle_id: int | None = None
    status: LegacyStatus | None = None
    status_text: str | None = None
    sender: str
    recipient: str
    body: str | None = field(default=None, repr=False)
    at: datetime
