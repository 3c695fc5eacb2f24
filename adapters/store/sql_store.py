"""The store's contract over any SQL database: each method names its operation, and whether it writes."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.store import rows
from adapters.store.groups import Groups
from adapters.store.operations import accounts, forwarding, news, retention, sending, upkeep
from adapters.store.statements import Operation, Row, T
from gateway.domain.account import Account
from gateway.domain.errors import StoreUnavailable
from gateway.domain.intent import Intent, MessageRecord, Outcome, OutcomeKind, StoredIntent
from gateway.domain.report import AppliedReport, DeliveryReport, Forward, IncomingMessage, StoredIncoming
from gateway.ports import MessageQuery, RepeatGuard


class SqlStore(ABC):
    """`gateway.ports.Store`, where the promises of each method are.

    What the background asks for again and again is looked for first, as a reader: who sends shall not wait for the
    transaction of somebody who finds nothing to do.
    """

    def __init__(self, store_id: str, groups: Groups) -> None:
        self.store_id = store_id
        self._groups = groups  # what is written with every message goes here: one commit may hold many
        self._closed = False

    def _check_open(self) -> None:
        """Raises StoreUnavailable once the store is closed."""
        if self._closed:
            raise StoreUnavailable("the store is closed")

    @abstractmethod
    async def _read(self, begin: Callable[[], Operation[T]]) -> T:
        """Run an operation that changes nothing."""

    @abstractmethod
    async def _look_up(self, name: str, *args: Any) -> Row | None:
        """The one row, if any, that a statement finds by a key."""

    @abstractmethod
    async def _write(self, begin: Callable[[], Operation[T]]) -> T:
        """Run an operation to its end and commit it."""

    @abstractmethod
    async def close(self) -> None:
        """Commit what has gathered and let go of the files or connections."""

    async def ping(self) -> None:
        """Return when the store can write."""
        await self._write(upkeep.ping)

    async def lease_ids(self, count: int) -> range:
        """The next `count` ids. Raises IdsExhausted."""
        return await self._write(lambda: upkeep.lease_ids(count))

    # accounts

    async def save_account(self, account: Account) -> None:
        """Add or replace an account."""
        await self._write(lambda: accounts.save_account(account))

    async def delete_account(self, account_id: str) -> bool:
        """Remove an account; False where there was none."""
        return await self._write(lambda: accounts.delete_account(account_id))

    async def find_account(self, account_id: str) -> Account | None:
        """An account by id, in any case."""
        return await self._read(lambda: accounts.find_account(account_id))

    async def find_account_by_token(self, fingerprint: bytes) -> Account | None:
        """An account by its token's fingerprint."""
        return await self._read(lambda: accounts.find_account_by_token(fingerprint))

    async def list_accounts(self) -> Sequence[Account]:
        """All accounts, by id."""
        return await self._read(accounts.list_accounts)

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
        """Put a bundle on disk, unless it repeats another: then the first call's id."""
        if guard is None:
            return self._groups.submit(sending.RECORD_INTENTS, intents, kind, owner, due_at)
        # Equal fingerprints wait for each other, so they are kept out of a transaction with others.
        return self._write(lambda: sending.record_intents(intents, kind, owner, due_at, guard))

    def record_outcome(
        self,
        intent_id: int,
        outcome: Outcome,
        *,
        at: datetime,
        due_at: datetime | None,
        held_until: datetime | None = None,
    ) -> Awaitable[Outcome]:
        """Settle an intent; returns the outcome in force. `held_until` None: whoever holds it."""
        return self._groups.submit(sending.RECORD_OUTCOME, intent_id, outcome, at, due_at, held_until)

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
        """Take over what is due. Inheriting repeatedly with one `due_at` comes to an end."""
        if not inherit and not await self._read(lambda: sending.is_any_due(kinds, now=now)):
            return []
        return await self._write(
            lambda: sending.claim_intents(
                kinds,
                owner=owner,
                now=now,
                due_at=due_at,
                limit=limit,
                inherit=inherit,
                newest_first=newest_first,
                store_id=self.store_id,
            )
        )

    async def find_intent(self, intent_id: int) -> StoredIntent | None:
        """One intent, by id."""
        return await self._read(lambda: sending.find_intent(intent_id, store_id=self.store_id))

    async def list_pending(self, *, limit: int, after: int = 0) -> Sequence[StoredIntent]:
        """Intents that are not settled, from above `after`."""
        return await self._read(lambda: sending.list_pending(limit=limit, after=after, store_id=self.store_id))

    async def count_pending(self) -> Mapping[OutcomeKind, int]:
        """How many intents are open, queued and unknown."""
        return await self._read(sending.count_pending)

    async def find_bundle_intents(self, account_id: str, bundle_or_message_id: int) -> Sequence[StoredIntent]:
        """All intents of a bundle, or a single message's."""
        return await self._read(
            lambda: sending.find_bundle_intents(account_id, bundle_or_message_id, store_id=self.store_id)
        )

    async def cancel_queued(self, intent_id: int, *, at: datetime) -> bool:
        """Cancel an intent; False where it is not queued."""
        return await self._write(lambda: sending.cancel_queued(intent_id, at=at))

    async def rest_intent(self, intent_id: int) -> None:
        """Give up waiting for news of an accepted intent."""
        await self._write(lambda: sending.rest_intent(intent_id))

    async def mark_canceled(self, intent_id: int, *, at: datetime) -> None:
        """Cancel every message that is not at its end."""
        await self._write(lambda: sending.mark_canceled(intent_id, at=at))

    # status

    async def record_report(self, report: DeliveryReport, *, at: datetime) -> None:
        """Keep a delivery report, to be applied later."""
        await self._groups.submit(news.RECORD_REPORT, report, at)

    async def apply_reports(
        self, *, now: datetime, orphans_before: datetime, wants_forward: Callable[[str], bool], limit: int
    ) -> Sequence[AppliedReport]:
        """Work off stored reports, oldest first."""
        if not await self._read(news.has_any_come):
            return []
        return await self._write(
            lambda: news.apply_reports(
                now=now,
                orphans_before=orphans_before,
                wants_forward=wants_forward,
                limit=limit,
                store_id=self.store_id,
            )
        )

    async def find_message(self, message_id: int, *, account_id: str | None) -> MessageRecord | None:
        """One message, if it belongs to the account."""
        if not rows.is_id(message_id):
            return None
        found = await self._look_up("find_message", message_id, account_id)
        return rows.to_record(found) if found else None

    async def list_messages(self, account_id: str, query: MessageQuery) -> Sequence[MessageRecord]:
        """The account's messages, newest first."""
        return await self._read(lambda: news.list_messages(account_id, query))

    async def find_bundle(self, account_id: str, bundle_id: int) -> Sequence[MessageRecord]:
        """All messages of a bundle in id order."""
        return await self._read(lambda: news.find_bundle(account_id, bundle_id))

    async def list_history(self, message_id: int) -> Sequence[DeliveryReport]:
        """Every delivery report of one message, in the order they came."""
        return await self._read(lambda: news.list_history(message_id))

    # incoming SMS

    async def record_incoming(self, message: IncomingMessage, *, message_id: int, forward: bool) -> StoredIncoming:
        """Keep an incoming SMS, once."""
        return await self._write(lambda: news.record_incoming(message, message_id=message_id, forward=forward))

    async def find_incoming(self, message_id: int, *, account_id: str | None) -> StoredIncoming | None:
        """One incoming SMS, if it is the account's."""
        return await self._read(lambda: news.find_incoming(message_id, account_id=account_id))

    async def list_incoming(self, account_id: str, *, limit: int) -> Sequence[StoredIncoming]:
        """The account's incoming SMS, newest first."""
        return await self._read(lambda: news.list_incoming(account_id, limit=limit))

    # forwarding

    async def claim_forwards(self, *, now: datetime, due_at: datetime, limit: int) -> Sequence[Forward]:
        """Take forwards whose time has come."""
        if not await self._read(lambda: forwarding.is_any_due(now=now)):
            return []
        return await self._write(lambda: forwarding.claim_forwards(now=now, due_at=due_at, limit=limit))

    async def record_forward(self, forward_id: int, *, problem: str | None, due_at: datetime | None) -> None:
        """Note an attempt."""
        await self._write(lambda: forwarding.record_forward(forward_id, problem=problem, due_at=due_at))

    async def list_dead_forwards(self, *, limit: int) -> Sequence[Forward]:
        """Forwards that were given up."""
        return await self._read(lambda: forwarding.list_dead_forwards(limit=limit))

    async def replay_forwards(self, forward_ids: Collection[int] | None, *, now: datetime) -> int:
        """Make dead forwards due again, from their first attempt."""
        return await self._write(lambda: forwarding.replay_forwards(forward_ids, now=now))

    # retention

    async def erase_texts(self, *, before: datetime, limit: int) -> int:
        """Erase what was said and to whom."""
        return await self._write(lambda: retention.erase_texts(before=before, limit=limit))

    async def delete_rows(self, *, before: datetime, limit: int) -> int:
        """Delete intents and incoming SMS with everything that hangs on them."""
        return await self._write(lambda: retention.delete_rows(before=before, limit=limit))
