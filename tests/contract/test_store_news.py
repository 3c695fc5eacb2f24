"""What every store promises of delivery reports and statuses."""

from dataclasses import replace
from datetime import datetime

import pytest

from gateway.domain.intent import Outcome, OutcomeKind
from gateway.domain.report import AppliedReport, ReportFate
from gateway.domain.status import UpstreamStatus
from gateway.ports import MessageQuery, Store
from tests.contract.making import (
    ACCEPTED,
    BATCH,
    LEASE,
    NOON,
    REFUSED,
    claim,
    later,
    make_intent,
    make_report,
    record,
    record_accepted,
)


async def apply(
    store: Store, *, now: datetime = NOON, limit: int = 100, forwards: bool = False
) -> list[AppliedReport]:
    """Work off what was reported; what waits for its message may wait for a minute."""
    return list(
        await store.apply_reports(
            now=now, orphans_before=now - LEASE, wants_forward=lambda _account: forwards, limit=limit
        )
    )


async def status_of(store: Store, message_id: int) -> int | None:
    found = await store.find_message(message_id, account_id=None)
    assert found is not None
    return found.status.code if found.status else None


# ---- delivery reports --------------------------------------------------------------------------------------


async def test_a_report_changes_the_message_that_its_reference_and_recipient_name(store: Store) -> None:
    intent = make_intent(store, 100, "46700000001", "46700000002", bundle_id=99)
    await record_accepted(store, intent)
    report = make_report(201, recipient="46700000002", reference=intent.reference, batch_id="?", price=0.7)
    await store.record_report(report, at=NOON)
    assert await apply(store) == [
        AppliedReport(fate=ReportFate.APPLIED, code=UpstreamStatus(201), account_id="ip1-12345", message_id=101)
    ]
    found = await store.find_message(101, account_id="ip1-12345")
    assert found is not None
    assert (found.status, found.segments, found.price, found.currency) == (report.status, 2, 0.7, "SEK")
    assert await status_of(store, 100) is None


async def test_a_report_without_a_reference_finds_its_message_by_batch(store: Store) -> None:
    await record_accepted(store, make_intent(store, 100))
    for code, reference in ((110, None), (112, "somebody-else's")):
        await store.record_report(make_report(code, reference=reference, at=later(code)), at=NOON)
    assert [applied.message_id for applied in await apply(store)] == [100, 100]
    assert await status_of(store, 100) == 112


async def test_each_report_is_worked_off_once_and_oldest_first(store: Store) -> None:
    await record_accepted(store, make_intent(store, 100))
    for code in (101, 102, 110):
        await store.record_report(make_report(code, at=later(code)), at=later(code))
    assert [applied.code for applied in await apply(store, limit=2)] == [101, 102]
    assert [applied.code for applied in await apply(store)] == [110]
    assert await apply(store) == []


async def test_a_repeated_report_is_ignored(store: Store) -> None:
    await record_accepted(store, make_intent(store, 100))
    for _ in range(2):
        await store.record_report(make_report(201), at=NOON)
    assert [applied.fate for applied in await apply(store, forwards=True)] == [
        ReportFate.APPLIED,
        ReportFate.IGNORED,
    ]
    assert len(await store.claim_forwards(now=NOON, due_at=later(60), limit=9)) == 1


async def test_a_final_status_is_not_overwritten_by_news_that_comes_late(store: Store) -> None:
    await record_accepted(store, make_intent(store, 100))
    for code, at in ((201, later(5)), (112, later(9)), (402, later(10)), (104, later(11))):
        await store.record_report(make_report(code, at=at), at=later(20))
    assert [applied.fate for applied in await apply(store, now=later(20))][1:] == [ReportFate.IGNORED] * 3
    assert await status_of(store, 100) == 201


async def test_a_report_that_leaves_a_price_out_keeps_the_known_one(store: Store) -> None:
    await record_accepted(store, make_intent(store, 100))
    await store.record_report(make_report(112, price=0.7), at=NOON)
    await store.record_report(replace(make_report(201), segments=None), at=NOON)
    await apply(store)
    found = await store.find_message(100, account_id=None)
    assert found is not None
    assert (found.segments, found.price, found.currency) == (2, 0.7, "SEK")


async def test_a_report_of_a_pending_intent_settles_it_as_accepted(store: Store) -> None:
    intent = make_intent(store, 100)
    await record(store, intent, due_at=later(60))
    await store.record_report(make_report(112, reference=intent.reference), at=NOON)
    (applied,) = await apply(store)
    assert applied.adopted == 100
    found = await store.find_intent(100)
    assert found is not None
    assert found.outcome == Outcome(kind=OutcomeKind.ACCEPTED, batch_id=BATCH)
    assert await claim(store, OutcomeKind.ACCEPTED, now=later(60)) == [100]
    assert await store.record_outcome(100, ACCEPTED, at=NOON, due_at=later(900)) == ACCEPTED


async def test_a_report_proves_that_a_refused_intent_was_sent(store: Store) -> None:
    intent = make_intent(store, 100, "46700000001", "46700000002")
    await record(store, intent)
    await store.record_outcome(100, REFUSED, at=NOON, due_at=None)
    await store.record_report(make_report(201, reference=intent.reference), at=NOON)
    (applied,) = await apply(store, now=later(5))
    assert (applied.adopted, applied.fate) == (100, ReportFate.APPLIED)
    found = await store.find_intent(100)
    assert found is not None
    assert found.outcome == Outcome(kind=OutcomeKind.ACCEPTED, batch_id=BATCH)
    assert await claim(store, OutcomeKind.ACCEPTED, now=later(5)) == [100]


async def test_an_intent_rests_when_all_its_messages_are_at_their_end(store: Store) -> None:
    intent = make_intent(store, 100, "46700000001", "46700000002", "junk", refused=["junk"])
    await record_accepted(store, intent, due_at=NOON)
    await store.record_report(make_report(201), at=NOON)
    await apply(store)
    assert await claim(store, OutcomeKind.ACCEPTED, now=NOON, due_at=NOON) == [100]
    await store.record_report(make_report(503, recipient="46700000002"), at=NOON)
    await apply(store)
    assert await claim(store, OutcomeKind.ACCEPTED, now=NOON, due_at=NOON) == [100]
    await store.record_report(make_report(402, recipient="46700000002", at=later(1)), at=NOON)
    await apply(store)
    assert await claim(store, OutcomeKind.ACCEPTED, now=NOON, due_at=NOON) == []


async def test_an_intent_whose_reports_came_before_its_answer_rests_with_the_answer(store: Store) -> None:
    intent = make_intent(store, 100)
    await record(store, intent)
    await store.record_report(make_report(201, reference=intent.reference), at=NOON)
    await apply(store)
    await store.record_outcome(100, ACCEPTED, at=NOON, due_at=later(10))
    assert await claim(store, *OutcomeKind, now=later(99999)) == []


async def test_a_report_waits_for_its_message_and_is_orphaned_in_the_end(store: Store) -> None:
    intent = make_intent(store, 100)
    await store.record_report(make_report(112, reference=intent.reference), at=NOON)
    await store.record_report(make_report(201, recipient="46799999999"), at=NOON)
    assert await apply(store, now=later(10)) == []
    await record_accepted(store, intent)
    assert [(found.fate, found.message_id) for found in await apply(store, now=later(60))] == [
        (ReportFate.APPLIED, 100)
    ]
    assert await apply(store, now=later(61)) == [AppliedReport(fate=ReportFate.ORPHANED, code=UpstreamStatus(201))]
    assert await apply(store, now=later(62)) == []


async def test_reports_that_wait_do_not_hold_up_the_others(store: Store) -> None:
    await record_accepted(store, make_intent(store, 100))
    for number in range(3):
        await store.record_report(make_report(201, recipient=f"4679999999{number}"), at=NOON)
    await store.record_report(make_report(112), at=later(1))
    assert await apply(store, now=later(2), limit=3) == []
    assert [found.message_id for found in await apply(store, now=later(3), limit=3)] == [100]


@pytest.mark.parametrize(
    "reference", ["sgw-00000000-100", "sgw-nonsense-100", "", "sgw-{store_id}-99999999999", "sgw-{store_id}-101"]
)
async def test_a_report_of_nothing_of_ours_is_orphaned(store: Store, reference: str) -> None:
    await record(store, make_intent(store, 100))
    await store.record_report(make_report(201, reference=reference.format(store_id=store.store_id)), at=later(-61))
    assert [found.fate for found in await apply(store)] == [ReportFate.ORPHANED]
    assert await status_of(store, 100) is None


async def test_the_history_of_a_message_is_every_report_in_the_order_they_came(store: Store) -> None:
    await record_accepted(store, make_intent(store, 100))
    reports = [make_report(code, at=later(code)) for code in (201, 112, 201)]
    for report in reports:
        await store.record_report(report, at=NOON)
    await apply(store)
    assert await store.list_history(100) == reports
    assert await store.list_history(101) == []


async def test_a_canceled_intent_shows_it_on_every_message_that_was_not_at_its_end(store: Store) -> None:
    intent = make_intent(store, 100, "46700000001", "46700000002", "junk", bundle_id=99, refused=["junk"])
    await record_accepted(store, intent, due_at=NOON)
    await store.record_report(make_report(201), at=NOON)
    await apply(store)
    await store.mark_canceled(100, at=later(7))
    assert [await status_of(store, number) for number in (100, 101, 102)] == [201, 203, 409]
    found = await store.find_message(101, account_id=None)
    assert found is not None
    assert found.status is not None
    assert found.status.at == later(7)
    assert found.outcome == ACCEPTED
    assert await claim(store, *OutcomeKind, now=later(99999)) == []


# ---- lists -------------------------------------------------------------------------------------------------


async def test_an_accounts_messages_are_listed_newest_first(store: Store) -> None:
    await record(store, make_intent(store, 101, "46700000001", "46700000002", bundle_id=100))
    await record(store, make_intent(store, 103, "46700000001", sender="Other"))
    await record(store, make_intent(store, 104, account_id="ip1-2"))

    async def listed(query: MessageQuery) -> list[int]:
        return [found.id for found in await store.list_messages("ip1-12345", query)]

    assert await listed(MessageQuery()) == [103, 102, 101]
    assert await listed(MessageQuery(limit=2)) == [103, 102]
    assert await listed(MessageQuery(senders=["iP1", "Nobody"])) == [102, 101]
    assert await listed(MessageQuery(recipients=["46700000001"])) == [103, 101]
    assert await listed(MessageQuery(senders=["Other"], recipients=["46700000002"])) == []


async def test_a_rare_message_is_found_far_back(store: Store) -> None:
    await record(store, make_intent(store, 100, "46700000099"))
    await record(store, *(make_intent(store, number) for number in range(101, 1301)))
    query = MessageQuery(recipients=["46700000099"])
    assert [found.id for found in await store.list_messages("ip1-12345", query)] == [100]
    newest = await store.list_messages("ip1-12345", MessageQuery(limit=1100))
    assert [found.id for found in newest] == list(range(1300, 200, -1))
