"""What becomes of messages after they were sent: reports, reconciling, scheduling, forwarding, incoming SMS."""

import asyncio
from datetime import timedelta

import pytest

from gateway.delivery import DeliverySettings
from gateway.domain.account import AccountSettings
from gateway.domain.errors import NotFound, NothingScheduled, OutcomeUnknown
from gateway.domain.intent import OutcomeKind
from gateway.domain.report import DeliveryReport, ForwardKind, IncomingMessage
from gateway.domain.sms import Credentials, Interface
from gateway.domain.status import MessageStatus, UpstreamStatus
from tests.unit.core.harness import ACCOUNT, CREDENTIALS, NOON, Node, order, start_node

FORWARDING = AccountSettings(
    report_forward_url="https://crm.example.com/dlr", incoming_forward_url="https://crm.example.com/sms"
)


def report_on(node: Node, code: int, *, seconds: int = 1, reference: str | None = "its own") -> DeliveryReport:
    batch = node.upstream.batches[0]
    return DeliveryReport(
        message_id="5bc86b6e85c7209830f96936",
        batch_id=batch.batch_id,
        recipient=batch.intent.recipients[0],
        status=MessageStatus(code=UpstreamStatus(code), at=NOON + timedelta(seconds=seconds)),
        segments=1,
        price=0.5,
        currency="SEK",
        reference=batch.intent.reference if reference else None,
        raw=b"{}",
    )


async def shown(node: Node, message_id: int) -> int:
    record = await node.service.find_message(CREDENTIALS, message_id)
    scheduled = record.opens_at is not None and record.opens_at > node.clock.now()
    status = record.upstream_status(node.service.tables)
    return node.service.tables.legacy_status(status, Interface.SOAP, scheduled=scheduled)


@pytest.mark.parametrize("reference", ["its own", None])
async def test_a_delivery_report_changes_its_message(reference: str | None) -> None:
    async with start_node() as node:
        receipt = await node.service.send(order(), CREDENTIALS)
        assert await shown(node, receipt.id) == 10
        await node.service.receive_report(report_on(node, 201, reference=reference))
        await node.core.reports.step()
        assert await shown(node, receipt.id) == 22
        record = await node.service.find_message(CREDENTIALS, receipt.id)
        assert (record.price, record.currency, record.segments) == (0.5, "SEK", 1)
        assert [report.status.code for report in await node.store.list_history(receipt.id)] == [201]


async def test_a_report_that_comes_before_the_answer_was_stored_proves_acceptance() -> None:
    async with start_node() as node:
        node.upstream.lose_answers()
        receipt = await node.service.send(order(), CREDENTIALS)
        await node.service.receive_report(report_on(node, 113))
        await node.core.reports.step()
        record = await node.service.find_message(CREDENTIALS, receipt.id)
        assert record.outcome.batch_id == node.upstream.batches[0].batch_id
        assert await shown(node, receipt.id) == 21


async def test_a_caller_who_waits_gets_what_a_report_has_settled() -> None:
    async with start_node(delivery=DeliverySettings(patience_seconds=10)) as node:
        node.upstream.lose_answers()
        sending = asyncio.create_task(node.service.send(order(), CREDENTIALS))
        while not await node.store.list_pending(limit=1) or not node.upstream.batches:
            await asyncio.sleep(0)
        await node.service.receive_report(report_on(node, 113))
        await node.core.reports.step()
        (attempt,) = (await sending).attempts
        assert attempt.outcome.kind is OutcomeKind.ACCEPTED


async def test_a_lost_callback_costs_minutes_not_the_status() -> None:
    async with start_node() as node:
        receipt = await node.service.send(order(), CREDENTIALS)
        status = MessageStatus(code=UpstreamStatus(201), at=NOON)
        node.upstream.batches[0].status_by_recipient = {"46701234567": status}
        await node.core.reconciler.step()
        await node.core.reports.step()
        assert await shown(node, receipt.id) == 10  # it is not due yet
        node.later(seconds=901)
        await node.core.reconciler.step()
        await node.core.reports.step()
        assert await shown(node, receipt.id) == 22


async def test_what_stays_silent_is_asked_for_ever_less_often() -> None:
    async with start_node() as node:
        receipt = await node.service.send(order(), CREDENTIALS)
        for _ in range(4 * 24 * 60):
            node.later(minutes=1)
            await node.core.reconciler.step()
            await node.core.reports.step()
        assert 8 < len(await node.store.list_history(receipt.id)) < 30


async def test_a_message_without_news_is_asked_for_no_more_after_some_days() -> None:
    async with start_node() as node:
        receipt = await node.service.send(order(), CREDENTIALS)
        node.later(days=5)
        await node.core.reconciler.step()
        status = MessageStatus(code=UpstreamStatus(201), at=NOON)
        node.upstream.batches[0].status_by_recipient = {"46701234567": status}
        node.later(days=5)
        await node.core.reconciler.step()
        await node.core.reports.step()
        assert await shown(node, receipt.id) == 10


async def test_a_scheduled_message_shows_11_until_it_opens_and_12_after_it_was_canceled() -> None:
    async with start_node() as node:
        receipt = await node.service.send(order(opens_at=NOON + timedelta(hours=1)), CREDENTIALS)
        assert await shown(node, receipt.id) == 11
        await node.service.cancel_bundle(CREDENTIALS, receipt.id)
        assert await shown(node, receipt.id) == 12
        with pytest.raises(NothingScheduled):
            await node.service.cancel_bundle(CREDENTIALS, receipt.id)


async def test_what_has_opened_or_belongs_to_another_cannot_be_canceled() -> None:
    async with start_node() as node:
        receipt = await node.service.send(order(opens_at=NOON + timedelta(hours=1)), CREDENTIALS)
        with pytest.raises(NothingScheduled):
            await node.service.cancel_bundle(CREDENTIALS, receipt.id + 1)
        node.later(hours=2)
        with pytest.raises(NothingScheduled):
            await node.service.cancel_bundle(CREDENTIALS, receipt.id)
        assert await shown(node, receipt.id) == 10


async def test_who_cancels_what_v2_may_or_may_not_have_is_not_told_that_nothing_is_scheduled() -> None:
    async with start_node() as node:
        node.upstream.lose_answers()
        receipt = await node.service.send(order(opens_at=NOON + timedelta(hours=1)), CREDENTIALS)
        with pytest.raises(OutcomeUnknown):
            await node.service.cancel_bundle(CREDENTIALS, receipt.id)
        await node.core.settler.step()
        await node.service.cancel_bundle(CREDENTIALS, receipt.id)
        assert node.upstream.batches[0].is_canceled


async def test_a_change_of_status_is_forwarded_in_legacy_terms() -> None:
    async with start_node(FORWARDING) as node:
        receipt = await node.service.send(order(), CREDENTIALS)
        await node.service.receive_report(report_on(node, 201))
        await node.core.reports.step()
        await node.core.forwards.step()
        (notice,) = node.board.notices
        assert (notice.kind, notice.id, notice.status) == (ForwardKind.REPORT, receipt.id, 22)
        assert notice.status_text == "Delivered to the phone"


async def test_a_refused_forward_is_tried_again_for_three_days_and_then_dead_until_it_is_replayed() -> None:
    async with start_node(FORWARDING) as node:
        await node.service.send(order(), CREDENTIALS)
        await node.service.receive_report(report_on(node, 201))
        await node.core.reports.step()
        node.board.refusing = True
        for _ in range(100):
            await node.core.forwards.step()
            node.later(hours=1)
        (dead,) = await node.store.list_dead_forwards(limit=10)
        assert 8 < dead.attempts < 40
        node.board.refusing = False
        await node.core.forwards.step()
        assert not node.board.notices
        assert await node.store.replay_forwards(None, now=node.clock.now()) == 1
        await node.core.forwards.step()
        assert len(node.board.notices) == 1


async def test_an_incoming_sms_is_kept_shown_to_its_account_alone_and_forwarded() -> None:
    async with start_node(FORWARDING) as node:
        message = IncomingMessage(
            upstream_id="5bc86b6e85c7209830f96937",
            account_id=ACCOUNT,
            sender="46701234567",
            recipient="46737494700",
            body="JA",
            segments=1,
            received_at=NOON,
        )
        await node.service.receive_incoming(message)
        await node.service.receive_incoming(message)  # v2 may post it twice
        (stored,) = await node.service.list_incoming(CREDENTIALS)
        assert (await node.service.find_incoming(CREDENTIALS, stored.id)).message.body == "JA"
        await node.core.forwards.step()
        assert [notice.body for notice in node.board.notices] == ["JA"]


async def test_a_message_of_another_account_is_not_found() -> None:
    async with start_node() as node:
        receipt = await node.service.send(order(), CREDENTIALS)
        assert await node.store.find_message(receipt.id, account_id="ip1-2") is None
        with pytest.raises(NotFound):
            await node.service.find_message(Credentials(account_id=None, api_key="demo-token"), receipt.id + 1)
