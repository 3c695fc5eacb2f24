"""Callers that repeat themselves."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.domain.account import AccountSettings, RepeatMode, WhenUpstreamFails
from gateway.domain.errors import InsufficientCredits, UpstreamUnavailable
from tests.unit.core.harness import CREDENTIALS, NOON, order, start_node

JOINING = AccountSettings(repeat_window_seconds=60)
WARNING = AccountSettings(repeat_window_seconds=60, repeat_mode=RepeatMode.WARN)


async def test_the_same_call_within_the_window_gets_the_first_id_and_sends_nothing() -> None:
    async with start_node(JOINING) as node:
        first = await node.service.send(order(), CREDENTIALS)
        node.later(seconds=59)
        assert (await node.service.send(order(), CREDENTIALS)).id == first.id
        assert len(node.upstream.batches) == 1


async def test_after_the_window_it_is_a_new_message() -> None:
    async with start_node(JOINING) as node:
        first = await node.service.send(order(), CREDENTIALS)
        node.later(seconds=61)
        assert (await node.service.send(order(), CREDENTIALS)).id != first.id
        assert len(node.upstream.batches) == 2


@pytest.mark.parametrize("changed", [{"body": "Nej"}, {"sender": "Taxi"}, {"recipients": ("46701234568",)}])
async def test_another_text_sender_or_recipient_is_no_repeat(changed: dict[str, object]) -> None:
    async with start_node(JOINING) as node:
        await node.service.send(order(), CREDENTIALS)
        await node.service.send(order(**changed), CREDENTIALS)
        assert len(node.upstream.batches) == 2


async def test_repeats_that_arrive_while_the_first_is_open_share_its_answer() -> None:
    async with start_node(JOINING) as node:
        receipts = await asyncio.gather(*(node.service.send(order(), CREDENTIALS) for _ in range(5)))
        assert len({receipt.id for receipt in receipts}) == 1
        assert len(node.upstream.batches) == 1


async def test_a_repeat_of_a_call_that_failed_is_a_new_attempt() -> None:
    async with start_node(JOINING) as node:
        await node.service.fetch_balance(CREDENTIALS)
        node.upstream.fail(InsufficientCredits("402"))
        with pytest.raises(InsufficientCredits):
            await node.service.send(order(), CREDENTIALS)
        second = await node.service.send(order(), CREDENTIALS)
        assert (await node.service.send(order(), CREDENTIALS)).id == second.id
        assert len(node.upstream.batches) == 1


async def test_in_warn_mode_a_repeat_is_sent() -> None:
    async with start_node(WARNING) as node:
        first = await node.service.send(order(), CREDENTIALS)
        assert (await node.service.send(order(), CREDENTIALS)).id != first.id
        assert len(node.upstream.batches) == 2


async def test_without_a_window_every_call_is_a_message() -> None:
    async with start_node() as node:
        await node.service.send(order(), CREDENTIALS)
        await node.service.send(order(), CREDENTIALS)
        assert len(node.upstream.batches) == 2


@pytest.mark.parametrize("is_queued", [False, True])
async def test_a_repeat_of_a_call_that_was_canceled_is_a_new_message(is_queued: bool) -> None:
    settings = replace(JOINING, when_upstream_fails=WhenUpstreamFails.QUEUE)
    async with start_node(settings) as node:
        await node.service.fetch_balance(CREDENTIALS)
        if is_queued:
            node.upstream.fail(UpstreamUnavailable("down"))
        scheduled = order(opens_at=NOON + timedelta(hours=1))
        first = await node.service.send(scheduled, CREDENTIALS)
        await node.service.cancel_bundle(CREDENTIALS, first.id)
        second = await node.service.send(scheduled, CREDENTIALS)
        await node.core.queue.step()
        assert second.id != first.id
        assert [batch.intent.id for batch in node.upstream.batches if not batch.is_canceled] == [second.id]


async def test_a_part_without_a_number_does_not_keep_a_canceled_call_from_being_repeated() -> None:
    async with start_node(JOINING) as node:
        numbers = [f"4670{number:07}" for number in range(500)]
        scheduled = order(*numbers, "nobody", opens_at=NOON + timedelta(hours=1))
        first = await node.service.send(scheduled, CREDENTIALS)
        await node.service.cancel_bundle(CREDENTIALS, first.id)
        assert (await node.service.send(scheduled, CREDENTIALS)).id != first.id


async def test_repeats_take_nothing_of_the_accounts_rate() -> None:
    async with start_node(replace(JOINING, upstream_rate_per_second=2)) as node:
        for _ in range(10):
            await node.service.send(order(), CREDENTIALS)
        await node.service.send(order(body="Nej"), CREDENTIALS)
        assert len(node.upstream.batches) == 2
