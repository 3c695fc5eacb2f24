"""Forwards: claimed, done, given up, replayed."""

from collections.abc import Collection, Sequence
from datetime import datetime

from adapters.store import news_rows, rows
from adapters.store.statements import Operation, query
from gateway.domain.report import Forward


def is_any_due(*, now: datetime) -> Operation[bool]:
    """Whether there is anything to claim."""
    found = yield query("find_due_forward", rows.to_micros(now))
    return bool(found)


def claim_forwards(*, now: datetime, due_at: datetime, limit: int) -> Operation[Sequence[Forward]]:
    """Take what is due."""
    claimed = yield query("claim_forwards", rows.to_micros(now), rows.to_micros(due_at), limit)
    return sorted((news_rows.to_forward(row) for row in claimed), key=lambda forward: forward.id)


def record_forward(forward_id: int, *, problem: str | None, due_at: datetime | None) -> Operation[None]:
    """Note an attempt; what has been delivered is forgotten."""
    if problem is None:
        yield query("delete_forward", forward_id)
    else:
        yield query("fail_forward", forward_id, problem, rows.to_micros_or_none(due_at), int(due_at is None))


def list_dead_forwards(*, limit: int) -> Operation[Sequence[Forward]]:
    """What was given up."""
    found = yield query("list_dead_forwards", limit)
    return [news_rows.to_forward(row) for row in found]


def replay_forwards(forward_ids: Collection[int] | None, *, now: datetime) -> Operation[int]:
    """Make what was given up due again."""
    replayed = yield query(
        "replay_forwards", int(forward_ids is None), list(forward_ids or ()), rows.to_micros(now)
    )
    return len(replayed)
