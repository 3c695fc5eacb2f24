"""The part of a MemoryStore that sends: intents recorded, settled, taken over."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.domain.intent import PENDING, Intent, Outcome, OutcomeKind, StoredIntent
from gateway.domain.status import CANCELED, MessageStatus
from gateway.ports import RepeatGuard
from gateway.testing.memory_entries import IntentEntry


class MemorySending:
    """`gateway.ports.Store`, its sending part."""

    def __init__(self) -> None:
        self._intents: dict[int, IntentEntry] = {}
        self._intent_by_message: dict[int, IntentEntry] = {}
        self._repeats: dict[tuple[str, bytes], RepeatGuard] = {}

    async def record_intents(
        self,
        intents: Sequence[Intent],
        *,
        kind: OutcomeKind,
        owner: str,
        due_at: datetime,
        guard: RepeatGuard | None = None,
    ) -> int | None:
        """Put a bundle down, unless it repeats another: then the first call's id."""
        if any(intent.id in self._intents for intent in intents):
            raise ValueError("an id is used twice")
        if guard is not None:
            known = self._repeats.get((guard.account_id, guard.fingerprint))
            if known and known.expires_at > intents[0].created_at and known.first_id != guard.replaces:
                return known.first_id
            self._repeats[guard.account_id, guard.fingerprint] = guard
        for intent in intents:
            entry = IntentEntry.record(intent, kind=kind, owner=owner, due_at=due_at)
            self._intents[intent.id] = entry
            self._intent_by_message |= dict.fromkeys(entry.messages, entry)
        return None

    async def record_outcome(
        self,
        intent_id: int,
        outcome: Outcome,
        *,
        at: datetime,  # noqa: ARG002  kept in a database for who reads it by hand
        due_at: datetime | None,
        held_until: datetime | None = None,
    ) -> Outcome:
        """Settle an intent; returns the outcome in force. `held_until` None: whoever holds it."""
        if outcome.kind in PENDING and due_at is None:
            raise ValueError("a pending intent needs a time at which it is due")
        entry = self._intents.get(intent_id)
        if entry is None:
            return outcome
        if entry.outcome.kind in PENDING:
            if outcome.kind not in PENDING or held_until in (None, entry.due_at):
                entry.outcome, entry.due_at = outcome, due_at
        elif entry.outcome.kind is outcome.kind is OutcomeKind.ACCEPTED:
            entry.due_at = entry.due_at and due_at
            if entry.outcome.price is None:
                entry.outcome = replace(entry.outcome, price=outcome.price, currency=outcome.currency)
        if entry.outcome.kind is outcome.kind is OutcomeKind.ACCEPTED:
            entry.rest_if_finished()
        return entry.outcome

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
        due = [
            entry
            for entry in self._by_age(newest_first=newest_first)
            if entry.outcome.kind in kinds
            and entry.due_at is not None
            and (entry.due_at <= now or (inherit and entry.owner == owner and entry.due_at != due_at))
        ]
        found = [entry.stored() for entry in due[:limit]]
        for entry in due[:limit]:
            entry.owner, entry.due_at = owner, due_at
            if entry.outcome.kind is OutcomeKind.QUEUED:
                entry.outcome, entry.attempted_at = replace(entry.outcome, kind=OutcomeKind.OPEN), now
        return found

    def _by_age(self, *, newest_first: bool = False) -> Iterable[IntentEntry]:
        return [self._intents[intent_id] for intent_id in sorted(self._intents, reverse=newest_first)]

    async def find_intent(self, intent_id: int) -> StoredIntent | None:
        """One intent, by id."""
        entry = self._intents.get(intent_id)
        return entry.stored() if entry else None

    async def list_pending(self, *, limit: int, after: int = 0) -> Sequence[StoredIntent]:
        """Intents that are not settled, from above `after`."""
        pending = [entry for entry in self._by_age() if entry.outcome.kind in PENDING and entry.intent.id > after]
        return [entry.stored() for entry in pending[:limit]]

    async def count_pending(self) -> Mapping[OutcomeKind, int]:
        """How many intents are open, queued and unknown."""
        kinds = [entry.outcome.kind for entry in self._intents.values()]
        return {kind: kinds.count(kind) for kind in PENDING}

    async def find_bundle_intents(self, account_id: str, bundle_or_message_id: int) -> Sequence[StoredIntent]:
        """All intents of a bundle, or a single message's."""
        return [
            entry.stored()
            for entry in self._by_age()
            if entry.intent.account_id == account_id
            and bundle_or_message_id == (entry.intent.bundle_id or entry.intent.id)
        ]

    async def cancel_queued(
        self,
        intent_id: int,
        *,
        at: datetime,  # noqa: ARG002  kept in a database for who reads it by hand
    ) -> bool:
        """Cancel an intent; False where it is not queued."""
        entry = self._intents.get(intent_id)
        if entry is None or entry.outcome.kind is not OutcomeKind.QUEUED:
            return False
        entry.outcome, entry.due_at = replace(entry.outcome, kind=OutcomeKind.CANCELED), None
        return True

    async def rest_intent(self, intent_id: int) -> None:
        """Give up waiting for news of an accepted intent."""
        entry = self._intents.get(intent_id)
        if entry and entry.outcome.kind is OutcomeKind.ACCEPTED:
            entry.due_at = None

    async def mark_canceled(self, intent_id: int, *, at: datetime) -> None:
        """Cancel every message that is not at its end."""
        intent = self._intents.get(intent_id)
        if intent is None:
            return
        for entry in intent.messages.values():
            if not entry.final:
                entry.status = MessageStatus(code=CANCELED, at=at)
        intent.rest_if_finished()
