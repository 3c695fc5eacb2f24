"""What every store promises of taking over what is due."""

from gateway.domain.intent import OutcomeKind
from gateway.ports import Store
from tests.contract.making import (
    NOON,
    QUEUED,
    UNKNOWN,
    claim,
    later,
    make_intent,
    record,
    record_accepted,
)

OPEN, QUEUE, LOST = OutcomeKind.OPEN, OutcomeKind.QUEUED, OutcomeKind.UNKNOWN


async def test_what_is_due_is_claimed_by_age_and_once(store: Store) -> None:
    for number in (300, 100, 200):
        await record(store, make_intent(store, number), kind=QUEUE, due_at=later(10))
    assert await claim(store, QUEUE, now=later(9)) == []
    assert await claim(store, QUEUE, now=later(10), limit=2) == [100, 200]
    assert await claim(store, QUEUE, now=later(10)) == [300]
    assert await claim(store, QUEUE, now=later(10)) == []


async def test_a_queued_intent_is_open_once_claimed_and_returned_as_it_was(store: Store) -> None:
    await record(store, make_intent(store, 100), kind=QUEUE, due_at=NOON)
    (claimed,) = await store.claim_intents({QUEUE}, owner="node-b", now=later(5), due_at=later(65), limit=9)
    assert claimed.outcome == QUEUED
    found = await store.find_intent(100)
    assert found is not None
    assert (found.outcome.kind, found.attempted_at) == (OPEN, later(5))


async def test_claiming_what_is_not_queued_changes_neither_outcome_nor_attempt(store: Store) -> None:
    await record(store, make_intent(store, 100))
    await store.record_outcome(100, UNKNOWN, at=NOON, due_at=later(10))
    assert await claim(store, OPEN, QUEUE, now=later(10)) == []
    assert await claim(store, LOST, OPEN, now=later(10)) == [100]
    found = await store.find_intent(100)
    assert found is not None
    assert (found.outcome, found.attempted_at) == (UNKNOWN, NOON)


async def test_a_claim_that_has_run_out_can_be_claimed_by_another(store: Store) -> None:
    await record(store, make_intent(store, 100), due_at=NOON)
    assert await claim(store, OPEN, now=NOON, owner="node-b") == [100]
    assert await claim(store, OPEN, now=later(59), owner="node-c") == []
    assert await claim(store, OPEN, now=later(60), owner="node-c") == [100]


async def test_the_newest_come_first_when_asked(store: Store) -> None:
    for number in (100, 200, 300):
        await record(store, make_intent(store, number), due_at=NOON)
    assert await claim(store, OPEN, now=NOON, newest_first=True, limit=2) == [300, 200]


async def test_a_node_inherits_what_its_earlier_life_holds_and_no_other_node_does(store: Store) -> None:
    await record(store, make_intent(store, 100), owner="node-a", due_at=later(60))
    await record(store, make_intent(store, 200), owner="node-b", due_at=later(60))
    await record(store, make_intent(store, 300), owner="node-b", due_at=NOON)
    until = later(120)
    assert await claim(store, OPEN, now=NOON, owner="node-a", inherit=True, due_at=until) == [100, 300]
    assert await claim(store, OPEN, now=NOON, owner="node-a", inherit=True, due_at=until) == []


async def test_pending_intents_are_listed_page_by_page_and_counted(store: Store) -> None:
    await record(store, make_intent(store, 100))
    await record(store, make_intent(store, 200), kind=QUEUE)
    await record(store, make_intent(store, 300))
    await store.record_outcome(300, UNKNOWN, at=NOON, due_at=NOON)
    await record_accepted(store, make_intent(store, 400))
    assert [stored.intent.id for stored in await store.list_pending(limit=2)] == [100, 200]
    assert [stored.intent.id for stored in await store.list_pending(limit=2, after=200)] == [300]
    assert await store.count_pending() == {OPEN: 1, QUEUE: 1, LOST: 1}
