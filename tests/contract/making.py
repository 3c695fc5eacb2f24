"""Makes the values that the store's contract is tested with."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from gateway.domain.intent import Intent, Outcome, OutcomeKind, render_reference
from gateway.domain.report import DeliveryReport, IncomingMessage
from gateway.domain.sms import Interface, Priority, TemplateValues
from gateway.domain.status import MessageStatus, SendRowName, UpstreamStatus
from gateway.ports import RepeatGuard, Store

NOON = datetime(2026, 1, 15, 12, 0, 0, 123456, tzinfo=UTC)
LEASE = timedelta(seconds=60)
BATCH = "5a0c1e3b9d3f4b0001a1b2c3"
ACCEPTED = Outcome(kind=OutcomeKind.ACCEPTED, batch_id=BATCH, price=0.35, currency="SEK")
REFUSED = Outcome(kind=OutcomeKind.REFUSED, reason=SendRowName("invalid_sender"))
UNKNOWN = Outcome(kind=OutcomeKind.UNKNOWN)
QUEUED = Outcome(kind=OutcomeKind.QUEUED)


def later(seconds: float) -> datetime:
    """That long after noon."""
    return NOON + timedelta(seconds=seconds)


def make_intent(
    store: Store,
    first_id: int,
    *recipients: str,
    account_id: str = "ip1-12345",
    bundle_id: int | None = None,
    sender: str = "iP1",
    body: str = "Hej på dig, 世界 😀",
    values: TemplateValues | None = None,
    opens_at: datetime | None = None,
    at: datetime = NOON,
    refused: Sequence[str] = (),
) -> Intent:
    """An intent to these recipients; those in `refused` are none of a phone's."""
    return Intent(
        id=first_id,
        bundle_id=bundle_id,
        account_id=account_id,
        interface=Interface.REST,
        sender=sender,
        body=body,
        priority=Priority.URGENT,
        values=values,
        opens_at=opens_at,
        created_at=at,
        reference=render_reference(store.store_id, first_id),
        numbers=recipients or ("46700000001",),
        refused=dict.fromkeys(refused, UpstreamStatus(409)),
    )


async def record(
    store: Store,
    *intents: Intent,
    kind: OutcomeKind = OutcomeKind.OPEN,
    owner: str = "node-a",
    due_at: datetime = NOON + LEASE,
    guard: RepeatGuard | None = None,
) -> int | None:
    """Record a bundle as the service does."""
    return await store.record_intents(intents, kind=kind, owner=owner, due_at=due_at, guard=guard)


async def record_accepted(store: Store, intent: Intent, *, due_at: datetime = NOON + 10 * LEASE) -> None:
    """Record an intent that v2 has taken."""
    await record(store, intent)
    await store.record_outcome(intent.id, ACCEPTED, at=NOON, due_at=due_at)


async def claim(
    store: Store,
    *kinds: OutcomeKind,
    now: datetime,
    owner: str = "node-b",
    limit: int = 100,
    inherit: bool = False,
    newest_first: bool = False,
    due_at: datetime | None = None,
) -> list[int]:
    """The ids of the intents that are taken over."""
    claimed = await store.claim_intents(
        kinds,
        owner=owner,
        now=now,
        due_at=due_at or now + LEASE,
        limit=limit,
        inherit=inherit,
        newest_first=newest_first,
    )
    return [stored.intent.id for stored in claimed]


def make_report(
    code: int,
    *,
    recipient: str = "46700000001",
    reference: str | None = None,
    batch_id: str = BATCH,
    at: datetime = NOON,
    price: float | None = None,
) -> DeliveryReport:
    """News of one message."""
    return DeliveryReport(
        message_id=f"message-{recipient}",
        batch_id=batch_id,
        recipient=recipient,
        status=MessageStatus(code=UpstreamStatus(code), at=at),
        segments=2,
        price=price,
        currency="SEK" if price else None,
        reference=reference,
        raw=b'{"code": %d}' % code,
    )


def make_incoming(
    upstream_id: str = "in-1", *, account_id: str = "ip1-12345", at: datetime = NOON
) -> IncomingMessage:
    """An SMS from a phone."""
    return IncomingMessage(
        upstream_id=upstream_id,
        account_id=account_id,
        sender="46700000009",
        recipient="46701111111",
        body="STOPP",
        segments=1,
        received_at=at,
        raw=b'{"body": "STOPP"}',
    )
