"""Intents: recorded, settled, taken over."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from adapters.store import rows
from adapters.store.groups import Lines, Write
from adapters.store.statements import Bulk, Operation, Row, query
from gateway.domain.intent import Intent, Outcome, OutcomeKind, StoredIntent
from gateway.domain.status import CANCELED, UpstreamStatus, is_final
from gateway.ports import RepeatGuard


def record_intents(
    intents: Sequence[Intent],
    kind: OutcomeKind,
    owner: str,
    due_at: datetime,
    guard: RepeatGuard | None = None,
) -> Operation[int | None]:
    """A bundle, unless it repeats another: then the first call's id."""
    if guard is not None:
        first_id = yield from _find_first(guard, now=intents[0].created_at)
        if first_id is not None:
            return first_id
    for intent in intents:
        yield query("add_intent", *rows.from_intent(intent, kind, owner, due_at))
        yield Bulk("add_message", rows.from_messages(intent))
    return None


def _add_intents(
    lines: Lines, intents: Sequence[Intent], kind: OutcomeKind, owner: str, due_at: datetime
) -> int | None:
    for intent in intents:
        lines.intents.append((*rows.from_intent(intent, kind, owner, due_at), *rows.from_numbers(intent)))
    return None


RECORD_INTENTS = Write(begin=record_intents, add_lines=_add_intents)


def _find_first(guard: RepeatGuard, *, now: datetime) -> Operation[int | None]:
    """The id of the call that is repeated; None makes this call the first.

    Of two nodes that ask at once one waits here for the other's commit.
    """
    expired_at = rows.to_micros(now)
    expires_at = rows.to_micros(guard.expires_at)
    while True:
        remembered = yield query(
            "remember_repeat",
            guard.account_id,
            guard.fingerprint,
            guard.first_id,
            expires_at,
            expired_at,
            guard.replaces,
        )
        if remembered:
            yield query("forget_repeats", expired_at)
            return None
        known = yield query("find_repeat", guard.account_id, guard.fingerprint)
        if known:  # not, where a node whose clock is ahead has forgotten it in between
            return int(known[0][0])


def record_outcome(
    intent_id: int, outcome: Outcome, at: datetime, due_at: datetime | None, held_until: datetime | None
) -> Operation[Outcome]:
    """Settle an intent; the outcome in force. One statement, where nobody was faster."""
    settled = yield query("settle_intent", *rows.from_outcome(intent_id, outcome, at, due_at, held_until))
    if settled:
        return outcome
    in_force: list[Row] = []
    if outcome.kind is OutcomeKind.ACCEPTED:
        due = rows.to_micros_or_none(due_at)
        in_force = yield query("complete_acceptance", intent_id, outcome.price, outcome.currency, due)
    if not in_force:
        in_force = yield query("find_outcome", intent_id)
    # Without a row retention has deleted it: nothing is left that could contradict.
    return rows.to_outcome(in_force[0]) if in_force else outcome


def _add_outcome(
    lines: Lines,
    intent_id: int,
    outcome: Outcome,
    at: datetime,
    due_at: datetime | None,
    held_until: datetime | None,
) -> Outcome:
    lines.outcomes.append(rows.from_outcome(intent_id, outcome, at, due_at, held_until))
    return outcome


RECORD_OUTCOME = Write(begin=record_outcome, add_lines=_add_outcome)


def is_any_due(kinds: Collection[OutcomeKind], *, now: datetime) -> Operation[bool]:
    """Whether there is anything to claim."""
    found = yield query("find_due", [kind.value for kind in kinds], rows.to_micros(now))
    return bool(found)


def claim_intents(
    kinds: Collection[OutcomeKind],
    *,
    owner: str,
    now: datetime,
    due_at: datetime,
    limit: int,
    inherit: bool,
    newest_first: bool,
    store_id: str,
) -> Operation[Sequence[StoredIntent]]:
    """Take over what is due, as it was before. Inheriting with one `due_at` again and again comes to an end."""
    names = [kind.value for kind in kinds]
    moment, due, order = rows.to_micros(now), rows.to_micros(due_at), -1 if newest_first else 1
    if inherit:
        claimed = yield query("claim_inherited", names, moment, order, limit, owner, due)
    else:
        claimed = yield query("claim_due", names, moment, order, limit)
    ids = [row[0] for row in claimed]
    found = yield from _load_intents(ids, store_id=store_id)
    if ids:
        yield query("take_intents", ids, owner, due, moment)
    return found[::order]


def _load_intents(ids: list[int], *, store_id: str) -> Operation[list[StoredIntent]]:
    if not ids:
        return []
    intents = yield query("load_intents", ids)
    messages = yield query("load_messages", rows.to_message_ids(intents))
    return rows.to_stored_intents(intents, messages, store_id=store_id)


def find_intent(intent_id: int, *, store_id: str) -> Operation[StoredIntent | None]:
    """One intent."""
    found = yield from _load_intents([intent_id] if rows.is_id(intent_id) else [], store_id=store_id)
    return found[0] if found else None


def list_pending(*, limit: int, after: int, store_id: str) -> Operation[Sequence[StoredIntent]]:
    """What is not settled."""
    pending = yield query("list_pending", after, limit)
    return (yield from _load_intents([row[0] for row in pending], store_id=store_id))


def count_pending() -> Operation[Mapping[OutcomeKind, int]]:
    """How much is not settled."""
    counts = {OutcomeKind.OPEN: 0, OutcomeKind.QUEUED: 0, OutcomeKind.UNKNOWN: 0}
    for kind, count in (yield query("count_pending")):
        counts[OutcomeKind(kind)] = count
    return counts


def find_bundle_intents(
    account_id: str, bundle_or_message_id: int, *, store_id: str
) -> Operation[Sequence[StoredIntent]]:
    """A bundle's intents, or a single message's."""
    if not rows.is_id(bundle_or_message_id):
        return []
    found = yield query("find_bundle_intents", account_id, bundle_or_message_id)
    return (yield from _load_intents([row[0] for row in found], store_id=store_id))


def cancel_queued(intent_id: int, *, at: datetime) -> Operation[bool]:
    """Cancel an intent while it is queued."""
    canceled = yield query("cancel_queued", intent_id, rows.to_micros(at))
    return bool(canceled)


def rest_intent(intent_id: int) -> Operation[None]:
    """Wait for no more news."""
    yield query("rest_intent", intent_id)


def mark_canceled(intent_id: int, *, at: datetime) -> Operation[None]:
    """Cancel every message that is not at its end."""
    statuses = yield query("lock_statuses", intent_id)
    ids = [message_id for message_id, code in statuses if code is None or not is_final(UpstreamStatus(code))]
    if ids:
        yield query("set_status", ids, CANCELED, rows.to_micros(at))
    yield query("finish_intent", intent_id)
