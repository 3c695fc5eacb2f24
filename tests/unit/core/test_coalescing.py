"""Callers who send the same text one recipient at a time go upstream together."""

import asyncio

import pytest

from gateway.domain.account import AccountSettings
from gateway.domain.errors import GatewayError, InvalidRecipient, UpstreamRefused, UpstreamUnavailable
from gateway.domain.intent import Intent, Outcome
from gateway.domain.sms import Interface
from gateway.testing import FakeUpstream, FixedClock
from tests.unit.core.harness import ACCOUNT, CREDENTIALS, NOON, TOKEN, Node, order, start_node

TOGETHER = AccountSettings(coalesce_milliseconds=20)


class SlowUpstream(FakeUpstream):
    """Takes a moment to answer, as v2 does, and refuses the whole of a batch with a bad number in it."""

    bad_number = ""
    refusal: GatewayError = InvalidRecipient("recipients")

    async def send_batch(self, intent: Intent, *, token: str, within_seconds: float | None = None) -> Outcome:
        await asyncio.sleep(0.002)
        if self.bad_number in intent.recipients:
            raise self.refusal
        return await super().send_batch(intent, token=token)


def numbers(count: int) -> list[str]:
    return [f"4670{number:07}" for number in range(count)]


def slow_upstream() -> tuple[FixedClock, SlowUpstream]:
    clock = FixedClock(NOON)
    return clock, SlowUpstream(clock=clock, tokens={TOKEN: ACCOUNT})


async def recipients_at(node: Node) -> list[str]:
    return sorted(number for batch in node.upstream.batches for number in batch.intent.recipients)


async def test_calls_that_are_open_together_share_a_batch_and_each_gets_his_own_message() -> None:
    clock, upstream = slow_upstream()
    async with start_node(TOGETHER, upstream=upstream, clock=clock) as node:
        receipts = await asyncio.gather(*(node.service.send(order(number), CREDENTIALS) for number in numbers(64)))
        assert len(upstream.batches) <= 3
        assert await recipients_at(node) == numbers(64)
        for receipt, number in zip(receipts, numbers(64), strict=True):
            record = await node.service.find_message(CREDENTIALS, receipt.id)
            assert (record.recipient, record.bundle_id) == (number, None)
            assert [shown.id for shown in receipt.records()] == [receipt.id]


async def test_a_loop_of_callers_costs_few_calls_of_v2() -> None:
    clock, upstream = slow_upstream()
    async with start_node(TOGETHER, upstream=upstream, clock=clock) as node:

        async def loop(first: int) -> None:
            for number in numbers(640)[first::64]:
                await node.service.send(order(number), CREDENTIALS)

        await asyncio.gather(*map(loop, range(64)))
        assert await recipients_at(node) == numbers(640)
        assert len(upstream.batches) <= 640 // 20


async def test_nobody_waits_any_longer_once_as_many_have_come_as_the_last_time() -> None:
    clock, upstream = slow_upstream()
    settings = AccountSettings(coalesce_milliseconds=600_000)
    async with start_node(settings, upstream=upstream, clock=clock) as node, asyncio.timeout(60):
        for _ in range(3):
            await asyncio.gather(*(node.service.send(order(number), CREDENTIALS) for number in numbers(64)))
        assert len(upstream.batches) <= 4
        assert len(await recipients_at(node)) == 3 * 64


async def test_a_caller_who_is_alone_does_not_wait() -> None:
    async with start_node(AccountSettings(coalesce_milliseconds=600_000)) as node:
        for number in numbers(3):
            await node.service.send(order(number), CREDENTIALS)
        assert len(node.upstream.batches) == 3


@pytest.mark.parametrize("changed", [{"body": "Nej"}, {"sender": "Taxi"}, {"interface": Interface.ASPX}])
async def test_another_text_sender_or_interface_goes_by_itself(changed: dict[str, object]) -> None:
    clock, upstream = slow_upstream()
    async with start_node(TOGETHER, upstream=upstream, clock=clock) as node:
        await asyncio.gather(
            node.service.send(order("46701234567"), CREDENTIALS),
            node.service.send(order("46701234568", **changed), CREDENTIALS),
        )
        assert len(upstream.batches) == 2


async def test_the_same_number_twice_is_two_messages() -> None:
    clock, upstream = slow_upstream()
    async with start_node(TOGETHER, upstream=upstream, clock=clock) as node:
        receipts = await asyncio.gather(*(node.service.send(order(), CREDENTIALS) for _ in range(4)))
        assert len({receipt.id for receipt in receipts}) == 4
        assert await recipients_at(node) == ["46701234567"] * 4


@pytest.mark.parametrize("refusal", [InvalidRecipient("recipients"), UpstreamRefused("names no field (400)")])
async def test_one_bad_number_harms_nobody_else(refusal: GatewayError) -> None:
    clock, upstream = slow_upstream()
    upstream.refusal = refusal
    upstream.bad_number = "46700000003"
    async with start_node(TOGETHER, upstream=upstream, clock=clock) as node:
        sends = (node.service.send(order(number), CREDENTIALS) for number in numbers(8))
        results = await asyncio.gather(*sends, return_exceptions=True)
        refused = [
            number for number, result in zip(numbers(8), results, strict=True) if isinstance(result, Exception)
        ]
        assert refused == ["46700000003"]
        assert await recipients_at(node) == [number for number in numbers(8) if number != "46700000003"]


async def test_when_v2_is_down_everyone_hears_it() -> None:
    clock, upstream = slow_upstream()
    async with start_node(TOGETHER, upstream=upstream, clock=clock) as node:
        await node.service.fetch_balance(CREDENTIALS)
        upstream.fail(*[UpstreamUnavailable("down")] * 4)
        sends = (node.service.send(order(number), CREDENTIALS) for number in numbers(8))
        results = await asyncio.gather(*sends, return_exceptions=True)
        assert all(isinstance(result, UpstreamUnavailable) for result in results)
        assert not upstream.batches


async def test_a_caller_who_leaves_takes_nobody_elses_answer_with_him() -> None:
    clock, upstream = slow_upstream()
    async with start_node(AccountSettings(coalesce_milliseconds=200), upstream=upstream, clock=clock) as node:
        await node.service.fetch_balance(CREDENTIALS)
        sends = [asyncio.create_task(node.service.send(order(number), CREDENTIALS)) for number in numbers(3)]
        for leaving in sends[:2]:  # the first is alone; the second gathers for itself and the third
            await asyncio.sleep(0)
            leaving.cancel()
        async with asyncio.timeout(10):
            receipt = await sends[2]
        assert (await node.service.find_message(CREDENTIALS, receipt.id)).recipient == numbers(3)[2]
