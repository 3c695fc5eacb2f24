"""What the core needs of the provider's REST v2."""

from collections.abc import Awaitable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.domain.intent import Intent, Outcome
from gateway.domain.report import DeliveryReport
from gateway.domain.values import value


@value
class Balance:
    """What `GET /api/me` says of the account that a token belongs to."""

    account_id: str
    amount: float
    currency: str


class Upstream(Protocol):
    """The provider's REST v2. `token` is the account's bearer token.

    Every method raises TokenRefused, RateLimited, UpstreamUnavailable (nothing was done), UpstreamRefused, or
    OutcomeUnknown (an answer was lost or cannot be read).
    """

    def send_batch(self, intent: Intent, *, token: str, within_seconds: float | None = None) -> Awaitable[Outcome]:
        """Send one intent; what is awaited is its acceptance.

        Also raises InvalidSender, InvalidBody, InvalidRecipient and InsufficientCredits. An answer that is not
        there `within_seconds`, or in the adapter's own time, is lost.
        """

    async def find_batches(
        self, references: Collection[str], *, token: str, not_before: datetime
    ) -> Mapping[str, Outcome]:
        """What v2 accepted under these references, among the batches created since `not_before`, newest first.

        Looks through all of them: a reference that is absent from the answer is absent upstream.
        """

    async def list_statuses(self, batch_id: str, *, token: str) -> Sequence[DeliveryReport]:
        """The latest status of every message in a batch, as if it had been reported."""

    async def cancel_batch(self, batch_id: str, *, token: str) -> None:
        """Cancel a scheduled batch. Raises NothingScheduled where it has opened already or does not exist."""

    async def fetch_balance(self, *, token: str) -> Balance:
        """The balance, and whose it is."""

    async def set_incoming_url(self, url: str, *, token: str) -> None:
        """Have v2 post the account's incoming SMS there."""

    async def ping(self) -> None:
        """Return when v2 answers at all, whatever it says."""
