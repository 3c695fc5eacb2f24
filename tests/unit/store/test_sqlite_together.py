"""Operations that are carried out side by side end as they would one after the other."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.store.sqlite import SqliteStore, open_sqlite
from adapters.store.sqlite_file import open_file
from gateway.domain.intent import OutcomeKind
from tests.contract.making import ACCEPTED, NOON, REFUSED, UNKNOWN, later, make_intent

CALLS = range(40)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await open_sqlite(tmp_path / "smsgw.db")
    yield store
    await store.close()


async def _record_at_once(store: SqliteStore) -> None:
    """Intents of one message and of two, all in one group."""
    intents = [
        make_intent(store, 50_000_000 + 10 * call, *(f"4670000{call:04}", "46701")[: 1 + call % 2])
        for call in CALLS
    ]
    await asyncio.gather(
        *(
            store.record_intents([intent], kind=OutcomeKind.OPEN, owner="here", due_at=later(60))
            for intent in intents
        )
    )
    assert [(await store.find_intent(intent.id)).intent for intent in intents] == intents  # type: ignore[union-attr]


async def test_intents_that_are_recorded_at_once_are_all_on_disk(store: SqliteStore) -> None:
    await _record_at_once(store)


async def test_outcomes_that_come_at_once_each_reach_their_own_intent(store: SqliteStore) -> None:
    await _record_at_once(store)
    outcomes = [
        replace(ACCEPTED, batch_id=f"{call:024x}", price=call / 100) if call % 3 else (REFUSED, UNKNOWN)[call % 2]
        for call in CALLS
    ]

    async def settle(call: int) -> None:
        settled = await store.record_outcome(50_000_000 + 10 * call, outcomes[call], at=NOON, due_at=later(900))
        assert settled == outcomes[call]

    await asyncio.gather(*map(settle, CALLS))
    for call in CALLS:
        found = await store.find_intent(50_000_000 + 10 * call)
        assert found is not None
        assert found.outcome == outcomes[call]


async def test_of_two_outcomes_of_one_intent_at_once_the_first_is_in_force(store: SqliteStore) -> None:
    await _record_at_once(store)
    first, second, other = await asyncio.gather(
        store.record_outcome(50_000_000, ACCEPTED, at=NOON, due_at=None),
        store.record_outcome(50_000_000, REFUSED, at=NOON, due_at=None),
        store.record_outcome(50_000_010, REFUSED, at=NOON, due_at=None),
    )
    assert (first, second, other) == (ACCEPTED, ACCEPTED, REFUSED)


async def test_who_lost_his_claim_settles_nothing_for_now_among_others_who_did_not(store: SqliteStore) -> None:
    await _record_at_once(store)
    await store.record_outcome(50_000_000, ACCEPTED, at=NOON, due_at=None)
    late, timely = await asyncio.gather(
        store.record_outcome(50_000_000, UNKNOWN, at=NOON, due_at=NOON, held_until=later(60)),
        store.record_outcome(50_000_010, UNKNOWN, at=NOON, due_at=NOON, held_until=later(60)),
    )
    assert (late, timely) == (ACCEPTED, UNKNOWN)


def test_no_statement_for_many_rows_looks_through_a_table(tmp_path: Path) -> None:
    opened = open_file(tmp_path / "smsgw.db", first_id=50_000_000, beside_gateway=True)
    for name, text in opened.statements.together.items():
        plan = [step[-1] for step in opened.connection.execute(f"EXPLAIN QUERY PLAN {text}", ("[]",))]
        assert plan[0].startswith("SCAN json_each"), name
        assert all("PRIMARY KEY (rowid=?)" in step for step in plan[1:]), name
    opened.connection.close()
    opened.lock.release()
