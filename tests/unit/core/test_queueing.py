"""The queue keeps its order, and its end."""

from datetime import timedelta

from gateway.domain.account import AccountSettings, WhenUpstreamFails
from gateway.domain.errors import RateLimited, UpstreamUnavailable
from gateway.domain.intent import OutcomeKind
from gateway.domain.sms import Credentials
from gateway.testing import FakeUpstream, FixedClock
from tests.unit.core.harness import ACCOUNT, CREDENTIALS, NOON, TOKEN, order, start_node

OTHER = Credentials(account_id="ip1-2", api_key="other-token")
QUEUEING = AccountSettings(when_upstream_fails=WhenUpstreamFails.QUEUE)
DAY_SECONDS = 86_400.0


async def test_what_comes_while_others_are_put_back_does_not_overtake_them() -> None:
    async with start_node(QUEUEING) as node:
        await node.service.fetch_balance(CREDENTIALS)
        node.upstream.fail(*[UpstreamUnavailable("down")] * 2)
        receipts = [await node.service.send(order(body=f"Hej {n}"), CREDENTIALS) for n in range(2)]
        await node.core.queue.step()
        receipts.append(await node.service.send(order(body="Hej 2"), CREDENTIALS))
        await node.core.queue.step()
        node.later(seconds=3)
        await node.core.queue.step()
        assert [batch.intent.id for batch in node.upstream.batches] == [receipt.id for receipt in receipts]


async def test_a_v2_that_asks_for_ten_days_does_not_keep_a_message_beyond_its_greatest_age() -> None:
    async with start_node(QUEUEING) as node:
        await node.service.fetch_balance(CREDENTIALS)
        node.upstream.fail(RateLimited("later", retry_after_seconds=10 * DAY_SECONDS))
        receipt = await node.service.send(order(), CREDENTIALS)
        await node.core.queue.step()
        node.later(seconds=DAY_SECONDS + 1)
        await node.core.queue.step()
        record = await node.service.find_message(CREDENTIALS, receipt.id)
        assert record.outcome.kind is OutcomeKind.FAILED
        assert not node.upstream.batches


async def test_what_comes_after_a_restart_does_not_overtake_what_is_queued() -> None:
    async with start_node(QUEUEING) as first:
        await first.service.fetch_balance(CREDENTIALS)
        first.upstream.fail(*[UpstreamUnavailable("down")] * 2)
        receipts = [await first.service.send(order(body=f"Hej {n}"), CREDENTIALS) for n in range(3)]
        async with start_node(QUEUEING, store=first.store, upstream=first.upstream, clock=first.clock) as node:
            await node.core.queue.step()
            receipts.append(await node.service.send(order(body="Hej 3"), CREDENTIALS))
            node.later(seconds=3)
            await node.core.queue.step()
            assert [batch.intent.id for batch in node.upstream.batches] == [receipt.id for receipt in receipts]


async def test_a_canceled_message_does_not_keep_its_account_queueing_while_another_waits() -> None:
    clock = FixedClock(NOON)
    upstream = FakeUpstream(clock=clock, tokens={TOKEN: ACCOUNT, OTHER.api_key: "ip1-2"})
    async with start_node(QUEUEING, upstream=upstream, clock=clock) as node:
        for credentials in (CREDENTIALS, OTHER):
            await node.service.fetch_balance(credentials)
        upstream.fail(*[UpstreamUnavailable("down")] * 3)
        canceled = await node.service.send(order(opens_at=NOON + timedelta(hours=1)), CREDENTIALS)
        await node.service.send(order(), OTHER)
        await node.service.cancel_bundle(CREDENTIALS, canceled.id)
        for _ in range(3):
            await node.core.queue.step()  # ends with the other one put back
        receipt = await node.service.send(order(), CREDENTIALS)
        assert [attempt.outcome.kind for attempt in receipt.attempts] == [OutcomeKind.ACCEPTED]
