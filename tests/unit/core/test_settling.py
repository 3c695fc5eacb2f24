"""What others settle or meet meanwhile: other nodes, delivery reports, the operator."""

from gateway.domain.errors import OutcomeUnknown, UpstreamUnavailable
from gateway.domain.intent import OutcomeKind
from tests.unit.core.harness import CREDENTIALS, order, start_beside, start_node
from tests.unit.core.test_news import report_on


async def test_what_a_delivery_report_settles_first_does_not_keep_a_node_from_being_ready() -> None:
    async with start_node() as first:
        first.upstream.lose_answers()
        await first.service.send(order(), CREDENTIALS)
        await first.service.receive_report(report_on(first, 201))
        async with start_beside(first) as node:
            assert node.core.settler.inherited == 1
            await node.core.reports.step()
            await node.core.settler.step()
            assert node.core.settler.inherited == 0


async def test_nor_does_what_another_node_settles_first() -> None:
    async with start_node() as other:
        other.upstream.lose_answers()
        await other.service.send(order(), CREDENTIALS)
        async with start_beside(other) as node:
            await node.core.settler.step()
            assert node.core.settler.inherited == 0
        other.upstream.lose_answers()
        await other.service.send(order(body="Nej"), CREDENTIALS)
        async with start_beside(other) as node:
            await other.core.settler.step()
            await node.core.settler.step()
            assert node.core.settler.inherited == 0


async def test_what_is_still_open_keeps_a_node_from_being_ready() -> None:
    async with start_node() as first:
        first.upstream.lose_answers()
        await first.service.send(order(), CREDENTIALS)
        async with start_beside(first) as node:
            first.upstream.fail(UpstreamUnavailable("down"))
            await node.core.settler.step()
            await node.core.settler.step()
            assert node.core.settler.inherited == 1


async def test_what_one_node_missed_long_ago_says_nothing_after_v2_stood_still_for_another() -> None:
    async with start_node() as node:
        await node.service.fetch_balance(CREDENTIALS)
        node.upstream.fail(OutcomeUnknown("no answer in time"))
        receipt = await node.service.send(order(), CREDENTIALS)
        await node.core.settler.step()
        async with start_beside(node) as other:
            for _ in range(60):
                node.later(minutes=1)
                node.upstream.fail(UpstreamUnavailable("no answer in time"))
                await other.core.settler.step()
        node.later(minutes=1)
        await node.core.settler.step()
        record = await node.service.find_message(CREDENTIALS, receipt.id)
        assert record.outcome.kind is OutcomeKind.UNKNOWN
        node.later(minutes=2)
        await node.core.settler.step()
        await node.core.queue.step()
        assert len(node.upstream.batches) == 1
