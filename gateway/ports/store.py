"""What the core needs of the store."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.domain.account import Account
from gateway.domain.intent import Intent, MessageRecord, Outcome, OutcomeKind, StoredIntent
from gateway.domain.report import (
    AppliedReport,
    DeliveryReport,
    Forward,
    IncomingMessage,
    StoredIncoming,
)
from gateway.domain.values import value


@value
class RepeatGuard:
    """Asks the store to notice a call that repeats another.

    `fingerprint` identifies sender, recipients and text within an account; `first_id` is what this call's caller
    would get; the fingerprint is remembered until `expires_at`. `replaces` is the first id of a remembered call
    that does not count, because nothing of it was sent.
    """

    account_id: str
    fingerprint: bytes
    first_id: int
    expires_at: datetime
    replaces: int | None = None


@value
class MessageQuery:
    """Which of an account's messages to list, newest first; empty means any."""

    senders: Sequence[str] = ()
    recipients: Sequence[str] = ()
    limit: int = 1000


class Store(Protocol):
    """What is on disk. What has been awaited is committed; every method may raise StoreUnavailable.

    `owner` names the gateway process (node) that works on something, and `due_at` says when any node may take it
    over: until then it is its owner's. An intent whose `due_at` is None needs no more attention; one that is
    pending has a `due_at`.
    """

    @property
    def store_id(self) -> str:
        """Eight hex digits, made once with the store; part of every reference."""

    async def close(self) -> None:
        """Commit what has gathered and let go of the files or connections."""

    async def ping(self) -> None:
        """Return when the store can write."""

    async def lease_ids(self, count: int) -> range:
        """The next `count` ids, handed out never again. Raises IdsExhausted beyond a signed 32-bit integer."""

    # accounts

    async def save_account(self, account: Account) -> None:
        """Add the account, or replace the one of that id."""

    async def delete_account(self, account_id: str) -> bool:
        """Remove the account; False where there was none. Its messages stay."""

    async def find_account(self, account_id: str) -> Account | None:
        """The account of that id (letters compare without case)."""

    async def find_account_by_token(self, fingerprint: bytes) -> Account | None:
        """The account whose token has that fingerprint."""

    async def list_accounts(self) -> Sequence[Account]:
        """All accounts, by id."""

    # sending

    def record_intents(
        self,
        intents: Sequence[Intent],
        *,
        kind: OutcomeKind,
        owner: str,
        due_at: datetime,
        guard: RepeatGuard | None = None,
    ) -> Awaitable[int | None]:
        """Put a bundle's intents on disk, all or none, each with outcome `kind` (open or queued).

        Where `guard` meets a fingerprint that has not expired by the intents' `created_at`, nothing is recorded
        and the first call's id is returned, unless it is the one that the guard replaces; otherwise None.
        """

    def record_outcome(
        self,
        intent_id: int,
        outcome: Outcome,
        *,
        at: datetime,
        due_at: datetime | None,
        held_until: datetime | None = None,
    ) -> Awaitable[Outcome]:
        """Settle a pending intent and return the outcome now in force.

        An intent that is settled already keeps its outcome (the first answer wins), except that an accepted one
        without a price takes the price. A pending `outcome` (queued, unknown) replaces a pending one, but only
        where the intent's `due_at` still is `held_until`: another node may have taken it over meanwhile. Raises
        ValueError where a pending one has no `due_at`.
        """

    async def claim_intents(
        self,
        kinds: Collection[OutcomeKind],
        *,
        owner: str,
        now: datetime,
        due_at: datetime,
        limit: int,
        inherit: bool = False,
        newest_first: bool = False,
    ) -> Sequence[StoredIntent]:
        """Take over up to `limit` intents of these kinds whose `due_at` has come, until the new `due_at`.

        By age (ids ascend), or newest first. No two nodes get the same one. A queued intent becomes open by it and
        is returned with the outcome it had: from here on it counts as handed to v2. `inherit` takes also what
        an earlier life of `owner` holds, due or not.
        """

    async def find_intent(self, intent_id: int) -> StoredIntent | None:
        """One intent, by id."""

    async def list_pending(self, *, limit: int, after: int = 0) -> Sequence[StoredIntent]:
        """Intents that are open, queued or unknown, ids ascending from above `after`."""

    async def count_pending(self) -> Mapping[OutcomeKind, int]:
        """How many intents are open, queued and unknown."""

    async def find_bundle_intents(self, account_id: str, bundle_or_message_id: int) -> Sequence[StoredIntent]:
        """All intents of a bundle, or the one of a single message; empty where it is not the account's."""

    async def cancel_queued(self, intent_id: int, *, at: datetime) -> bool:
        """Make an intent that is queued canceled; False where it is not (or no more) queued."""

    async def rest_intent(self, intent_id: int) -> None:
        """Give up waiting for news of an accepted intent: its `due_at` becomes None."""

    async def mark_canceled(self, intent_id: int, *, at: datetime) -> None:
        """Give every message of the intent that has no final status v2's status 203; one that is settled rests."""

    # status

    async def record_report(self, report: DeliveryReport, *, at: datetime) -> None:
        """Keep a delivery report, to be applied later."""

    async def apply_reports(
        self,
        *,
        now: datetime,
        orphans_before: datetime,
        wants_forward: Callable[[str], bool],
        limit: int,
    ) -> Sequence[AppliedReport]:
        """Work off up to `limit` stored reports, oldest first; each once, whatever node does it.

        A report finds its message by reference and recipient, else by batch id and recipient, and changes it by
        `gateway.domain.status.next_status` (segments, price and currency come with it). It settles an unsettled
        intent as accepted. When all messages of an intent are final the intent rests (`due_at` None). A change of
        status makes a Forward where `wants_forward(account_id)`. A report without a message waits: its intent may
        not be stored yet; one received before `orphans_before` is orphaned.
        """

    async def find_message(self, message_id: int, *, account_id: str | None) -> MessageRecord | None:
        """One message, if it belongs to the account; `account_id` None asks for the operator."""

    async def list_messages(self, account_id: str, query: MessageQuery) -> Sequence[MessageRecord]:
        """The account's messages, newest first."""

    async def find_bundle(self, account_id: str, bundle_id: int) -> Sequence[MessageRecord]:
        """All messages of a bundle in id order; empty where it is not the account's."""

    async def list_history(self, message_id: int) -> Sequence[DeliveryReport]:
        """Every delivery report of one message, in the order they came."""

    # incoming SMS

    async def record_incoming(self, message: IncomingMessage, *, message_id: int, forward: bool) -> StoredIncoming:
        """Keep an incoming SMS under `message_id`; one that came before (same `upstream_id`) keeps its first id."""

    async def find_incoming(self, message_id: int, *, account_id: str | None) -> StoredIncoming | None:
        """One incoming SMS, if it is the account's; `account_id` None asks for the operator."""

    async def list_incoming(self, account_id: str, *, limit: int) -> Sequence[StoredIncoming]:
        """The account's incoming SMS, newest first."""

    # forwarding

    async def claim_forwards(self, *, now: datetime, due_at: datetime, limit: int) -> Sequence[Forward]:
        """Take up to `limit` forwards whose time has come, until `due_at`; no two nodes get the same one."""

    async def record_forward(self, forward_id: int, *, problem: str | None, due_at: datetime | None) -> None:
        """One attempt was made: done (`problem` None), to be tried again at `due_at`, or dead (no `due_at`)."""

    async def list_dead_forwards(self, *, limit: int) -> Sequence[Forward]:
        """Forwards that were given up."""

    async def replay_forwards(self, forward_ids: Collection[int] | None, *, now: datetime) -> int:
        """Make dead forwards due again (None: all); returns how many."""

    # retention

    async def erase_texts(self, *, before: datetime, limit: int) -> int:
        """Erase what was said and to whom, of up to `limit` settled intents created before a moment.

        Text, template values, raw reports and all but the last three digits of every number go, of incoming SMS
        too. Returns how many intents and incoming SMS were erased; 0 when nothing is left to do.
        """

    async def delete_rows(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` intents with everything that hangs on them, likewise; returns how many."""
