"""The queue: what is surely not sent, and shall be as soon as v2 takes it. In order, at a bounded rate."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from gateway.delivery import QUEUED, Delivery
from gateway.domain.account import WhenUpstreamFails
from gateway.domain.errors import GatewayError
from gateway.domain.intent import PENDING, Outcome, OutcomeKind, StoredIntent
from gateway.domain.status import TOO_LATE
from gateway.pacing import Pacer
from gateway.surroundings import Surroundings

log = structlog.get_logger()

CLAIMED_AT_ONCE = 200
AGAIN_AFTER_SECONDS = 2.0  # at least, after v2 refused to take one
LONGEST_REST_SECONDS = 60.0  # v2 may ask for days, and `queue_max_age` may end before
QUEUED_ONLY = frozenset({OutcomeKind.QUEUED})


class Queue:
    """Sends queued intents. `token_of` gives an account's bearer token."""

    def __init__(
        self,
        around: Surroundings,
        *,
        delivery: Delivery,
        pacer: Pacer,
        token_of: Callable[[str], Awaitable[str]],
    ) -> None:
        self._store = around.store
        self._upstream = around.upstream
        self._delivery = delivery
        self._pacer = pacer
        self._clock = around.clock
        self._metrics = around.metrics
        self._token_of = token_of
        self._settings_of = around.settings_of
        self._rests_until: dict[str, datetime] = {}

    async def step(self) -> bool:
        """Send what is due; True where something was sent or given up."""
        if self._upstream.breaker.seconds_left:
            return False
        now = self._clock.now()
        until = self._delivery.claim_until(now)
        claimed = await self._store.claim_intents(
            QUEUED_ONLY,
            owner=self._delivery.settings.owner,
            now=now,
            due_at=until,
            limit=CLAIMED_AT_ONCE,
        )
        if not claimed:
            await self._count()
            return False
        by_account: defaultdict[str, list[StoredIntent]] = defaultdict(list)
        for stored in claimed:
            by_account[stored.intent.account_id].append(stored)
        worked = await asyncio.gather(*(self._drain(account, due, until) for account, due in by_account.items()))
        return any(worked)

    async def _count(self) -> None:
        known = self._delivery.backlog.total()
        pending = await self._store.count_pending()
        for kind in PENDING:
            self._metrics.pending(kind, pending.get(kind, 0))
        if known > pending.get(OutcomeKind.QUEUED, 0):
            self._delivery.backlog.clear()  # canceled, or sent by another node; claims tell the rest

    async def _drain(self, account_id: str, due: Sequence[StoredIntent], until: datetime) -> bool:
        """Send one account's intents in order, until one cannot be; the rest goes back. True where any went."""
        backlog = self._delivery.backlog
        backlog[account_id] = max(backlog[account_id], len(due))  # another life or node may have queued them
        now = self._clock.now()
        if (rests_until := self._rests_until.get(account_id, now)) > now:
            # What came later is due before what was put back, and goes after it all the same.
            await self._put_back(due, rests_until, until)
            return False
        for position, stored in enumerate(due):
            if wait_seconds := await self._send(stored, until):
                rests_until = self._delivery.in_seconds(min(wait_seconds, LONGEST_REST_SECONDS))
                self._rests_until[account_id] = rests_until
                await self._put_back(due[position:], rests_until, until)
                return position > 0
            backlog[account_id] -= 1
        return True

    async def _send(self, stored: StoredIntent, until: datetime) -> float:
        """Send one; 0.0 where that is over, else the seconds to wait before trying again."""
        intent = stored.intent
        settings = self._settings_of(intent.account_id)
        if self._clock.now() - intent.created_at > timedelta(seconds=settings.queue_max_age_seconds):
            too_late = Outcome(kind=OutcomeKind.FAILED, reason=TOO_LATE)
            await self._delivery.record_outcome(intent, too_late, held_until=until)
            return 0.0
        rate = settings.upstream_rate_per_second or self._delivery.settings.drain_per_second
        if wait_seconds := self._pacer.take(intent.account_id, per_second=rate):
            return wait_seconds
        try:
            token = await self._token_of(intent.account_id)
        except GatewayError as error:
            log.warning("queued message cannot be sent yet", intent=intent.id, error=type(error).__name__)
            return AGAIN_AFTER_SECONDS
        # It waited because v2 could not take it; that v2 still cannot is no reason to give it up.
        patient = replace(settings, when_upstream_fails=WhenUpstreamFails.QUEUE)
        attempt = await self._delivery.send(intent, token=token, settings=patient, until=until)
        log.info("queued message", id=intent.id, outcome=attempt.outcome.kind)
        if attempt.outcome.kind is OutcomeKind.QUEUED:
            return max(AGAIN_AFTER_SECONDS, self._upstream.breaker.seconds_left)
        return 0.0

    async def _put_back(self, left: Sequence[StoredIntent], due_at: datetime, until: datetime) -> None:
        for stored in left:
            await self._delivery.record_outcome(stored.intent, QUEUED, held_until=until, due_at=due_at)
