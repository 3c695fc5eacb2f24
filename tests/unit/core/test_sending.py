"""Sending: what is on disk when, and what a caller hears."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import pytest

from gateway.domain.account import AccountSettings, WhenUpstreamFails
from gateway.domain.errors import (
    GatewayError,
    InsufficientCredits,
    InvalidSender,
    OutcomeUnknown,
    RateLimited,
    StoreUnavailable,
    TokenRefused,
    UpstreamUnavailable,
    WrongCredentials,
)
from gateway.domain.intent import Intent, Outcome, OutcomeKind
from gateway.domain.sms import Credentials, Interface
from gateway.domain.status import UpstreamStatus
from gateway.testing import FakeUpstream, FixedClock, MemoryStore
from tests.unit.core.harness import ACCOUNT, CREDENTIALS, DELIVERY, NOON, TOKEN, order, start_node

QUEUEING = AccountSettings(when_upstream_fails=WhenUpstreamFails.QUEUE)


async def test_a_message_is_sent_once_and_its_id_leads_to_it() -> None:
    async with start_node() as node:
        receipt = await node.service.send(order(), CREDENTIALS)
        (batch,) = node.upstream.batches
        assert batch.intent.recipients == ("46701234567",)
        record = await node.service.find_message(CREDENTIALS, receipt.id)
        assert record.outcome.kind is OutcomeKind.ACCEPTED
        assert record.outcome.batch_id == batch.batch_id


async def test_a_split_bundle_with_template_values_is_sent() -> None:
    numbers = [f"4670{number:07}" for number in range(501)]
    async with start_node() as node:
        await node.service.send(order(*numbers, body="Hej {name}", values={"default": {"name": "Bo"}}), CREDENTIALS)
        assert sorted(len(batch.intent.recipients) for batch in node.upstream.batches) == [1, 500]


class WatchedUpstream(FakeUpstream):
    """Looks into the store at the moment v2 is asked."""

    def __init__(self, store: MemoryStore, clock: FixedClock) -> None:
        super().__init__(clock=clock, tokens={TOKEN: ACCOUNT})
        self._store = store
        self.seen: list[OutcomeKind] = []

    async def send_batch(self, intent: Intent, *, token: str, within_seconds: float | None = None) -> Outcome:
        stored = await self._store.find_intent(intent.id)
        assert stored is not None
        self.seen.append(stored.outcome.kind)
        return await super().send_batch(intent, token=token)


async def test_an_intent_is_on_disk_before_v2_is_asked() -> None:
    store, clock = MemoryStore(), FixedClock(NOON)
    upstream = WatchedUpstream(store, clock)
    async with start_node(store=store, upstream=upstream, clock=clock) as node:
        await node.service.send(order(), CREDENTIALS)
    assert upstream.seen == [OutcomeKind.OPEN]


async def test_several_recipients_share_a_bundle_id() -> None:
    async with start_node() as node:
        receipt = await node.service.send(order("46701234567", "46701234568"), CREDENTIALS)
        messages = await node.service.find_bundle(CREDENTIALS, receipt.id)
        assert [message.recipient for message in messages] == ["46701234567", "46701234568"]
        assert receipt.id not in {message.id for message in messages}


async def test_a_wrong_key_is_refused_before_anything_is_recorded() -> None:
    async with start_node() as node:
        with pytest.raises(WrongCredentials):
            await node.service.send(order(), Credentials(account_id=ACCOUNT, api_key="wrong"))
        assert not await node.store.list_pending(limit=10)
        assert not node.upstream.batches


@pytest.mark.parametrize(
    "failure",
    [
        InsufficientCredits("402"),
        InvalidSender("sender"),
        TokenRefused("401"),
        UpstreamUnavailable("down"),
        RateLimited("429"),
    ],
)
async def test_what_was_surely_not_sent_is_told_at_once(failure: GatewayError) -> None:
    async with start_node() as node:
        await node.service.fetch_balance(CREDENTIALS)  # the credentials are known from here on
        node.upstream.fail(failure)
        with pytest.raises(type(failure)):
            await node.service.send(order(), CREDENTIALS)
        assert not await node.store.list_pending(limit=10)
        assert not node.upstream.batches


async def test_a_part_that_v2_refused_shows_it_as_the_status_of_its_messages() -> None:
    numbers = [f"4670{number:07}" for number in range(501)]
    async with start_node() as node:
        await node.service.fetch_balance(CREDENTIALS)
        node.upstream.fail(InsufficientCredits("402"))
        receipt = await node.service.send(order(*numbers, interface=Interface.REST), CREDENTIALS)
        records = await node.service.find_bundle(CREDENTIALS, receipt.id)
        codes = [record.upstream_status(node.service.tables) for record in records]
        assert len(node.upstream.batches) == 1
        sent = len(node.upstream.batches[0].intent.recipients)
        assert codes.count(UpstreamStatus(101 if sent == 500 else 402)) == 500


class PatientUpstream(FakeUpstream):
    """Takes longer than a caller waits."""

    async def send_batch(self, intent: Intent, *, token: str, within_seconds: float | None = None) -> Outcome:
        try:
            async with asyncio.timeout(within_seconds):
                await asyncio.sleep(4 * DELIVERY.patience_seconds)
        except TimeoutError as error:
            raise OutcomeUnknown("no answer in time") from error
        return await super().send_batch(intent, token=token)


async def test_a_v2_that_hangs_is_left_alone_for_a_while() -> None:
    clock = FixedClock(NOON)
    upstream = PatientUpstream(clock=clock, tokens={TOKEN: ACCOUNT})
    async with start_node(upstream=upstream, clock=clock) as node:
        await asyncio.gather(*(node.service.send(order(body=f"Hej {n}"), CREDENTIALS) for n in range(5)))
        with pytest.raises(UpstreamUnavailable, match="left alone"):
            await node.service.send(order(), CREDENTIALS)


async def test_a_large_bundle_goes_on_after_its_caller_has_his_id() -> None:
    clock = FixedClock(NOON)
    upstream = PatientUpstream(clock=clock, tokens={TOKEN: ACCOUNT})
    async with start_node(upstream=upstream, clock=clock) as node:
        receipt = await node.service.send(order(*(f"4670{n:07}" for n in range(501))), CREDENTIALS)
        assert {attempt.outcome.kind for attempt in receipt.attempts} == {OutcomeKind.OPEN}
        while any((await node.store.count_pending()).values()):
            await asyncio.sleep(0.01)
        records = await node.service.find_bundle(CREDENTIALS, receipt.id)
        assert {record.outcome.kind for record in records} == {OutcomeKind.ACCEPTED}
        assert len(upstream.batches) == 2


async def test_a_lost_answer_gives_the_caller_his_id_and_no_second_message() -> None:
    async with start_node() as node:
        node.upstream.lose_answers()
        receipt = await node.service.send(order(), CREDENTIALS)
        assert (await node.service.find_message(CREDENTIALS, receipt.id)).outcome.kind is OutcomeKind.UNKNOWN
        await node.core.settler.step()
        assert (await node.service.find_message(CREDENTIALS, receipt.id)).outcome.kind is OutcomeKind.ACCEPTED
        node.later(days=1)
        await node.core.settler.step()
        await node.core.queue.step()
        assert len(node.upstream.batches) == 1


async def test_a_caller_who_waits_gets_the_settled_outcome() -> None:
    async with start_node() as node:
        node.upstream.lose_answers()
        sending = asyncio.create_task(node.service.send(order(), CREDENTIALS))
        while not await node.core.settler.step():
            await asyncio.sleep(0)
        (attempt,) = (await sending).attempts
        assert attempt.outcome.kind is OutcomeKind.ACCEPTED


async def test_what_v2_surely_never_got_is_sent_once_after_a_while() -> None:
    async with start_node() as node:
        await node.service.fetch_balance(CREDENTIALS)
        node.upstream.fail(OutcomeUnknown("reset"))
        receipt = await node.service.send(order(), CREDENTIALS)
        await node.core.settler.step()
        await node.core.queue.step()
        assert not node.upstream.batches  # not found yet proves nothing yet
        node.later(seconds=61)
        await node.core.settler.step()
        await node.core.queue.step()
        assert [batch.intent.id for batch in node.upstream.batches] == [receipt.id]
        node.later(days=1)
        await node.core.settler.step()
        await node.core.queue.step()
        assert len(node.upstream.batches) == 1


class SlowUpstream(FakeUpstream):
    """Stands still with the sends it has read, and comes to them only after it has answered some lookups."""

    lookups_first = 1
    standing: Sequence[Intent] = ()

    async def send_batch(self, intent: Intent, *, token: str, within_seconds: float | None = None) -> Outcome:
        self.standing = [intent]
        raise OutcomeUnknown("no answer in time")

    async def find_batches(
        self, references: Collection[str], *, token: str, not_before: datetime
    ) -> Mapping[str, Outcome]:
        found = await super().find_batches(references, token=token, not_before=not_before)
        self.lookups_first -= 1
        if self.lookups_first <= 0:
            for intent in self.standing:
                await super().send_batch(intent, token=token)
            self.standing = ()
        return found


async def test_a_send_that_v2_comes_to_after_it_stood_still_is_not_sent_again() -> None:
    clock = FixedClock(NOON)
    upstream = SlowUpstream(clock=clock, tokens={TOKEN: ACCOUNT})
    async with start_node(upstream=upstream, clock=clock) as node:
        receipt = await node.service.send(order(), CREDENTIALS)
        for _ in range(3):
            node.later(hours=1)
            await node.core.settler.step()
            await node.core.queue.step()
        assert (await node.service.find_message(CREDENTIALS, receipt.id)).outcome.kind is OutcomeKind.ACCEPTED
        assert len(upstream.batches) == 1


async def test_nor_one_that_v2_comes_to_after_it_stood_still_between_two_lookups() -> None:
    clock = FixedClock(NOON)
    upstream = SlowUpstream(clock=clock, tokens={TOKEN: ACCOUNT})
    upstream.lookups_first = 2
    async with start_node(upstream=upstream, clock=clock) as node:
        receipt = await node.service.send(order(), CREDENTIALS)
        await node.core.settler.step()  # not listed yet
        node.later(seconds=61)
        upstream.fail(UpstreamUnavailable("no answer"))
        for _ in range(3):
            await node.core.settler.step()
            await node.core.queue.step()
            node.later(seconds=61)
        assert (await node.service.find_message(CREDENTIALS, receipt.id)).outcome.kind is OutcomeKind.ACCEPTED
        assert len(upstream.batches) == 1


async def test_what_is_too_old_to_be_sent_fails() -> None:
    async with start_node(AccountSettings(queue_max_age_seconds=30)) as node:
        await node.service.fetch_balance(CREDENTIALS)
        node.upstream.fail(OutcomeUnknown("reset"))
        receipt = await node.service.send(order(), CREDENTIALS)
        await node.core.settler.step()
        node.later(seconds=61)
        await node.core.settler.step()
        record = await node.service.find_message(CREDENTIALS, receipt.id)
        assert record.outcome.kind is OutcomeKind.FAILED
        code = node.service.tables.legacy_status(record.upstream_status(node.service.tables), Interface.SOAP)
        assert code == 50
        assert not node.upstream.batches


class BrokenStore(MemoryStore):
    """Loses its disk between the intent and the outcome."""

    broken = False

    async def record_outcome(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]  # as it is
        if self.broken:
            raise StoreUnavailable("disk full")
        return await super().record_outcome(*args, **kwargs)  # type: ignore[arg-type]  # as it came


@pytest.mark.parametrize("failure", [None, UpstreamUnavailable("down")])
async def test_an_outcome_that_cannot_be_recorded_gives_an_id_and_is_settled_later(
    failure: GatewayError | None,
) -> None:
    store = BrokenStore()
    async with start_node(store=store) as node:
        await node.service.fetch_balance(CREDENTIALS)
        if failure:
            node.upstream.fail(failure)
        store.broken = True
        receipt = await node.service.send(order(), CREDENTIALS)
        store.broken = False
        for _ in range(2):
            node.later(seconds=61)
            await node.core.settler.step()
        await node.core.queue.step()
        assert (await node.service.find_message(CREDENTIALS, receipt.id)).outcome.kind is OutcomeKind.ACCEPTED
        assert len(node.upstream.batches) == 1


async def test_a_crash_after_acceptance_is_settled_by_the_next_life() -> None:
    store, clock = BrokenStore(), FixedClock(NOON)
    upstream = FakeUpstream(clock=clock, tokens={TOKEN: ACCOUNT})
    async with start_node(store=store, upstream=upstream, clock=clock) as node:
        await node.service.fetch_balance(CREDENTIALS)
        store.broken = True
        receipt = await node.service.send(order(), CREDENTIALS)
    store.broken = False
    clock.advance(1)
    async with start_node(store=store, upstream=upstream, clock=clock) as node:
        assert node.core.settler.inherited == 1
        await node.core.settler.step()
        assert node.core.settler.inherited == 0
        assert (await node.service.find_message(CREDENTIALS, receipt.id)).outcome.kind is OutcomeKind.ACCEPTED
        assert len(upstream.batches) == 1


async def test_while_v2_is_down_a_queueing_account_gets_ids_and_its_messages_go_out_in_order() -> None:
    async with start_node(QUEUEING) as node:
        await node.service.fetch_balance(CREDENTIALS)
        node.upstream.fail(*[UpstreamUnavailable("down")] * 5)
        receipts = [await node.service.send(order(body=f"Hej {n}"), CREDENTIALS) for n in range(8)]
        for receipt in receipts:
            record = await node.service.find_message(CREDENTIALS, receipt.id)
            assert record.outcome.kind is OutcomeKind.QUEUED
        for _ in range(20):
            node.later(seconds=10)
            await node.core.queue.step()
        assert [batch.intent.id for batch in node.upstream.batches] == [receipt.id for receipt in receipts]


async def test_a_queued_message_too_old_fails_with_50() -> None:
    async with start_node(
        AccountSettings(when_upstream_fails=WhenUpstreamFails.QUEUE, queue_max_age_seconds=60)
    ) as node:
        await node.service.fetch_balance(CREDENTIALS)
        node.upstream.fail(UpstreamUnavailable("down"))
        receipt = await node.service.send(order(), CREDENTIALS)
        node.later(seconds=61)
        await node.core.queue.step()
        record = await node.service.find_message(CREDENTIALS, receipt.id)
        status = record.upstream_status(node.service.tables)
        assert node.service.tables.legacy_status(status, Interface.SOAP) == 50
        assert not node.upstream.batches


async def test_more_than_an_accounts_rate_waits_instead_of_failing() -> None:
    async with start_node(AccountSettings(upstream_rate_per_second=2)) as node:
        receipts = [await node.service.send(order(body=f"Hej {n}"), CREDENTIALS) for n in range(10)]
        assert len(node.upstream.batches) < 5
        for _ in range(20):
            node.later(seconds=1)
            await node.core.queue.step()
        assert [batch.intent.id for batch in node.upstream.batches] == [receipt.id for receipt in receipts]


async def test_failures_in_a_row_leave_v2_alone_for_a_while() -> None:
    async with start_node() as node:
        await node.service.fetch_balance(CREDENTIALS)
        node.upstream.fail(*[UpstreamUnavailable("down")] * 5)
        for _ in range(6):
            with pytest.raises(UpstreamUnavailable):
                await node.service.send(order(), CREDENTIALS)
        assert not node.upstream.batches  # the sixth would have been accepted
        node.later(seconds=3)
        await node.service.send(order(), CREDENTIALS)
        assert len(node.upstream.batches) == 1
