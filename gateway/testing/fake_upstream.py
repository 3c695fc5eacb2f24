"""A v2 that lives in memory. It passes the same contract tests as the real client against the sandbox."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.domain.errors import (
    GatewayError,
    NothingScheduled,
    OutcomeUnknown,
    TokenRefused,
    UpstreamRefused,
)
from gateway.domain.intent import Intent, Outcome, OutcomeKind
from gateway.domain.report import DeliveryReport
from gateway.domain.status import ACCEPTED, CANCELED, MessageStatus
from gateway.ports import Balance, Clock

PRICE = 0.39
CURRENCY = "SEK"
BALANCE = 1_000_000.0


@dataclass(slots=True, kw_only=True)
class FakeBatch:
    """A batch that was accepted. `status_by_recipient` may be changed at will."""

    batch_id: str
    account_id: str
    intent: Intent
    created_at: datetime
    status_by_recipient: dict[str, MessageStatus] = field(default_factory=dict)

    @property
    def is_canceled(self) -> bool:
        """Whether every message is canceled."""
        return all(status.code == CANCELED for status in self.status_by_recipient.values())


class FakeUpstream:
    """Accepts every batch of a known token, unless told otherwise. `batches` are oldest first."""

    def __init__(self, *, clock: Clock, tokens: Mapping[str, str]) -> None:
        self.batches: list[FakeBatch] = []
        self.incoming_urls: dict[str, str] = {}
        self._clock = clock
        self._tokens = tokens
        self._failures: deque[GatewayError] = deque()
        self._lost_answers = 0

    def fail(self, *errors: GatewayError) -> None:
        """Let the next calls, of any kind, raise these and do nothing."""
        self._failures.extend(errors)

    def lose_answers(self, count: int = 1) -> None:
        """Let the next `count` sends be carried out and then raise OutcomeUnknown."""
        self._lost_answers += count

    async def send_batch(
        self,
        intent: Intent,
        *,
        token: str,
        within_seconds: float | None = None,  # noqa: ARG002  it never lets anybody wait
    ) -> Outcome:
        """Accept the intent, at once."""
        account_id = self._admit(token)
        now = self._clock.now()
        status = MessageStatus(code=ACCEPTED, at=now)
        batch = FakeBatch(
            batch_id=f"{int(now.timestamp()):08x}{len(self.batches):016x}",
            account_id=account_id,
            intent=intent,
            created_at=now,
            status_by_recipient=dict.fromkeys(intent.recipients, status),
        )
        self.batches.append(batch)
        if self._lost_answers:
            self._lost_answers -= 1
            raise OutcomeUnknown("v2's answer was lost")
        return Outcome(kind=OutcomeKind.ACCEPTED, batch_id=batch.batch_id, price=PRICE, currency=CURRENCY)

    async def find_batches(
        self, references: Collection[str], *, token: str, not_before: datetime
    ) -> Mapping[str, Outcome]:
        """Like v2's list, without prices."""
        account_id = self._admit(token)
        return {
            batch.intent.reference: Outcome(kind=OutcomeKind.ACCEPTED, batch_id=batch.batch_id)
            for batch in self.batches
            if batch.account_id == account_id
            and batch.intent.reference in references
            and batch.created_at >= not_before
        }

    async def list_statuses(self, batch_id: str, *, token: str) -> Sequence[DeliveryReport]:
        """One report a message."""
        batch = self._find(batch_id, token)
        if batch is None:
            raise UpstreamRefused("the provider refused it (404)")
        return [
            DeliveryReport(
                message_id=f"{batch_id[:8]}{position:016x}",
                batch_id=batch_id,
                recipient=recipient,
                status=status,
                segments=1,
                price=PRICE,
                currency=CURRENCY,
                reference=batch.intent.reference,
            )
            for position, (recipient, status) in enumerate(batch.status_by_recipient.items())
        ]

    async def cancel_batch(self, batch_id: str, *, token: str) -> None:
        """Cancel a batch whose window has not opened."""
        batch = self._find(batch_id, token)
        now = self._clock.now()
        if batch is None or batch.is_canceled or (batch.intent.opens_at or now) <= now:
            raise NothingScheduled("nothing is scheduled under that id any more")
        canceled = MessageStatus(code=CANCELED, at=now)
        batch.status_by_recipient = dict.fromkeys(batch.status_by_recipient, canceled)

    async def fetch_balance(self, *, token: str) -> Balance:
        """Always the same."""
        return Balance(account_id=self._admit(token), amount=BALANCE, currency=CURRENCY)

    async def set_incoming_url(self, url: str, *, token: str) -> None:
        """Remember it."""
        self.incoming_urls[self._admit(token)] = url

    async def ping(self) -> None:
        """Answer, unless told to fail."""
        self._fail_if_told()

    def _find(self, batch_id: str, token: str) -> FakeBatch | None:
        account_id = self._admit(token)
        found = (batch for batch in self.batches if batch.batch_id == batch_id and batch.account_id == account_id)
        return next(found, None)

    def _admit(self, token: str) -> str:
        self._fail_if_told()
        account_id = self._tokens.get(token)
        if account_id is None:
            raise TokenRefused("v2 refused the token (401)")
        return account_id

    def _fail_if_told(self) -> None:
        if self._failures:
            raise self._failures.popleft()
