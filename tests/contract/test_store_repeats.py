"""What every store promises of callers that repeat themselves."""

import asyncio
from dataclasses import replace

from gateway.domain.intent import OutcomeKind
from gateway.ports import RepeatGuard, Store
from tests.contract.making import (
    LEASE,
    NOON,
    later,
    make_intent,
    record,
)

OPEN, QUEUE, LOST = OutcomeKind.OPEN, OutcomeKind.QUEUED, OutcomeKind.UNKNOWN


def _guard(first_id: int, *, replaces: int | None = None, account_id: str = "ip1-12345") -> RepeatGuard:
    return RepeatGuard(
        account_id=account_id,
        fingerprint=b"\x00same",
        first_id=first_id,
        expires_at=NOON + LEASE,
        replaces=replaces,
    )


async def test_a_repeat_gets_the_first_calls_id_and_is_not_recorded(store: Store) -> None:
    assert await record(store, make_intent(store, 100), guard=_guard(100)) is None
    assert await record(store, make_intent(store, 200, at=later(59)), guard=_guard(200)) == 100
    assert await store.find_intent(200) is None


async def test_a_repeat_after_the_window_is_a_call_of_its_own(store: Store) -> None:
    await record(store, make_intent(store, 100), guard=_guard(100))
    late = replace(_guard(200), expires_at=later(200))
    assert await record(store, make_intent(store, 200, at=later(60)), guard=late) is None
    assert await record(store, make_intent(store, 300, at=later(61)), guard=_guard(300)) == 200


async def test_another_accounts_call_is_no_repeat(store: Store) -> None:
    await record(store, make_intent(store, 100), guard=_guard(100))
    other = _guard(200, account_id="ip1-2")
    assert await record(store, make_intent(store, 200, account_id="ip1-2"), guard=other) is None


async def test_a_first_call_that_does_not_count_is_replaced(store: Store) -> None:
    await record(store, make_intent(store, 100), guard=_guard(100))
    assert await record(store, make_intent(store, 200), guard=_guard(200, replaces=100)) is None
    assert await record(store, make_intent(store, 300), guard=_guard(300, replaces=100)) == 200


async def test_of_two_equal_calls_at_once_one_is_recorded(store: Store) -> None:
    first_ids = range(100, 120)
    answers = await asyncio.gather(
        *(record(store, make_intent(store, number), guard=_guard(number)) for number in first_ids)
    )
    recorded = [number for number in first_ids if await store.find_intent(number)]
    assert len(recorded) == 1
    assert answers.count(None) == 1
    assert answers.count(recorded[0]) == len(first_ids) - 1
