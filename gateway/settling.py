"""Finding out what became of intents whose outcome is unknown, and of those that a crash left open.

Every batch carries its intent's reference, so v2 is asked for it: found means accepted. Not found, again and again
for long enough, means surely not sent, and then it may be sent. Nothing is ever sent on a guess.

That time begins with the first answer that does not list the reference, not with the attempt, and again where v2
did not answer: a v2 that stood still for an hour may come to a lookup before the send that waited there as long.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

import structlog

from gateway.delivery import QUEUED, UNKNOWN, Delivery
from gateway.domain.errors import GatewayError
from gateway.domain.intent import UNDECIDED, Outcome, OutcomeKind, StoredIntent
from gateway.domain.status import TOO_LATE
from gateway.surroundings import Surroundings

log = structlog.get_logger()

CLAIMED_AT_ONCE = 500
INHERITED_AT_MOST = 1_000_000
LET_GO_AT_ONCE = 50
MISSES_COUNT_FOR = timedelta(minutes=5)  # beyond the time after which one is decided by them
LOOK_AGAIN_MIN_SECONDS = 0.5
LOOK_AGAIN_MAX_SECONDS = 15.0
AFTER_FAILURE_SECONDS = 5.0


class Settler:
    """Looks unknown outcomes up in v2. `token_of` gives an account's bearer token."""

    def __init__(
        self,
        around: Surroundings,
        *,
        delivery: Delivery,
        token_of: Callable[[str], Awaitable[str]],
        wake_queue: Callable[[], None],
    ) -> None:
        self._store = around.store
        self._upstream = around.upstream
        self._delivery = delivery
        self._clock = around.clock
        self._token_of = token_of
        self._settings_of = around.settings_of
        self._wake_queue = wake_queue
        self._inherited: set[int] = set()
        self._missed_since: dict[tuple[int, datetime | None], datetime] = {}  # by intent id and attempt

    @property
    def inherited(self) -> int:
        """How many intents of the life before this one are not settled yet."""
        return len(self._inherited)

    async def inherit(self) -> None:
        """Take over, at start and before any call is served, what an earlier life of this node left unsettled."""
        until = self._delivery.claim_until(self._clock.now())
        left = await self._claim(until, limit=INHERITED_AT_MOST, inherit=True)
        self._inherited = {stored.intent.id for stored in left}
        now = self._clock.now()
        for stored in left:
            await self._delivery.record_outcome(stored.intent, UNKNOWN, held_until=until, due_at=now)
        if left:
            log.info("left unsettled by the last run", intents=len(left))

    async def step(self) -> bool:
        """Look up what is due; True where there was something."""
        until = self._delivery.claim_until(self._clock.now())
        claimed = await self._claim(until, limit=CLAIMED_AT_ONCE, inherit=False)
        if not claimed:
            await self._let_go()
        by_account: defaultdict[str, list[StoredIntent]] = defaultdict(list)
        for stored in claimed:
            by_account[stored.intent.account_id].append(stored)
        await asyncio.gather(*(self._settle_account(account, due, until) for account, due in by_account.items()))
        return bool(claimed)

    async def _let_go(self) -> None:
        """Forget what a delivery report, another node or the operator has settled."""
        oldest = self._oldest_miss()
        self._missed_since = {seen: since for seen, since in self._missed_since.items() if since >= oldest}
        for intent_id in list(islice(self._inherited, LET_GO_AT_ONCE)):
            stored = await self._store.find_intent(intent_id)
            if stored is None or stored.outcome.kind not in UNDECIDED:
                self._inherited.discard(intent_id)

    async def _claim(self, until: datetime, *, limit: int, inherit: bool) -> Sequence[StoredIntent]:
        return await self._store.claim_intents(
            UNDECIDED,
            owner=self._delivery.settings.owner,
            now=self._clock.now(),
            due_at=until,
            limit=limit,
            inherit=inherit,
        )

    async def _settle_account(self, account_id: str, due: Sequence[StoredIntent], until: datetime) -> None:
        try:
            found = await self._look_up(account_id, due)
        except GatewayError as error:
            log.warning("cannot look up what became of messages", intents=len(due), error=type(error).__name__)
            later = self._delivery.in_seconds(max(AFTER_FAILURE_SECONDS, self._upstream.breaker.seconds_left))
            for stored in due:
                self._missed_since.pop((stored.intent.id, stored.attempted_at), None)
                await self._record(stored, UNKNOWN, until, due_at=later)
            return
        for stored in due:
            await self._settle(stored, found.get(stored.intent.reference), until)

    async def _look_up(self, account_id: str, due: Sequence[StoredIntent]) -> Mapping[str, Outcome]:
        return await self._upstream.find_batches(
            {stored.intent.reference for stored in due},
            token=await self._token_of(account_id),
            not_before=min(stored.intent.created_at for stored in due),
        )

    async def _settle(self, stored: StoredIntent, accepted: Outcome | None, until: datetime) -> None:
        outcome = accepted or self._decide_on_absence(stored)
        due_at = None
        if outcome.kind is OutcomeKind.UNKNOWN:
            due_at = self._look_again_at(stored)
        await self._record(stored, outcome, until, due_at=due_at)
        if outcome.kind is OutcomeKind.QUEUED:
            self._wake_queue()

    def _decide_on_absence(self, stored: StoredIntent) -> Outcome:
        if self._missed_seconds(stored) < self._delivery.settings.absence_after_seconds:
            return UNKNOWN
        max_age = self._settings_of(stored.intent.account_id).queue_max_age_seconds
        if self._clock.now() - stored.intent.created_at > timedelta(seconds=max_age):
            return Outcome(kind=OutcomeKind.FAILED, reason=TOO_LATE)
        return QUEUED

    def _missed_seconds(self, stored: StoredIntent) -> float:
        """How long ago v2 was first seen not to list this attempt, as far as that still counts.

        Where this node has not looked for long, another one may have met a v2 that stood still meanwhile.
        """
        now, seen = self._clock.now(), (stored.intent.id, stored.attempted_at)
        since = self._missed_since.get(seen, now)
        if since < self._oldest_miss():
            since = now
        self._missed_since[seen] = since
        return (now - since).total_seconds()

    def _oldest_miss(self) -> datetime:
        absence = timedelta(seconds=self._delivery.settings.absence_after_seconds)
        return self._clock.now() - absence - MISSES_COUNT_FOR

    def _look_again_at(self, stored: StoredIntent) -> datetime:
        """After as long again as it is missed, so that early answers come fast and late ones cost little."""
        seconds = self._missed_seconds(stored)
        return self._delivery.in_seconds(min(max(seconds, LOOK_AGAIN_MIN_SECONDS), LOOK_AGAIN_MAX_SECONDS))

    async def _record(
        self, stored: StoredIntent, outcome: Outcome, until: datetime, *, due_at: datetime | None
    ) -> None:
        outcome = await self._delivery.record_outcome(stored.intent, outcome, held_until=until, due_at=due_at)
        if outcome.kind is not OutcomeKind.UNKNOWN:
            self._missed_since.pop((stored.intent.id, stored.attempted_at), None)
            self._inherited.discard(stored.intent.id)
            log.info("settled", id=stored.intent.id, outcome=outcome.kind)
