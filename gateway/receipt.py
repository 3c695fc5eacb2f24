"""What a caller gets for a send."""

from collections.abc import Sequence

from gateway.delivery import Attempt
from gateway.domain.errors import GatewayError, SendFailed
from gateway.domain.intent import MessageRecord, OutcomeKind
from gateway.domain.status import INTERNAL_ERROR, MessageStatus
from gateway.domain.values import value

NOTHING_SENT = frozenset({OutcomeKind.REFUSED, OutcomeKind.FAILED})


@value
class Receipt:
    """The answer to a send: `id` is the message's, or the bundle's where there are several.

    `position` is that of the only message that is this caller's, where a batch has those of several.
    """

    id: int
    attempts: Sequence[Attempt]
    position: int | None = None

    def records(self) -> list[MessageRecord]:
        """Every message, in the order of the recipients."""
        if self.position is not None:
            (attempt,) = self.attempts
            return [_record_of(attempt, self.position)]
        return [
            _record_of(attempt, position)
            for attempt in self.attempts
            for position in range(len(attempt.intent.numbers))
        ]

    def share(self, position: int) -> "Receipt":
        """What one of several callers gets whose messages went as one batch."""
        (attempt,) = self.attempts
        return Receipt(id=attempt.intent.id + position, attempts=self.attempts, position=position)


def receipt_of(attempts: Sequence[Attempt]) -> Receipt:
    """The receipt of a bundle. Raises the first reason where nothing of it was sent or may yet be.

    Where a part of a split bundle was refused, its recipients show that as their status.
    """
    for attempt in attempts:
        if attempt.outcome.kind not in NOTHING_SENT:
            return Receipt(id=attempt.intent.answer_id, attempts=attempts)
    raise _error_of(attempts[0])


def _error_of(attempt: Attempt) -> GatewayError:
    return attempt.error or SendFailed(attempt.outcome.reason or INTERNAL_ERROR)


def _record_of(attempt: Attempt, position: int) -> MessageRecord:
    intent = attempt.intent
    number = intent.numbers[position]
    refused = intent.refused.get(number)
    return MessageRecord(
        id=intent.id + position,
        intent_id=intent.id,
        bundle_id=intent.bundle_id,
        account_id=intent.account_id,
        interface=intent.interface,
        sender=intent.sender,
        recipient=number,
        body=intent.body,
        values=intent.values,
        priority=intent.priority,
        opens_at=intent.opens_at,
        created_at=intent.created_at,
        outcome=attempt.outcome,
        status=MessageStatus(code=refused, at=intent.created_at) if refused else None,
    )
