"""What is written at once, as lines of one statement, ends as it would one after the other."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from adapters.store.groups import Lines
from adapters.store.sqlite import SqliteStore, open_sqlite
from adapters.store.sqlite_file import open_file
from gateway.domain.intent import OutcomeKind
from tests.contract.making import (
    ACCEPTED,
    NOON,
    REFUSED,
    UNKNOWN,
    later,
    make_intent,
    make_report,
    record,
    record_accepted,
)

CALLS = range(40)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await open_sqlite(tmp_path / "smsgw.db")
    yield store
    await store.close()


async def _record_at_once(store: SqliteStore) -> None:
    """Intents of one message and of two, of which the second is refused here and there, all in one group."""
    numbers = [(f"4670000{call:04}", '46701"]')[: 1 + call % 2] for call in CALLS]
    intents = [
        make_intent(store, 50_000_000 + 10 * call, *numbers[call], refused=numbers[call][1 : call % 3])
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


async def test_an_outcome_that_comes_too_late_undoes_nothing_of_its_group(store: SqliteStore) -> None:
    await _record_at_once(store)
    await store.record_outcome(50_000_000, ACCEPTED, at=NOON, due_at=None)
    recorded, late, settled = await asyncio.gather(
        store.record_intents([make_intent(store, 60_000_000)], kind=OutcomeKind.OPEN, owner="here", due_at=NOON),
        store.record_outcome(50_000_000, REFUSED, at=NOON, due_at=None),
        store.record_outcome(50_000_010, REFUSED, at=NOON, due_at=None),
    )
    assert (recorded, late, settled) == (None, ACCEPTED, REFUSED)
    assert await store.find_intent(60_000_000) is not None


async def test_what_is_read_in_between_and_what_is_written_at_once_are_both_done(store: SqliteStore) -> None:
    leased, recorded, reported = await asyncio.gather(
        store.lease_ids(5),
        store.record_intents([make_intent(store, 60_000_000)], kind=OutcomeKind.OPEN, owner="here", due_at=NOON),
        store.record_report(make_report(201), at=NOON),
    )
    assert (len(leased), recorded, reported) == (5, None, None)
    assert await store.find_intent(60_000_000) is not None


async def test_a_text_that_json_cannot_carry_is_kept_whole_among_others(store: SqliteStore) -> None:
    intents = [make_intent(store, 60_000_000 + call, body=f"{call}\0 and more") for call in CALLS]
    await asyncio.gather(
        *(store.record_intents([intent], kind=OutcomeKind.OPEN, owner="here", due_at=NOON) for intent in intents)
    )
    assert [(await store.find_intent(intent.id)).intent for intent in intents] == intents  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "raw", [b'{"code": 201}', '{"name": "Åsa \U0001f600"}'.encode(), b"\xff\x00 no text at all"]
)
async def test_a_report_is_kept_to_the_byte(store: SqliteStore, raw: bytes) -> None:
    await record_accepted(store, make_intent(store, 60_000_000))
    reports = [replace(make_report(201), raw=raw), make_report(202, price=0.35)]
    await asyncio.gather(*(store.record_report(report, at=NOON) for report in reports))
    await store.apply_reports(now=NOON, orphans_before=NOON, wants_forward=lambda _: False, limit=9)
    assert list(await store.list_history(60_000_000)) == reports


async def test_an_outcome_costs_as_little_among_many_intents_as_among_few(tmp_path: Path) -> None:
    steps = []
    for count in (10, 1000):
        store = await open_sqlite(tmp_path / f"{count}.db")
        await asyncio.gather(*(record(store, make_intent(store, 60_000_000 + number)) for number in range(count)))
        await store.close()
        opened = open_file(tmp_path / f"{count}.db", first_id=1, beside_gateway=True)
        opened.connection.create_function("come_too_late", 1, [].append)
        opened.connection.executescript(opened.statements["prepare_lines"])
        taken: list[None] = []
        opened.connection.set_progress_handler(partial(taken.append, None), 1)
        lines = Lines(outcomes=[(60_000_005, "accepted", "b", None, 0.35, "SEK", 7, 8, None)])
        opened.connection.execute(opened.statements["write_lines"], lines.encode())
        opened.connection.close()
        opened.lock.release()
        steps.append(len(taken))
    assert steps[0] == steps[1] > 0
