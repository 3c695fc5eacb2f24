"""Carrying intents to v2: on disk before we act, on disk before we answer, and never a guess.

An intent is recorded before v2 is asked, and its outcome before the caller hears it. Where the outcome is unknown
(time-out after sending, dropped connection, crash) `gateway.settling` finds out; what is surely not sent and shall
be sent later waits in the queue (`gateway.queueing`).
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gateway.domain.account import AccountSettings, WhenUpstreamFails
from gateway.domain.errors import (
    CallerError,
    GatewayError,
    InvalidRecipient,
    OutcomeUnknown,
    RateLimited,
    StoreUnavailable,
    TokenRefused,
    UpstreamUnavailable,
)
from gateway.domain.intent import PENDING, Intent, Outcome, OutcomeKind
from gateway.domain.status import send_row_of
from gateway.domain.values import value
from gateway.pacing import Pacer
from gateway.ports import RepeatGuard
from gateway.surroundings import Surroundings

log = structlog.get_logger()

OPEN = Outcome(kind=OutcomeKind.OPEN)
QUEUED = Outcome(kind=OutcomeKind.QUEUED)
UNKNOWN = Outcome(kind=OutcomeKind.UNKNOWN)

BATCHES_AT_ONCE = 4  # of one bundle; keeps a large one from taking every connection


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings:
    """How long things may take.

    `patience_seconds`: how long a caller waits for an outcome that is unknown at first. `claim_seconds`: how long
    an intent is its node's before another may take it over. `absence_after_seconds`: how long v2 must be seen not
    to list a reference before it is surely not there. `reconcile_after_seconds`: how long an accepted batch may
    stay without final news before it is looked up; `reconcile_for_seconds`: how long that is repeated.
    `drain_per_second`: how fast one account's queue is sent when v2 is back.
    """

    owner: str = "gateway"
    patience_seconds: float = 8.0
    claim_seconds: float = 60.0
    absence_after_seconds: float = 60.0
    reconcile_after_seconds: float = 900.0
    reconcile_for_seconds: float = 4 * 86_400.0
    drain_per_second: float = 20.0


@value
class Attempt:
    """What is known of one intent when its caller is answered; `error` says why it was not accepted."""

    intent: Intent
    outcome: Outcome
    error: GatewayError | None = None


class Delivery:
    """Sends intents and records what became of them.

    `disowned` holds, by id, intents that were refused because the store did not say that it has them, and until
    when they may turn up there; `gateway.disowning` makes that refusal true.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        pacer: Pacer,
        settings: DeliverySettings,
    ) -> None:
        self._store = around.store
        self._upstream = around.upstream
        self._metrics = around.metrics
        self._clock = around.clock
        self._pacer = pacer
        self.settings = settings
        self._claim = timedelta(seconds=settings.claim_seconds)
        self._half_claim = self._claim / 2
        # How long an intent with such an outcome is left alone; one that needs no more attention has no row.
        self._rest_by_kind = dict.fromkeys(PENDING, timedelta())
        self._rest_by_kind[OutcomeKind.ACCEPTED] = timedelta(seconds=settings.reconcile_after_seconds)
        self.backlog: Counter[str] = Counter()  # queued intents by account, as far as this node knows
        self.disowned: dict[int, tuple[Intent, datetime]] = {}
        self._under_way: set[asyncio.Task[Attempt]] = set()
        self._waiting: defaultdict[int, set[asyncio.Future[Outcome]]] = defaultdict(set)

    async def record(self, intents: Sequence[Intent], *, until: datetime, guard: RepeatGuard | None) -> int | None:
        """Put a bundle on disk, open and ours alone `until` then, before anything is sent.

        Where it repeats an earlier call nothing is recorded, and that call's first id is returned. Raises
        StoreUnavailable, and then nothing of it is sent.
        """
        try:
            return await self._store.record_intents(
                intents, kind=OPEN.kind, owner=self.settings.owner, due_at=until, guard=guard
            )
        except StoreUnavailable:
            self._disown(intents)
            raise

    def _disown(self, intents: Sequence[Intent]) -> None:
        look_until = self.claim_until(self._clock.now())
        self.disowned |= {intent.id: (intent, look_until) for intent in intents}

    def must_queue(self, intents: Sequence[Intent], settings: AccountSettings) -> bool:
        """Whether a bundle shall wait: behind others of its account, for v2, or for the account's own rate.

        Where it need not it has taken the right to be sent.
        """
        account_id = intents[0].account_id
        if self.backlog.get(account_id, 0) > 0:
            return True  # what came first goes first
        if self._upstream.breaker.seconds_left and settings.when_upstream_fails is WhenUpstreamFails.QUEUE:
            return True
        rate = settings.upstream_rate_per_second
        return self._pacer.take(account_id, batches=len(intents), per_second=rate) > 0

    async def queue_bundle(self, intents: Sequence[Intent], *, until: datetime) -> Sequence[Attempt]:
        """Queue a recorded, open bundle.

        It is recorded as open first, like any other: a queue is open to every node at once, and nothing may stand
        in it whose caller might have to be told that it was not recorded.
        """
        attempts = [await self._settle(intent, QUEUED, until) for intent in intents]
        self.backlog[intents[0].account_id] += len(intents)
        return attempts

    async def send_bundle(
        self, intents: Sequence[Intent], *, token: str, settings: AccountSettings, until: datetime
    ) -> Sequence[Attempt]:
        """Send a recorded, open bundle. Its caller waits at most his patience; what is under way then goes on."""
        patience = self.settings.patience_seconds
        deadline = asyncio.get_running_loop().time() + patience
        if len(intents) == 1:
            attempt = await self.send(intents[0], token=token, settings=settings, until=until, within=patience)
            return [await self._follow(attempt, deadline) if attempt.outcome.kind in PENDING else attempt]
        gate = asyncio.Semaphore(BATCHES_AT_ONCE)

        async def send_in_turn(intent: Intent) -> Attempt:
            async with gate:
                attempt = await self.send(intent, token=token, settings=settings, until=until)
            return await self._follow(attempt, deadline)

        return await self._gather_until(deadline, intents, send_in_turn)

    async def _follow(self, attempt: Attempt, deadline: float) -> Attempt:
        """Note what was queued; wait until `deadline` for what is unknown."""
        intent, kind = attempt.intent, attempt.outcome.kind
        if kind is OutcomeKind.QUEUED:
            self.backlog[intent.account_id] += 1
        if kind is OutcomeKind.UNKNOWN and (settled := await self.wait_for(intent.id, deadline)):
            return Attempt(intent=intent, outcome=settled)
        return attempt

    async def _gather_until(
        self,
        deadline: float,
        intents: Sequence[Intent],
        send: Callable[[Intent], Coroutine[None, None, Attempt]],
    ) -> Sequence[Attempt]:
        tasks = [asyncio.create_task(send(intent)) for intent in intents]
        for task in tasks:
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        await asyncio.wait(tasks, timeout=deadline - asyncio.get_running_loop().time())
        return [
            task.result() if task.done() else Attempt(intent=intent, outcome=OPEN)
            for intent, task in zip(intents, tasks, strict=True)
        ]

    async def send(
        self,
        intent: Intent,
        *,
        token: str,
        settings: AccountSettings,
        until: datetime,
        within: float | None = None,
    ) -> Attempt:
        """Ask v2 once and put the outcome on disk. The intent is open, on disk, ours alone until `until`.

        An attempt that might not end before `until` is not begun: another node may take the intent over and send
        it, so it is left to the lookup. `within` (seconds) bounds the wait for v2's answer.
        """
        if self._clock.now() + self._half_claim > until:
            return Attempt(intent=intent, outcome=UNKNOWN)
        error = None
        try:
            if not intent.recipients:
                raise InvalidRecipient("no recipient is a phone number")
            outcome = await self._upstream.send_batch(intent, token=token, within_seconds=within)
        except GatewayError as failure:
            outcome, error = self._outcome_of(failure, intent.account_id, settings), failure
        return await self._settle(intent, outcome, until, error)

    def _outcome_of(self, failure: GatewayError, account_id: str, settings: AccountSettings) -> Outcome:
        reason = send_row_of(failure)
        if isinstance(failure, CallerError):
            return Outcome(kind=OutcomeKind.REFUSED, reason=reason)
        if isinstance(failure, OutcomeUnknown):
            return UNKNOWN
        if isinstance(failure, RateLimited) and failure.retry_after_seconds:
            self._pacer.pause(account_id, failure.retry_after_seconds)
        if isinstance(failure, (UpstreamUnavailable, RateLimited, TokenRefused)) and (
            settings.when_upstream_fails is WhenUpstreamFails.QUEUE
        ):
            return QUEUED
        return Outcome(kind=OutcomeKind.FAILED, reason=reason)

    async def _settle(
        self, intent: Intent, outcome: Outcome, until: datetime, error: GatewayError | None = None
    ) -> Attempt:
        try:
            in_force = await self.record_outcome(intent, outcome, held_until=until)
        except StoreUnavailable:
            # What is not on disk did not happen: the intent stays open there and is looked up later. Telling the
            # caller "failed" now would have him send again what the gateway will send, so he gets his id.
            log.error("outcome not recorded", intent=intent.id, outcome=outcome.kind)
            return Attempt(intent=intent, outcome=UNKNOWN)
        return Attempt(intent=intent, outcome=in_force, error=error)

    async def record_outcome(
        self, intent: Intent, outcome: Outcome, *, held_until: datetime, due_at: datetime | None = None
    ) -> Outcome:
        """Put an outcome on disk, count it, and tell whoever waits for it. Returns the outcome in force.

        `held_until` is the claim it was found under. `due_at` says when to look again; None chooses by the outcome.
        """
        now, intent_id = self._clock.now(), intent.id
        if due_at is None and (rest := self._rest_by_kind.get(outcome.kind)) is not None:
            due_at = now + rest
        outcome = await self._store.record_outcome(intent_id, outcome, at=now, due_at=due_at, held_until=held_until)
        self._metrics.outcome(outcome.kind)
        if intent_id in self._waiting and outcome.kind not in PENDING:
            self._tell(intent_id, outcome)
        return outcome

    async def tell_settled(self, intent_id: int) -> None:
        """Tell whoever waits for an intent that a delivery report has settled in the store."""
        if intent_id in self._waiting and (stored := await self._store.find_intent(intent_id)):
            self._tell(intent_id, stored.outcome)

    def _tell(self, intent_id: int, outcome: Outcome) -> None:
        for waiting in self._waiting.pop(intent_id):
            if not waiting.done():
                waiting.set_result(outcome)

    async def wait_for(self, intent_id: int, deadline: float) -> Outcome | None:
        """The settled outcome of an intent, or None when the deadline (of the event loop's clock) comes first."""
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[intent_id].add(waiting)
        try:
            async with asyncio.timeout_at(deadline):
                outcome: Outcome = await waiting
                return outcome
        except TimeoutError:
            return None
        finally:
            self._leave(intent_id, waiting)

    def _leave(self, intent_id: int, waiting: asyncio.Future[Outcome]) -> None:
        if others := self._waiting.get(intent_id):
            others.discard(waiting)
            if not others:
                del self._waiting[intent_id]

    def claim_until(self, now: datetime, *, batches: int = 1) -> datetime:
        """When a claim ends that is taken now, of so many batches: a large bundle is sent in rounds."""
        return now + self._claim * (1 + batches // BATCHES_AT_ONCE)

    def in_seconds(self, seconds: float) -> datetime:
        """The moment so many seconds from now."""
        return self._clock.now() + timedelta(seconds=seconds)
