"""MemoryStore: a store without a disk. What it holds ends with the process."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.domain.account import Account
from gateway.domain.errors import IdsExhausted
from gateway.domain.intent import FIRST_ID_DEFAULT, LAST_ID, PENDING
from gateway.domain.report import Forward, ForwardKind
from gateway.testing.memory_entries import IncomingEntry, IntentEntry, ReportEntry
from gateway.testing.memory_news import MemoryNews


class MemoryStore(MemoryNews):
    """`gateway.ports.Store`, where the promises of each method are."""

    def __init__(self, *, store_id: str = "00c0ffee", first_id: int = FIRST_ID_DEFAULT) -> None:
        super().__init__(store_id)
        self._next_id = first_id
        self._accounts: dict[str, Account] = {}

    @property
    def store_id(self) -> str:
        """Eight hex digits, part of every reference."""
        return self._store_id

    async def close(self) -> None:
        """Nothing to let go of."""

    async def ping(self) -> None:
        """Memory can always be written."""

    async def lease_ids(self, count: int) -> range:
        """The next `count` ids. Raises IdsExhausted."""
        if self._next_id + count - 1 > LAST_ID:
            raise IdsExhausted("every id that fits a signed 32-bit integer has been handed out")
        self._next_id += count
        return range(self._next_id - count, self._next_id)

    # accounts

    async def save_account(self, account: Account) -> None:
        """Add or replace an account."""
        self._accounts[account.account_id.casefold()] = account

    async def delete_account(self, account_id: str) -> bool:
        """Remove an account; False where there was none."""
        return self._accounts.pop(account_id.casefold(), None) is not None

    async def find_account(self, account_id: str) -> Account | None:
        """An account by id, in any case."""
        return self._accounts.get(account_id.casefold())

    async def find_account_by_token(self, fingerprint: bytes) -> Account | None:
        """An account by its token's fingerprint."""
        return next((found for found in self._accounts.values() if found.token_fingerprint == fingerprint), None)

    async def list_accounts(self) -> Sequence[Account]:
        """All accounts, by id."""
        return [account for _, account in sorted(self._accounts.items())]

    # forwarding

    async def claim_forwards(self, *, now: datetime, due_at: datetime, limit: int) -> Sequence[Forward]:
        """Take forwards whose time has come."""
        due = sorted(
            (entry.due_at, number)
            for number, entry in self._forwards.entries.items()
            if entry.due_at is not None and entry.due_at <= now
        )
        claimed = sorted(number for _, number in due[:limit])
        for number in claimed:
            self._forwards.entries[number].due_at = due_at
        return [self._forwards.entries[number].forward for number in claimed]

    async def record_forward(self, forward_id: int, *, problem: str | None, due_at: datetime | None) -> None:
        """Note an attempt; what has been delivered is forgotten."""
        if problem is None:
            self._forwards.entries.pop(forward_id, None)
        elif forward_id in self._forwards.entries:
            entry = self._forwards.entries[forward_id]
            attempts = entry.forward.attempts + 1
            entry.forward = replace(entry.forward, attempts=attempts, problem=problem, dead=due_at is None)
            entry.due_at = due_at

    async def list_dead_forwards(self, *, limit: int) -> Sequence[Forward]:
        """Forwards that were given up."""
        dead = [entry.forward for _, entry in sorted(self._forwards.entries.items()) if entry.forward.dead]
        return dead[:limit]

    async def replay_forwards(self, forward_ids: Collection[int] | None, *, now: datetime) -> int:
        """Make dead forwards due again, from their first attempt."""
        replayed = [
            entry
            for number, entry in self._forwards.entries.items()
            if entry.forward.dead and (forward_ids is None or number in forward_ids)
        ]
        for entry in replayed:
            entry.forward, entry.due_at = replace(entry.forward, dead=False, attempts=0), now
        return len(replayed)

    # retention

    async def erase_texts(self, *, before: datetime, limit: int) -> int:
        """Erase what was said and to whom."""
        old = [self._intents[number] for number in self._old_intents(before)]
        intents = [entry for entry in old if not entry.erased][:limit]
        incoming = [
            entry for entry in self._incoming.values() if entry.message.received_at < before and not entry.erased
        ][: limit - len(intents)]
        messages = {number for intent in intents for number in intent.messages}
        reports = [entry for entry in self._reports if entry.message_id in messages]
        erasable: list[IntentEntry | IncomingEntry | ReportEntry] = [*intents, *incoming, *reports]
        for entry in erasable:
            entry.erase()
        self._drop_orphans(before)
        return len(intents) + len(incoming)

    async def delete_rows(self, *, before: datetime, limit: int) -> int:
        """Delete intents and incoming SMS with everything that hangs on them."""
        intents = self._old_intents(before)[:limit]
        incoming = [number for number, entry in self._incoming.items() if entry.message.received_at < before]
        incoming = incoming[: limit - len(intents)]
        messages = {number for intent_id in intents for number in self._intents.pop(intent_id).messages}
        for number in messages:
            del self._intent_by_message[number]
        for number in incoming:
            del self._incoming[number]
        self._forwards.discard(ForwardKind.REPORT, messages)
        self._forwards.discard(ForwardKind.INCOMING, set(incoming))
        self._reports = [entry for entry in self._reports if entry.message_id not in messages]
        self._drop_orphans(before)
        return len(intents) + len(incoming)

    def _old_intents(self, before: datetime) -> list[int]:
        """Settled ones, oldest first; those that are erased come before the others."""
        old = [
            (not entry.erased, entry.intent.created_at, number)
            for number, entry in self._intents.items()
            if entry.intent.created_at < before and entry.outcome.kind not in PENDING
        ]
        return [number for *_, number in sorted(old)]

    def _drop_orphans(self, before: datetime) -> None:
        self._reports = [entry for entry in self._reports if not (entry.orphaned and entry.received_at < before)]
