"""Sending a draft: planned, put on disk, carried to v2, and answered; repeats noticed, callers put together."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from gateway.coalescing import Coalescer, can_coalesce
from gateway.credentials import Caller
from gateway.delivery import Attempt, Delivery
from gateway.domain.account import AccountSettings, RepeatMode
from gateway.domain.coding import count_segments
from gateway.domain.intent import UNDECIDED, Draft, Intent, OutcomeKind, StoredIntent, plan_intents
from gateway.domain.sms import mask_number
from gateway.domain.status import CANCELED
from gateway.ids import IdAllocator
from gateway.ports import RepeatGuard
from gateway.receipt import NOTHING_SENT, Receipt, receipt_of
from gateway.surroundings import Surroundings


class Sending:
    """From a draft to the receipt that its caller gets."""

    def __init__(
        self, around: Surroundings, *, delivery: Delivery, ids: IdAllocator, wake_queue: Callable[[], None]
    ) -> None:
        self._store = around.store
        self._store_id = around.store.store_id
        self._clock = around.clock
        self._metrics = around.metrics
        self._delivery = delivery
        self._ids = ids
        self._wake_queue = wake_queue
        self._coalescer = Coalescer(self._send)
        self._log = structlog.get_logger().bind()  # unbound it would look itself up for every line

    def send(self, drafted: Draft, caller: Caller, settings: AccountSettings) -> Awaitable[Receipt]:
        """Send one call's draft. Raises any GatewayError of the send table; nothing of it is sent then."""
        if settings.coalesce_milliseconds and can_coalesce(drafted, settings):
            return self._coalescer.send(drafted, caller, settings)
        return self._send(drafted, caller, settings)

    async def _send(self, drafted: Draft, caller: Caller, settings: AccountSettings) -> Receipt:
        ids = await self._ids.take(drafted.id_count)
        now = self._clock.now()
        intents = plan_intents(drafted, ids=ids, account_id=caller.account_id, store_id=self._store_id, now=now)
        guard = _guard(drafted, intents[0], settings) if settings.repeat_window_seconds else None
        return await self._send_intents(intents, caller, settings, guard=guard, now=now)

    async def _send_intents(
        self,
        intents: Sequence[Intent],
        caller: Caller,
        settings: AccountSettings,
        *,
        guard: RepeatGuard | None,
        now: datetime,
    ) -> Receipt:
        until = self._delivery.claim_until(now, batches=len(intents))
        first_id = await self._delivery.record(intents, until=until, guard=guard)
        if first_id is not None:
            return await self._answer_repeat(intents, caller, settings, guard, first_id=first_id)
        if self._delivery.must_queue(intents, settings):
            attempts = await self._delivery.queue_bundle(intents, until=until)
            self._wake_queue()
        else:
            attempts = await self._delivery.send_bundle(intents, token=caller.token, settings=settings, until=until)
        self._note(attempts)
        return receipt_of(attempts)

    def _note(self, attempts: Sequence[Attempt]) -> None:
        first, outcome = attempts[0].intent, attempts[0].outcome
        messages = 0
        for attempt in attempts:
            messages += len(attempt.intent.numbers)
        self._metrics.messages(first.interface, messages, messages * count_segments(first.body or ""))
        self._log.info(
            "send",
            id=first.answer_id,
            interface=first.interface,
            account=first.account_id,
            messages=messages,
            recipient=mask_number(first.numbers[0]),
            outcome=outcome.kind,
            reason=outcome.reason,
        )

    # ---- callers that repeat themselves --------------------------------------------------------------------

    async def _answer_repeat(
        self,
        intents: Sequence[Intent],
        caller: Caller,
        settings: AccountSettings,
        guard: RepeatGuard | None,
        *,
        first_id: int,
    ) -> Receipt:
        """The first call's answer, waited for where it is still open; one that failed or was canceled is none."""
        self._metrics.repeated(settings.repeat_mode)
        if settings.repeat_mode is RepeatMode.WARN:
            self._log.warning("call repeats another", account=caller.account_id, first=first_id)
            return await self._send_intents(intents, caller, settings, guard=None, now=self._clock.now())
        first = await self._settled(caller.account_id, first_id)
        if guard and all([await self._counts_for_nothing(stored) for stored in first]):
            guard = replace(guard, replaces=first_id)
            return await self._send_intents(intents, caller, settings, guard=guard, now=self._clock.now())
        return receipt_of([Attempt(intent=stored.intent, outcome=stored.outcome) for stored in first])

    async def _counts_for_nothing(self, stored: StoredIntent) -> bool:
        """Whether nothing of it is or will be sent. What v2 had and canceled shows it as its messages' status."""
        if stored.outcome.kind in NOTHING_SENT or stored.outcome.kind is OutcomeKind.CANCELED:
            return True
        if not stored.intent.opens_at:
            return False
        offered = next((message.id for message in stored.intent.messages if message.refused is None), None)
        if offered is None:
            return True
        record = await self._store.find_message(offered, account_id=stored.intent.account_id)
        return bool(record and record.status and record.status.code == CANCELED)

    async def _settled(self, account_id: str, first_id: int) -> Sequence[StoredIntent]:
        """A bundle's intents, after those that are open were waited for."""
        first = await self._store.find_bundle_intents(account_id, first_id)
        open_ids = [stored.intent.id for stored in first if stored.outcome.kind in UNDECIDED]
        if not open_ids:
            return first
        deadline = asyncio.get_running_loop().time() + self._delivery.settings.patience_seconds
        await asyncio.gather(*(self._delivery.wait_for(intent_id, deadline) for intent_id in open_ids))
        return await self._store.find_bundle_intents(account_id, first_id)


def _guard(drafted: Draft, first: Intent, settings: AccountSettings) -> RepeatGuard:
    return RepeatGuard(
        account_id=first.account_id,
        fingerprint=_fingerprint(drafted),
        first_id=first.answer_id,
        expires_at=first.created_at + timedelta(seconds=settings.repeat_window_seconds),
    )


def _fingerprint(drafted: Draft) -> bytes:
    """What makes two calls of an account the same: sender, recipients, text, template values and time."""
    order = drafted.order
    parts = (drafted.sender, drafted.numbers, drafted.body, drafted.values, order.opens_at)
    return hashlib.sha256(repr(parts).encode()).digest()[:16]
