"""What can happen to a node at any call to the outside: it dies there, the other side fails, others go on."""

import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.domain.errors import (
    GatewayError,
    OutcomeUnknown,
    RateLimited,
    StoreUnavailable,
    TokenRefused,
    UpstreamUnavailable,
)
from gateway.domain.intent import Intent, Outcome
from gateway.testing import FakeUpstream


class Crashed(BaseException):
    """The process ended here."""


class Mishap(StrEnum):
    """What happens at one call."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    UNAVAILABLE = "unavailable"  # the other side does nothing and says so
    LIMITED = "limited"
    TOKEN_REFUSED = "token refused"
    LOST_BEFORE = "lost before"  # the request never arrived, and nobody knows
    LOST_AFTER = "lost after"  # it was carried out, and the answer never arrived
    LATE = "late"  # v2 has read it, and acts only after it has answered a lookup
    OTHERS_WORK = "others work"  # it takes long; the other node goes on meanwhile


V2_ERROR_BY_MISHAP: Mapping[Mishap, Callable[[], GatewayError]] = {
    Mishap.UNAVAILABLE: lambda: UpstreamUnavailable("503"),
    Mishap.LIMITED: lambda: RateLimited("429", retry_after_seconds=5.0),
    Mishap.TOKEN_REFUSED: lambda: TokenRefused("401"),
    Mishap.LOST_BEFORE: lambda: OutcomeUnknown("connection lost"),
    Mishap.LOST_AFTER: lambda: OutcomeUnknown("connection lost"),
    Mishap.LATE: lambda: OutcomeUnknown("no answer in time"),
}
COMMITTED = frozenset({Mishap.LOST_AFTER, Mishap.LATE, Mishap.LIMITED})  # by a store that then says it failed
WITHOUT_ERROR = frozenset({Mishap.CRASH_BEFORE, Mishap.CRASH_AFTER, Mishap.OTHERS_WORK})


@dataclass(frozen=True, kw_only=True)
class Stall:
    """How long a call takes: rounds of the other node, and the seconds before each."""

    rounds: int
    seconds: float


class Life:
    """One life of a node. `plan` says what happens at which of its next calls to the outside."""

    def __init__(self, others_work: Callable[[Stall], Awaitable[None]]) -> None:
        self.plan: Mapping[int, Mishap] = {}
        self.is_over = False
        self._calls = 0
        self._others_work = others_work

    def meet(self, plan: Mapping[int, Mishap]) -> None:
        """Count calls from here."""
        self.plan, self._calls = plan, 0

    async def next_mishap(self, stall: Stall) -> Mishap | None:
        """What happens at this call. Raises Crashed, also at every call of a life that is over."""
        mishap = self.plan.get(self._calls)
        self._calls += 1
        if self.is_over or mishap is Mishap.CRASH_BEFORE:
            self.end()
        if mishap is Mishap.OTHERS_WORK:
            await self._others_work(stall)
        return mishap

    def end(self) -> None:
        """The process ends."""
        self.is_over = True
        raise Crashed


class Line:
    """A port as one life of a node sees it. A store, or the whole process, may stall for longer than a claim."""

    stall = Stall(rounds=4, seconds=31.0)

    def __init__(self, target: Any, life: Life) -> None:
        self._target = target
        self._life = life

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._target, name)
        if not inspect.iscoroutinefunction(attribute):
            return attribute

        async def call(*args: Any, **kwargs: Any) -> Any:
            mishap = await self._life.next_mishap(self.stall)
            if mishap is None or mishap in WITHOUT_ERROR:
                result = await attribute(*args, **kwargs)
                if mishap is Mishap.CRASH_AFTER:
                    self._life.end()
                return result
            if self._is_done(mishap, name):
                await attribute(*args, **kwargs)
            if mishap is Mishap.LATE and name == "send_batch":
                self._target.unread.append((*args, kwargs["token"]))
            raise self._error(mishap, name)

        return call

    def _is_done(self, mishap: Mishap, _name: str) -> bool:
        return mishap in COMMITTED

    def _error(self, mishap: Mishap, _name: str) -> GatewayError:
        return StoreUnavailable(mishap)


class V2Line(Line):
    """v2 as one life of a node sees it. A read whose answer is lost can be made again.

    An exchange with it ends within 30 seconds, which is half a claim.
    """

    stall = Stall(rounds=1, seconds=25.0)

    def _is_done(self, mishap: Mishap, _name: str) -> bool:
        return mishap is Mishap.LOST_AFTER

    def _error(self, mishap: Mishap, name: str) -> GatewayError:
        error = V2_ERROR_BY_MISHAP[mishap]()
        if isinstance(error, OutcomeUnknown) and name != "send_batch":
            return UpstreamUnavailable("no answer")
        return error


class StandingUpstream(FakeUpstream):
    """A v2 that can stand still with what it has read, and acts on it only after it has answered a lookup."""

    stands = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unread: list[tuple[Intent, str]] = []

    async def send_batch(self, intent: Intent, *, token: str, within_seconds: float | None = None) -> Outcome:
        """Accept it, or leave it unread."""
        if self.stands:
            self.unread.append((intent, token))
            raise OutcomeUnknown("no answer in time")
        return await super().send_batch(intent, token=token)

    async def find_batches(
        self, references: Collection[str], *, token: str, not_before: datetime
    ) -> Mapping[str, Outcome]:
        """Answer, and after that do what was left."""
        if self.stands:
            raise UpstreamUnavailable("no answer in time")
        found = await super().find_batches(references, token=token, not_before=not_before)
        unread, self.unread = self.unread, []
        for intent, its_token in unread:
            await super().send_batch(intent, token=its_token)
        return found
