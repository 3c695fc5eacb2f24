"""What a MemoryStore holds: mutable records of what other stores keep in rows."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.domain.intent import PENDING, Intent, Message, MessageRecord, Outcome, OutcomeKind, StoredIntent
from gateway.domain.report import DeliveryReport, Forward, ForwardKind, IncomingMessage
from gateway.domain.sms import mask_number
from gateway.domain.status import MessageStatus, is_final


@dataclass(slots=True, kw_only=True)
class MessageEntry:
    """A message and the news of it."""

    message: Message
    status: MessageStatus | None
    segments: int | None = None
    price: float | None = None
    currency: str | None = None

    @classmethod
    def record(cls, message: Message, *, at: datetime) -> "MessageEntry":
        """A message as it is first put down; one that was refused has that as its status from the start."""
        status = None if message.refused is None else MessageStatus(code=message.refused, at=at)
        return cls(message=message, status=status)

    @property
    def final(self) -> bool:
        """Whether its status will not change any more."""
        return self.status is not None and is_final(self.status.code)

    def apply(self, report: DeliveryReport) -> None:
        """Take over what a report says."""
        self.status = report.status
        self.segments = self.segments if report.segments is None else report.segments
        self.price = self.price if report.price is None else report.price
        self.currency = self.currency if report.currency is None else report.currency


@dataclass(slots=True, kw_only=True)
class IntentEntry:
    """An intent with its outcome and its messages."""

    intent: Intent
    outcome: Outcome
    owner: str
    due_at: datetime | None
    attempted_at: datetime | None
    messages: dict[int, MessageEntry]
    erased: bool = False

    @classmethod
    def record(cls, intent: Intent, *, kind: OutcomeKind, owner: str, due_at: datetime) -> "IntentEntry":
        """An intent as it is first put down."""
        return cls(
            intent=intent,
            outcome=Outcome(kind=kind),
            owner=owner,
            due_at=due_at,
            attempted_at=intent.created_at if kind is OutcomeKind.OPEN else None,
            messages={
                message.id: MessageEntry.record(message, at=intent.created_at) for message in intent.messages
            },
        )

    def rest_if_finished(self) -> None:
        """A settled intent whose messages are all at their end needs no more attention."""
        if self.outcome.kind not in PENDING and all(entry.final for entry in self.messages.values()):
            self.due_at = None

    def stored(self) -> StoredIntent:
        """The intent as the store hands it out."""
        messages = [entry.message for entry in self.messages.values()]
        numbers = tuple(message.recipient for message in messages)
        refused = {message.recipient: message.refused for message in messages if message.refused is not None}
        return StoredIntent(
            intent=replace(self.intent, numbers=numbers, refused=refused),
            outcome=self.outcome,
            attempted_at=self.attempted_at,
        )

    def record_of(self, message_id: int) -> MessageRecord:
        """One of its messages as the store hands it out."""
        intent, entry = self.intent, self.messages[message_id]
        return MessageRecord(
            id=message_id,
            intent_id=intent.id,
            bundle_id=intent.bundle_id,
            account_id=intent.account_id,
            interface=intent.interface,
            sender=intent.sender,
            recipient=entry.message.recipient,
            body=intent.body,
            values=intent.values,
            priority=intent.priority,
            opens_at=intent.opens_at,
            created_at=intent.created_at,
            outcome=self.outcome,
            status=entry.status,
            segments=entry.segments,
            price=entry.price,
            currency=entry.currency,
        )

    def erase(self) -> None:
        """Forget what was said and to whom."""
        sender = self.intent.sender
        self.intent = replace(
            self.intent, body=None, values=None, sender=mask_number(sender) if sender.isdigit() else sender
        )
        for entry in self.messages.values():
            entry.message = replace(entry.message, recipient=mask_number(entry.message.recipient))
        self.erased = True


@dataclass(slots=True, kw_only=True)
class ReportEntry:
    """A delivery report, `number` in the order they came; `message_id` is set when its message has been found."""

    number: int
    report: DeliveryReport
    received_at: datetime
    looked_at: datetime
    orphaned: bool = False
    message_id: int | None = None

    def erase(self) -> None:
        """Forget what it said of whom."""
        self.report = replace(self.report, recipient=mask_number(self.report.recipient), raw=b"")


@dataclass(slots=True, kw_only=True)
class IncomingEntry:
    """An incoming SMS."""

    message: IncomingMessage
    erased: bool = False

    def erase(self) -> None:
        """Forget what was said by whom."""
        self.message = replace(
            self.message,
            body=None,
            raw=b"",
            sender=mask_number(self.message.sender),
            recipient=mask_number(self.message.recipient),
        )
        self.erased = True


@dataclass(slots=True, kw_only=True)
class ForwardEntry:
    """A forward and when it is to be tried."""

    forward: Forward
    due_at: datetime | None


@dataclass(slots=True, kw_only=True)
class Forwards:
    """Forwards that are waiting or dead."""

    entries: dict[int, ForwardEntry] = field(default_factory=dict)
    made: int = 0

    def add(
        self, kind: ForwardKind, account_id: str, subject_id: int, status: MessageStatus | None, at: datetime
    ) -> None:
        """One that is due at once."""
        self.made += 1
        forward = Forward(
            id=self.made,
            kind=kind,
            account_id=account_id,
            subject_id=subject_id,
            status=status,
            created_at=at,
        )
        self.entries[self.made] = ForwardEntry(forward=forward, due_at=at)

    def discard(self, kind: ForwardKind, subject_ids: set[int]) -> None:
        """Remove those about something that is deleted."""
        self.entries = {
            number: entry
            for number, entry in self.entries.items()
            if entry.forward.kind is not kind or entry.forward.subject_id not in subject_ids
        }
