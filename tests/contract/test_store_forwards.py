"""What every store promises of incoming SMS, and of what is forwarded to a caller's own system."""

from dataclasses import replace

from gateway.domain.report import Forward, ForwardKind, StoredIncoming
from gateway.ports import Store
from tests.contract.making import (
    NOON,
    later,
    make_incoming,
    make_intent,
    make_report,
    record_accepted,
)

# ---- incoming SMS ------------------------------------------------------------------------------------------


async def test_an_incoming_sms_is_kept_once_under_its_first_id(store: Store) -> None:
    message = make_incoming()
    kept = StoredIncoming(id=500, message=message)
    assert await store.record_incoming(message, message_id=500, forward=True) == kept
    assert await store.record_incoming(message, message_id=501, forward=True) == kept
    assert await store.find_incoming(500, account_id="ip1-12345") == kept
    assert await store.find_incoming(500, account_id=None) == kept
    assert await store.find_incoming(500, account_id="ip1-2") is None
    assert await store.find_incoming(501, account_id=None) is None
    assert len(await store.claim_forwards(now=NOON, due_at=later(60), limit=9)) == 1


async def test_an_accounts_incoming_sms_are_listed_newest_first(store: Store) -> None:
    for number in (501, 500, 502):
        await store.record_incoming(make_incoming(f"in-{number}"), message_id=number, forward=False)
    await store.record_incoming(make_incoming("in-x", account_id="ip1-2"), message_id=503, forward=False)
    assert [found.id for found in await store.list_incoming("ip1-12345", limit=2)] == [502, 501]
    assert await store.claim_forwards(now=later(99), due_at=later(99), limit=9) == []


# ---- forwards ----------------------------------------------------------------------------------------------


async def _make_forwards(store: Store, count: int) -> list[Forward]:
    for number in range(count):
        message = make_incoming(f"in-{number}", at=later(number))
        await store.record_incoming(message, message_id=500 + number, forward=True)
    return list(await store.claim_forwards(now=later(60), due_at=later(120), limit=count))


async def test_a_change_of_status_is_forwarded_where_it_is_wanted(store: Store) -> None:
    await record_accepted(store, make_intent(store, 100))
    await record_accepted(store, make_intent(store, 200, "46700000002", account_id="ip1-2"))
    await store.record_report(make_report(112), at=NOON)
    await store.record_report(make_report(112, at=later(3)), at=NOON)  # the same again, later: no change
    await store.record_report(make_report(112, recipient="46700000002"), at=NOON)
    await store.apply_reports(
        now=later(5),
        orphans_before=NOON,
        wants_forward=lambda account_id: account_id == "ip1-12345",
        limit=9,
    )
    (forward,) = await store.claim_forwards(now=later(5), due_at=later(9), limit=9)
    assert (forward.kind, forward.account_id, forward.subject_id) == (ForwardKind.REPORT, "ip1-12345", 100)
    assert forward.status == make_report(112).status
    assert (forward.created_at, forward.attempts, forward.dead, forward.problem) == (later(5), 0, False, None)


async def test_a_forward_is_claimed_by_one_until_its_claim_runs_out(store: Store) -> None:
    first, second = await _make_forwards(store, 2)
    assert (first.subject_id, second.subject_id) == (500, 501)
    assert (first.kind, first.status) == (ForwardKind.INCOMING, None)
    assert await store.claim_forwards(now=later(119), due_at=later(180), limit=9) == []
    assert await store.claim_forwards(now=later(120), due_at=later(180), limit=1) == [first]
    assert await store.claim_forwards(now=later(120), due_at=later(180), limit=9) == [second]


async def test_a_delivered_forward_is_never_due_again(store: Store) -> None:
    (forward,) = await _make_forwards(store, 1)
    await store.record_forward(forward.id, problem=None, due_at=None)
    assert await store.claim_forwards(now=later(9999), due_at=later(9999), limit=9) == []
    assert await store.list_dead_forwards(limit=9) == []


async def test_a_failed_forward_comes_back_with_its_attempts_and_problem(store: Store) -> None:
    (forward,) = await _make_forwards(store, 1)
    await store.record_forward(forward.id, problem="answered 500", due_at=later(200))
    assert await store.claim_forwards(now=later(199), due_at=later(300), limit=9) == []
    (again,) = await store.claim_forwards(now=later(200), due_at=later(300), limit=9)
    assert again == replace(forward, attempts=1, problem="answered 500")


async def test_dead_forwards_are_listed_and_replayed_from_the_start(store: Store) -> None:
    forwards = await _make_forwards(store, 3)
    for forward in forwards:
        await store.record_forward(forward.id, problem="no answer", due_at=None)
    dead = [replace(forward, attempts=1, dead=True, problem="no answer") for forward in forwards]
    assert await store.list_dead_forwards(limit=2) == dead[:2]
    assert await store.claim_forwards(now=later(9999), due_at=later(9999), limit=9) == []
    assert await store.replay_forwards([forwards[1].id, 999_999], now=later(300)) == 1
    (replayed,) = await store.claim_forwards(now=later(300), due_at=later(400), limit=9)
    assert (replayed.id, replayed.attempts, replayed.dead) == (forwards[1].id, 0, False)
    assert await store.replay_forwards(None, now=later(300)) == 2
    assert await store.list_dead_forwards(limit=9) == []
