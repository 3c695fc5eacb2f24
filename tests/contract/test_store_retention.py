"""What every store promises of forgetting."""

from gateway.domain.intent import OutcomeKind
from gateway.ports import Store
from tests.contract.making import (
    NOON,
    claim,
    later,
    make_incoming,
    make_intent,
    make_report,
    record,
    record_accepted,
)

YEAR = 365 * 86_400


async def _fill(store: Store) -> None:
    """Two settled intents and an incoming SMS of today, one settled of the next year, one that is pending."""
    values = {"46700000001": {"name": "Åsa"}}
    old = make_intent(store, 101, "46700000001", "46700000002", bundle_id=100, values=values, sender="46733333333")
    await record_accepted(store, old)
    await record_accepted(store, make_intent(store, 200, "46700000003", at=later(1)))
    await record_accepted(store, make_intent(store, 300, "46700000004", at=later(YEAR)))
    await record(store, make_intent(store, 400))
    await store.record_incoming(make_incoming(), message_id=500, forward=True)
    await store.record_report(make_report(201, recipient="46700000002", reference=old.reference), at=NOON)
    await store.record_report(make_report(201, recipient="46799999999", batch_id="?"), at=NOON)
    await store.apply_reports(now=later(9), orphans_before=later(9), wants_forward=lambda _: True, limit=9)


async def test_texts_and_numbers_are_erased_and_the_rest_stays(store: Store) -> None:
    await _fill(store)
    assert await store.erase_texts(before=later(100), limit=100) == 3
    first, second = await store.find_bundle("ip1-12345", 100)
    assert (first.body, first.values, first.recipient, first.sender) == (None, None, "…001", "…333")
    assert (second.recipient, second.outcome.kind) == ("…002", OutcomeKind.ACCEPTED)
    assert second.status is not None
    assert second.status.code == 201
    (report,) = await store.list_history(102)
    assert (report.raw, report.recipient, report.status.code) == (b"", "…002", 201)
    incoming = await store.find_incoming(500, account_id=None)
    assert incoming is not None
    assert (incoming.message.body, incoming.message.raw) == (None, b"")
    assert (incoming.message.sender, incoming.message.recipient) == ("…009", "…111")


async def test_a_sender_of_letters_is_not_erased(store: Store) -> None:
    await _fill(store)
    await store.erase_texts(before=later(100), limit=100)
    found = await store.find_message(200, account_id=None)
    assert found is not None
    assert found.sender == "iP1"


async def test_what_is_young_or_pending_is_neither_erased_nor_deleted(store: Store) -> None:
    await _fill(store)
    await store.erase_texts(before=later(100), limit=100)
    await store.delete_rows(before=later(100), limit=100)
    for number in (300, 400):
        found = await store.find_message(number, account_id=None)
        assert found is not None
        assert found.body
        assert found.recipient.startswith("467")


async def test_erasing_goes_in_steps_oldest_first_and_comes_to_an_end(store: Store) -> None:
    await _fill(store)
    assert await store.erase_texts(before=later(100), limit=1) == 1
    erased = await store.find_message(101, account_id=None)
    assert erased is not None
    assert erased.body is None
    left = [await store.erase_texts(before=later(100), limit=1) for _ in range(4)]
    assert left == [1, 1, 0, 0]


async def test_deleted_rows_take_everything_with_them(store: Store) -> None:
    await _fill(store)
    assert await store.delete_rows(before=later(100), limit=100) == 3
    for number in (101, 102, 200):
        assert await store.find_message(number, account_id=None) is None
        assert await store.find_intent(number) is None
        assert await store.list_history(number) == []
    assert list(await store.find_bundle("ip1-12345", 100)) == []
    assert await store.find_incoming(500, account_id=None) is None
    assert await store.claim_forwards(now=later(999), due_at=later(999), limit=9) == []


async def test_erased_rows_are_deleted_in_steps_too(store: Store) -> None:
    await _fill(store)
    await store.erase_texts(before=later(100), limit=2)
    assert [await store.delete_rows(before=later(100), limit=1) for _ in range(4)] == [1, 1, 1, 0]


async def test_an_erased_message_can_still_be_claimed_and_settled(store: Store) -> None:
    await record_accepted(store, make_intent(store, 100), due_at=NOON)
    await store.erase_texts(before=later(1), limit=9)
    assert await claim(store, OutcomeKind.ACCEPTED, now=NOON) == [100]
    await store.mark_canceled(100, at=later(5))
    found = await store.find_message(100, account_id=None)
    assert found is not None
    assert found.status is not None
    assert found.status.code == 203
