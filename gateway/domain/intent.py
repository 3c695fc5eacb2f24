"""From an order to what is put on disk before anything is sent, and what is known of it afterwards.

An *intent* is our record of one `POST /v2/batches` before it is made. A *bundle* is what one legacy call created:
one message, or several under a bundle id, in one intent for every 500 recipients. Ids come from one sequence:
a bundle of n takes n + 1 of them in a row, its own first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from gateway.domain.account import AccountSettings
from gateway.domain.errors import BadParameter, InvalidRecipient
from gateway.domain.sms import (
    RECIPIENTS_PER_BATCH,
    Interface,
    Order,
    Priority,
    TemplateValues,
    parse_body,
    parse_msisdn,
    parse_sender,
)
from gateway.domain.status import (
    ACCEPTED,
    CANCELED,
    INTERNAL_ERROR,
    INVALID_RECIPIENT,
    QUEUED,
    MessageStatus,
    SendRowName,
    StatusTables,
    UpstreamStatus,
)
from gateway.domain.values import row_value, value

FIRST_ID_DEFAULT = 42_500_000  # a real id of the old service was 42487049 (legacy.md)
LAST_ID = 2**31 - 1


class OutcomeKind(StrEnum):
    """What became of an intent."""

    OPEN = "open"  # recorded; handed to v2 now, or it was when the process died
    QUEUED = "queued"  # surely not sent; waits for v2
    UNKNOWN = "unknown"  # may or may not be sent; is looked up, never guessed
    ACCEPTED = "accepted"  # v2 has it
    REFUSED = "refused"  # v2, or we, said no
    FAILED = "failed"  # given up
    CANCELED = "canceled"  # by the caller, before it was sent


UNDECIDED = frozenset({OutcomeKind.OPEN, OutcomeKind.UNKNOWN})  # v2 may have it
PENDING = UNDECIDED | {OutcomeKind.QUEUED}

# What a message of such an intent shows before there is news of it; the others show why it was not sent.
STATUS_BY_KIND: Mapping[OutcomeKind, UpstreamStatus] = {
    OutcomeKind.OPEN: QUEUED,
    OutcomeKind.QUEUED: QUEUED,
    OutcomeKind.UNKNOWN: QUEUED,
    OutcomeKind.ACCEPTED: ACCEPTED,
    OutcomeKind.CANCELED: CANCELED,
}


@value
class Message:
    """One SMS to one recipient. `refused` is the status of one that was never offered to v2."""

    id: int
    recipient: str
    refused: UpstreamStatus | None = None


@value
class Intent:
    """One POST to be made. Its id is its first message's; there is one for each of `numbers`, their ids in a row.

    `refused` are those of the numbers that are none, with the status they show: they are never offered to v2.
    Times are aware UTC. `body` is None once retention has erased it.
    """

    id: int
    bundle_id: int | None
    account_id: str
    interface: Interface
    sender: str
    body: str | None = field(repr=False)
    priority: Priority
    values: TemplateValues | None = field(default=None, repr=False)
    opens_at: datetime | None = None
    created_at: datetime
    reference: str
    numbers: tuple[str, ...]
    refused: Mapping[str, UpstreamStatus] = field(default_factory=dict)

    @property
    def answer_id(self) -> int:
        """The one id that the caller gets for the whole bundle: the bundle's, or the single message's."""
        return self.bundle_id or self.id

    @property
    def recipients(self) -> tuple[str, ...]:
        """The numbers v2 is asked to send to."""
        if not self.refused:
            return self.numbers
        return tuple([number for number in self.numbers if number not in self.refused])

    @property
    def messages(self) -> list[Message]:
        """Its messages, in the order of their ids."""
        return [
            Message(id=message_id, recipient=number, refused=self.refused.get(number))
            for message_id, number in enumerate(self.numbers, self.id)
        ]


@row_value
class Outcome:
    """What became of an intent.

    `batch_id` is v2's, where accepted. `reason` is the row of the send table, where refused or failed. `price` is
    v2's average price of one message.
    """

    kind: OutcomeKind
    batch_id: str | None = None
    reason: SendRowName | None = None
    price: float | None = None
    currency: str | None = None


@value
class StoredIntent:
    """An intent with what is known of it; `attempted_at` is when it was last handed to v2."""

    intent: Intent
    outcome: Outcome
    attempted_at: datetime | None


@row_value
class MessageRecord:
    """One message as the store knows it, with what its intent says. `status` is None before the first news."""

    id: int
    intent_id: int
    bundle_id: int | None
    account_id: str
    interface: Interface
    sender: str
    recipient: str
    body: str | None = field(repr=False)
    values: TemplateValues | None = field(repr=False)
    priority: Priority
    opens_at: datetime | None
    created_at: datetime
    outcome: Outcome
    status: MessageStatus | None = None
    segments: int | None = None
    price: float | None = None
    currency: str | None = None

    def upstream_status(self, tables: StatusTables) -> UpstreamStatus:
        """The v2 status in force: the news of it, else what its intent's outcome says."""
        if self.status is not None:
            return self.status.code
        status = STATUS_BY_KIND.get(self.outcome.kind)
        return status or tables.send[self.outcome.reason or INTERNAL_ERROR].message


@value
class Draft:
    """An order that can be sent: everything parsed, doubles removed, at least one number in it.

    `numbers` and `refused` are as in Intent. `id_count` is how many ids it takes, the bundle's own among them.
    """

    order: Order
    sender: str
    body: str = field(repr=False)
    numbers: tuple[str, ...]
    refused: Mapping[str, UpstreamStatus]
    values: TemplateValues | None = field(repr=False)
    id_count: int


def draft(order: Order, settings: AccountSettings) -> Draft:
    """Check and normalise an order. Raises BadParameter, InvalidSender, InvalidRecipient or InvalidBody.

    A recipient that is no number fails alone when others can be reached; a list with none is refused.
    """
    sender = _choose_sender(order.sender, settings)
    numbers, refused = _unique_numbers(order.recipients, settings.country_code)
    return Draft(
        order=order,
        sender=sender,
        numbers=numbers,
        refused=refused,
        body=parse_body(order.body),
        values=_normalise_values(order.values, settings.country_code) if order.values else None,
        id_count=1 if len(numbers) == 1 else 1 + len(numbers),
    )


def _choose_sender(written: str | None, settings: AccountSettings) -> str:
    chosen = settings.senders.get(written or "", written) or settings.default_sender
    if not chosen:
        raise BadParameter("from", "is missing; it holds the sender")
    return parse_sender(chosen, country_code=settings.country_code)


def _unique_numbers(
    written: Sequence[str], country_code: str
) -> tuple[tuple[str, ...], Mapping[str, UpstreamStatus]]:
    if not written:
        raise BadParameter("to", "is missing; it holds the phone number to send to")
    numbers: dict[str, None] = {}
    refused: dict[str, UpstreamStatus] = {}
    for number in written:
        try:
            numbers[parse_msisdn(number, country_code=country_code)] = None
        except InvalidRecipient:
            kept = "".join(filter(str.isprintable, number.strip()))[:MAX_KEPT_CHARACTERS]
            if kept not in numbers:
                numbers[kept], refused[kept] = None, INVALID_RECIPIENT
    if len(refused) == len(numbers):
        raise InvalidRecipient("no recipient is a phone number: write the country code and the number, digits only")
    return tuple(numbers), refused


MAX_KEPT_CHARACTERS = 40  # of something that was written in a number's place


def _normalise_values(values: TemplateValues, country_code: str) -> TemplateValues:
    return {_normalise_key(key, country_code): given for key, given in values.items()}


def _normalise_key(key: str, country_code: str) -> str:
    try:
        return parse_msisdn(key, country_code=country_code)
    except InvalidRecipient:
        return key


def plan_intents(drafted: Draft, *, ids: range, account_id: str, store_id: str, now: datetime) -> Sequence[Intent]:
    """The intents of a bundle, with their ids: `drafted.id_count` of them.

    As many ids as recipients make single messages without a bundle, though they go upstream together.
    """
    first_id = ids.stop - len(drafted.numbers)
    bundle_id = ids.start if ids.start < first_id else None
    intents = []
    for place in range(0, len(drafted.numbers), RECIPIENTS_PER_BATCH):
        numbers = drafted.numbers[place : place + RECIPIENTS_PER_BATCH]
        intents.append(
            Intent(
                id=first_id + place,
                bundle_id=bundle_id,
                account_id=account_id,
                interface=drafted.order.interface,
                sender=drafted.sender,
                body=drafted.body,
                priority=drafted.order.priority,
                values=drafted.values,
                opens_at=drafted.order.opens_at,
                created_at=now,
                reference=render_reference(store_id, first_id + place),
                numbers=numbers,
                refused=_refused_among(numbers, drafted.refused),
            )
        )
    return intents


def _refused_among(numbers: Sequence[str], refused: Mapping[str, UpstreamStatus]) -> Mapping[str, UpstreamStatus]:
    return refused and {number: refused[number] for number in numbers if number in refused}


def render_reference(store_id: str, intent_id: int) -> str:
    """The reference a batch carries upstream, at most 40 characters: by it an intent is found again."""
    return f"sgw-{store_id}-{intent_id}"


def parse_reference(reference: str | None, store_id: str) -> int | None:
    """The intent id in a reference of this store's; None for any other."""
    match = _REFERENCE.fullmatch(reference or "")
    return int(match["id"]) if match and match["store"] == store_id else None


_REFERENCE = re.compile(r"sgw-(?P<store>[0-9a-f]{8})-(?P<id>[1-9][0-9]{0,9})")
