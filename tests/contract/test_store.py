"""What every store promises: ids, accounts, intents. Delivery reports and the rest are in the files beside."""

import asyncio
from dataclasses import replace

import pytest

from gateway.domain.account import Account
from gateway.domain.errors import IdsExhausted
from gateway.domain.intent import FIRST_ID_DEFAULT, LAST_ID, Outcome, OutcomeKind
from gateway.domain.status import SendRowName
from gateway.ports import RepeatGuard, Store
from tests.contract.making import (
    ACCEPTED,
    LEASE,
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


# ---- the store itself --------------------------------------------------------------------------------------


async def test_store_id_is_eight_hex_digits(store: Store) -> None:
    assert len(store.store_id) == 8
    assert int(store.store_id, 16) >= 0


async def test_a_store_that_works_answers_a_ping(store: Store) -> None:
    await store.ping()


async def test_leased_ids_start_at_the_first_id_and_never_overlap(store: Store) -> None:
    leases = await asyncio.gather(*(store.lease_ids(count) for count in (1, 100, 7, 501)))
    ids = sorted(number for lease in leases for number in lease)
    assert ids == list(range(FIRST_ID_DEFAULT, FIRST_ID_DEFAULT + 609))


async def test_ids_end_at_the_largest_signed_32_bit_integer(store: Store) -> None:
    await store.lease_ids(LAST_ID - FIRST_ID_DEFAULT - 1)
    with pytest.raises(IdsExhausted):
        await store.lease_ids(3)
    assert list(await store.lease_ids(2)) == [LAST_ID - 1, LAST_ID]
    with pytest.raises(IdsExhausted):
        await store.lease_ids(1)


# ---- accounts ----------------------------------------------------------------------------------------------


def _account(account_id: str = "ip1-12345", key_hash: str = "$argon2id$a") -> Account:
    return Account(
        account_id=account_id,
        api_key_hash=key_hash,
        token_sealed=b"\x00\xff sealed",
        token_fingerprint=b"fp-" + account_id.encode(),
        created_at=NOON,
    )


async def test_an_account_is_found_in_any_case_as_it_was_saved(store: Store) -> None:
    account = _account("IP1-12345")
    await store.save_account(account)
    assert await store.find_account("ip1-12345") == account
    assert await store.find_account("Ip1-12345") == account
    assert await store.find_account("ip1-1234") is None


async def test_saving_an_account_again_replaces_it(store: Store) -> None:
    await store.save_account(_account())
    changed = replace(_account("IP1-12345", "$argon2id$b"), token_sealed=None, token_file="/run/token")
    await store.save_account(changed)
    assert await store.list_accounts() == [changed]


async def test_an_account_is_found_by_its_token(store: Store) -> None:
    await store.save_account(_account("ip1-1"))
    await store.save_account(_account("ip1-2"))
    await store.save_account(replace(_account("ip1-3"), token_fingerprint=None))
    assert await store.find_account_by_token(b"fp-ip1-2") == _account("ip1-2")
    assert await store.find_account_by_token(b"fp-ip1-3") is None


async def test_a_deleted_account_is_gone_and_the_others_are_listed_by_id(store: Store) -> None:
    for account_id in ("ip1-3", "ip1-1", "ip1-2"):
        await store.save_account(_account(account_id))
    assert await store.delete_account("IP1-2") is True
    assert await store.delete_account("ip1-2") is False
    assert [account.account_id for account in await store.list_accounts()] == ["ip1-1", "ip1-3"]


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


# ---- taking over -------------------------------------------------------------------------------------------


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
    await store.record_outcome(300, UNKNOWN, at=NOON, due_at=None)
    await record_accepted(store, make_intent(store, 400))
    assert [stored.intent.id for stored in await store.list_pending(limit=2)] == [100, 200]
    assert [stored.intent.id for stored in await store.list_pending(limit=2, after=200)] == [300]
    assert await store.count_pending() == {OPEN: 1, QUEUE: 1, LOST: 1}


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


# ---- callers that repeat themselves ------------------------------------------------------------------------


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
