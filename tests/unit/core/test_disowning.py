"""A caller who was told that nothing was sent is right, also where the store failed after it had committed."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from gateway.domain.account import AccountSettings, WhenUpstreamFails
from gateway.domain.errors import StoreUnavailable, UpstreamUnavailable
from gateway.domain.intent import Intent, OutcomeKind
from gateway.domain.sms import Interface
from gateway.ports import MessageQuery, RepeatGuard
from gateway.testing import MemoryStore
from tests.unit.core.harness import CREDENTIALS, Node, order, start_node

SETTINGS = [
    AccountSettings(),
    AccountSettings(when_upstream_fails=WhenUpstreamFails.QUEUE),
    AccountSettings(repeat_window_seconds=3600),
]


class DoubtfulStore(MemoryStore):
    """Commits intents and then says that it is not there; with `late`, only when `arrive` is called."""

    doubtful = late = False
    under_way: tuple[Sequence[Intent], OutcomeKind, str, datetime, RepeatGuard | None] | None = None

    async def record_intents(
        self,
        intents: Sequence[Intent],
        *,
        kind: OutcomeKind,
        owner: str,
        due_at: datetime,
        guard: RepeatGuard | None = None,
    ) -> int | None:
        self.under_way = (intents, kind, owner, due_at, guard)
        if self.late:
            raise StoreUnavailable("connection lost")
        repeats = await self.arrive()
        if self.doubtful:
            raise StoreUnavailable("connection lost")
        return repeats

    async def arrive(self) -> int | None:
        """The commit takes place."""
        assert self.under_way
        intents, kind, owner, due_at, guard = self.under_way
        return await super().record_intents(intents, kind=kind, owner=owner, due_at=due_at, guard=guard)


async def wait_for_days(node: Node) -> None:
    for _ in range(50):
        node.later(hours=1)
        for step in (node.core.disowner.step, node.core.settler.step, node.core.queue.step):
            await step()


@pytest.mark.parametrize("settings", SETTINGS)
async def test_what_was_recorded_in_doubt_is_never_sent(settings: AccountSettings) -> None:
    store = DoubtfulStore()
    async with start_node(settings, store=store) as node:
        await node.service.fetch_balance(CREDENTIALS)
        store.doubtful = True
        with pytest.raises(StoreUnavailable):
            await node.service.send(order("46701234567", "46701234568"), CREDENTIALS)
        store.doubtful = False
        await wait_for_days(node)
        assert not node.upstream.batches
        assert not await store.list_pending(limit=10)


async def test_a_commit_that_arrives_after_the_store_is_back_is_found_as_well() -> None:
    store = DoubtfulStore()
    async with start_node(store=store) as node:
        await node.service.fetch_balance(CREDENTIALS)
        store.late = True
        with pytest.raises(StoreUnavailable):
            await node.service.send(order(), CREDENTIALS)
        await node.core.disowner.step()
        await store.arrive()
        await node.core.disowner.step()
        await wait_for_days(node)
        assert not node.upstream.batches


async def test_another_node_cannot_send_it_before_it_is_failed() -> None:
    """Where the store is away for longer than the claim, both nodes find it back at the same moment."""
    store = DoubtfulStore()
    queueing = AccountSettings(when_upstream_fails=WhenUpstreamFails.QUEUE)
    async with start_node(queueing, store=store) as node:
        await node.service.fetch_balance(CREDENTIALS)
        node.upstream.fail(*[UpstreamUnavailable("down")] * 5)
        for _ in range(5):
            await node.service.send(order(), CREDENTIALS)
        store.doubtful = True
        with pytest.raises(StoreUnavailable):
            await node.service.send(order(body="in doubt"), CREDENTIALS)
        store.doubtful = False
        node.later(minutes=10)
        async with start_node(queueing, store=store, upstream=node.upstream, clock=node.clock) as other:
            await other.core.settler.step()
            await other.core.queue.step()
            await node.core.disowner.step()
            await wait_for_days(other)
        assert "in doubt" not in [batch.intent.body for batch in node.upstream.batches]
        assert len(node.upstream.batches) == 5


async def test_a_repeat_of_it_is_a_new_call() -> None:
    store = DoubtfulStore()
    async with start_node(AccountSettings(repeat_window_seconds=3600), store=store) as node:
        await node.service.fetch_balance(CREDENTIALS)
        store.doubtful = True
        with pytest.raises(StoreUnavailable):
            await node.service.send(order(), CREDENTIALS)
        store.doubtful = False
        await node.core.disowner.step()
        receipt = await node.service.send(order(), CREDENTIALS)
        assert [batch.intent.id for batch in node.upstream.batches] == [receipt.id]


async def test_its_status_says_internal_error() -> None:
    store = DoubtfulStore()
    async with start_node(store=store) as node:
        await node.service.fetch_balance(CREDENTIALS)
        store.doubtful = True
        with pytest.raises(StoreUnavailable):
            await node.service.send(order(), CREDENTIALS)
        store.doubtful = False
        await node.core.disowner.step()
        (record,) = await store.list_messages("ip1-12345", MessageQuery())
        status = record.upstream_status(node.service.tables)
        assert node.service.tables.legacy_status(status, Interface.SOAP) == 42
