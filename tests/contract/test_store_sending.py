"""What every store promises of intents: recorded, settled, canceled."""

import asyncio
from dataclasses import replace

import pytest

from gateway.domain.intent import LAST_ID, Outcome, OutcomeKind
from gateway.domain.status import MessageStatus, SendRowName, UpstreamStatus
from gateway.ports import Store
from tests.contract.making import (
    ACCEPTED,
    NOON,
    QUEUED,
    REFUSED,
    UNKNOWN,
    claim,
    later,
    make_intent,
    record,
    record_accepted,
)

OPEN, QUEUE, LOST = OutcomeKind.OPEN, OutcomeKind.QUEUED, OutcomeKind.UNKNOWN


# ---- recording ---------------------------------------------------------------------------------------------


async def test_an_intent_comes_back_as_it_was_recorded(store: Store) -> None:
    values = {"46700000001": {"name": "Åsa"}, "default": {"name": "du"}}
    intent = make_intent(
        store,
        101,
        "46700000001",
        "nonsense",
        "46700000003",
        bundle_id=100,
        values=values,
        opens_at=later(3600),
        refused=["nonsense"],
    )
    assert await record(store, intent) is None
    found = await store.find_intent(101)
    assert found is not None
    assert found.intent == intent
    assert found.intent.recipients == ("46700000001", "46700000003")
    assert (found.outcome, found.attempted_at) == (Outcome(kind=OPEN), NOON)
    assert await store.find_intent(102) is None


async def test_each_number_of_intents_that_are_recorded_at_once_keeps_its_own_refusal(store: Store) -> None:
    plain = make_intent(store, 100, "46700000001", "46700000002")
    mixed = make_intent(store, 110, "46700000001", "junk", "46700000003", "other junk")
    mixed = replace(mixed, refused={"junk": UpstreamStatus(409), "other junk": UpstreamStatus(501)})
    none_left = make_intent(store, 120, "junk", at=later(1), refused=["junk"])
    numbers = [f"467{number:08}" for number in range(500)]
    long = make_intent(store, 1000, *numbers, at=later(2), refused=numbers[::7])
    intents = (plain, mixed, none_left, long)
    await asyncio.gather(*(record(store, intent) for intent in intents))
    for intent in intents:
        found = await store.find_intent(intent.id)
        assert found is not None
        assert found.intent == intent
        for message in intent.messages:
            read = await store.find_message(message.id, account_id=None)
            assert read is not None
            assert (read.intent_id, read.recipient) == (intent.id, message.recipient)
            refused = message.refused and MessageStatus(code=message.refused, at=intent.created_at)
            assert read.status == refused


async def test_a_queued_intent_has_not_been_attempted(store: Store) -> None:
    await record(store, make_intent(store, 100), kind=QUEUE)
    found = await store.find_intent(100)
    assert found is not None
    assert (found.outcome.kind, found.attempted_at) == (QUEUE, None)


async def test_a_message_is_read_with_what_its_intent_says(store: Store) -> None:
    intent = make_intent(store, 101, "46700000001", "junk", bundle_id=100, refused=["junk"])
    await record_accepted(store, intent)
    sent = await store.find_message(101, account_id="ip1-12345")
    refused = await store.find_message(102, account_id=None)
    assert sent is not None
    assert refused is not None
    assert (sent.intent_id, sent.bundle_id, sent.recipient, sent.body) == (101, 100, "46700000001", intent.body)
    assert (sent.outcome, sent.status, sent.segments, sent.price) == (ACCEPTED, None, None, None)
    assert (sent.interface, sent.priority, sent.sender) == (intent.interface, intent.priority, "iP1")
    assert refused.intent_id == 101
    assert refused.status is not None
    assert (refused.status.code, refused.status.at) == (409, NOON)


@pytest.mark.parametrize("number", [0, -1, 99, LAST_ID, LAST_ID + 1, 10**30])
async def test_nothing_is_found_under_a_number_that_was_never_an_id(store: Store, number: int) -> None:
    await record(store, make_intent(store, 100))
    assert await store.find_message(number, account_id=None) is None
    assert await store.find_intent(number) is None
    assert await store.find_incoming(number, account_id=None) is None
    assert list(await store.find_bundle("ip1-12345", number)) == []
    assert list(await store.find_bundle_intents("ip1-12345", number)) == []


async def test_a_message_belongs_to_its_account_alone(store: Store) -> None:
    await record(store, make_intent(store, 100, bundle_id=99))
    assert await store.find_message(100, account_id="ip1-99999") is None
    assert list(await store.find_bundle("ip1-99999", 99)) == []
    assert list(await store.find_bundle_intents("ip1-99999", 99)) == []


async def test_a_bundle_is_recorded_whole_or_not_at_all(store: Store) -> None:
    await record(store, make_intent(store, 200))
    with pytest.raises(Exception):  # noqa: B017, PT011  each in its own words
        await record(store, make_intent(store, 100, bundle_id=99), make_intent(store, 200, bundle_id=99))
    assert await store.find_intent(100) is None


# ---- settling ----------------------------------------------------------------------------------------------


async def test_the_first_outcome_wins(store: Store) -> None:
    await record(store, make_intent(store, 100))
    assert await store.record_outcome(100, REFUSED, at=NOON, due_at=None) == REFUSED
    assert await store.record_outcome(100, ACCEPTED, at=NOON, due_at=later(9)) == REFUSED
    assert await store.record_outcome(100, UNKNOWN, at=NOON, due_at=later(9)) == REFUSED
    found = await store.find_intent(100)
    assert found is not None
    assert found.outcome == REFUSED
    assert await claim(store, *OutcomeKind, now=later(99999)) == []


async def test_an_accepted_intent_without_a_price_takes_the_price(store: Store) -> None:
    await record(store, make_intent(store, 100))
    unpriced = replace(ACCEPTED, price=None, currency=None)
    await store.record_outcome(100, unpriced, at=NOON, due_at=later(9))
    assert await store.record_outcome(100, ACCEPTED, at=NOON, due_at=later(9)) == ACCEPTED
    dearer = replace(ACCEPTED, price=9.0, batch_id="other")
    assert await store.record_outcome(100, dearer, at=NOON, due_at=later(9)) == ACCEPTED


async def test_a_pending_outcome_replaces_a_pending_one_while_it_is_held(store: Store) -> None:
    await record(store, make_intent(store, 100), due_at=later(60))
    assert await store.record_outcome(100, UNKNOWN, at=NOON, due_at=later(90), held_until=later(60)) == UNKNOWN
    stale = await store.record_outcome(100, QUEUED, at=NOON, due_at=NOON, held_until=later(60))
    assert stale == UNKNOWN
    assert await store.record_outcome(100, QUEUED, at=NOON, due_at=NOON, held_until=later(90)) == QUEUED
    assert await store.record_outcome(100, UNKNOWN, at=NOON, due_at=NOON) == UNKNOWN


async def test_a_pending_outcome_without_a_time_at_which_it_is_due_is_refused(store: Store) -> None:
    await record(store, make_intent(store, 100))
    for outcome in (UNKNOWN, QUEUED):
        with pytest.raises(ValueError, match="due"):
            await store.record_outcome(100, outcome, at=NOON, due_at=None)
    assert [stored.outcome.kind for stored in await store.list_pending(limit=9)] == [OPEN]


async def test_an_answer_settles_an_intent_that_another_node_has_taken_over(store: Store) -> None:
    await record(store, make_intent(store, 100), due_at=later(60))
    assert await claim(store, OPEN, now=later(60)) == [100]
    assert await store.record_outcome(100, ACCEPTED, at=NOON, due_at=None, held_until=later(60)) == ACCEPTED


async def test_an_outcome_of_an_intent_that_is_gone_stands_alone(store: Store) -> None:
    assert await store.record_outcome(100, ACCEPTED, at=NOON, due_at=None) == ACCEPTED


async def test_an_accepted_intent_with_nothing_to_send_rests(store: Store) -> None:
    await record_accepted(store, make_intent(store, 100, "junk", refused=["junk"]))
    assert await claim(store, OutcomeKind.ACCEPTED, now=later(99999)) == []


async def test_a_refusal_keeps_its_reason(store: Store) -> None:
    await record(store, make_intent(store, 100))
    failed = Outcome(kind=OutcomeKind.FAILED, reason=SendRowName("too_late"))
    await store.record_outcome(100, failed, at=NOON, due_at=None)
    message = await store.find_message(100, account_id=None)
    assert message is not None
    assert message.outcome == failed


# ---- bundles -----------------------------------------------------------------------------------------------


async def test_a_bundle_is_found_whole(store: Store) -> None:
    parts = (
        make_intent(store, 101, "46700000001", "46700000002", bundle_id=100),
        make_intent(store, 103, "46700000003", bundle_id=100),
    )
    await record(store, *parts)
    await record(store, make_intent(store, 104))
    assert [record.id for record in await store.find_bundle("ip1-12345", 100)] == [101, 102, 103]
    assert [found.intent for found in await store.find_bundle_intents("ip1-12345", 100)] == list(parts)


async def test_a_single_message_stands_for_its_bundle_and_one_of_several_does_not(store: Store) -> None:
    await record(store, make_intent(store, 104))
    await record(store, make_intent(store, 201, "46700000001", "46700000002", bundle_id=200))
    assert [found.intent.id for found in await store.find_bundle_intents("ip1-12345", 104)] == [104]
    assert list(await store.find_bundle_intents("ip1-12345", 201)) == []
    assert list(await store.find_bundle("ip1-12345", 104)) == []


async def test_only_what_is_queued_can_be_canceled_before_it_is_sent(store: Store) -> None:
    await record(store, make_intent(store, 100), kind=QUEUE, due_at=NOON)
    await record(store, make_intent(store, 200), kind=QUEUE, due_at=NOON)
    assert await claim(store, QUEUE, now=NOON, limit=1) == [100]
    assert await store.cancel_queued(100, at=NOON) is False
    assert await store.cancel_queued(200, at=NOON) is True
    assert await store.cancel_queued(200, at=NOON) is False
    found = await store.find_intent(200)
    assert found is not None
    assert found.outcome.kind is OutcomeKind.CANCELED
    assert await claim(store, *OutcomeKind, now=later(59)) == []


async def test_an_accepted_intent_can_be_left_to_rest_for_good(store: Store) -> None:
    await record_accepted(store, make_intent(store, 100), due_at=NOON)
    await store.rest_intent(100)
    assert await claim(store, OutcomeKind.ACCEPTED, now=later(99999)) == []
    await store.record_outcome(100, ACCEPTED, at=NOON, due_at=NOON)
    assert await claim(store, OutcomeKind.ACCEPTED, now=later(99999)) == []
