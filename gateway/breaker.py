"""A circuit breaker around v2: after failures in a row, nothing is asked of it for a while."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import TracebackType

from gateway.domain.errors import GatewayError, OutcomeUnknown, UpstreamUnavailable
from gateway.domain.intent import Intent, Outcome
from gateway.domain.report import DeliveryReport
from gateway.ports import Balance, Metrics, Upstream


class BreakerState(StrEnum):
    """Closed: calls go through. Open: none does. Half open: one may try."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSettings:
    """Opens after `failures` in a row, for `open_seconds`, doubled each time a trial fails, up to a maximum."""

    failures: int = 5
    open_seconds: float = 2.0
    open_max_seconds: float = 60.0


CLOSED, HALF_OPEN, OPEN = BreakerState


class CircuitBreaker:
    """When to leave v2 alone; learns from each call that is made within it. `monotonic` gives seconds.

    To enter it raises UpstreamUnavailable where no call may go through, and then nothing was sent.
    """

    def __init__(
        self, settings: BreakerSettings, *, metrics: Metrics, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._monotonic = monotonic
        self._failures = 0
        self._open_seconds = settings.open_seconds
        self._opens_until = 0.0
        self._trial_under_way = False
        self._state = CLOSED
        metrics.breaker(self._state)

    @property
    def seconds_left(self) -> float:
        """How long no call goes through yet; 0 where one may."""
        if self._state is CLOSED:
            return 0.0
        return max(0.0, self._opens_until - self._monotonic())

    def __enter__(self) -> None:
        if self._state is not CLOSED:
            self._begin_trial()

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is None:
            self._succeeded()
        elif isinstance(error, UpstreamUnavailable):
            self._failed(error.retry_after_seconds)
        elif isinstance(error, OutcomeUnknown):
            self._failed(None)
        elif isinstance(error, GatewayError):
            self._succeeded()  # v2 answered, only not as hoped; a 429 concerns one account
        else:
            self.abandon()

    def abandon(self) -> None:
        """A call has ended in a way that says nothing about v2."""
        self._trial_under_way = False

    def _begin_trial(self) -> None:
        if self.seconds_left or self._trial_under_way:
            raise UpstreamUnavailable(
                "v2 has failed repeatedly and is left alone for a moment",
                retry_after_seconds=self.seconds_left or None,
            )
        self._trial_under_way = True
        self._enter(HALF_OPEN)

    def _succeeded(self) -> None:
        if self._failures or self._state is not CLOSED:
            self._failures = 0
            self._open_seconds = self._settings.open_seconds
            self._trial_under_way = False
            self._enter(CLOSED)

    def _failed(self, retry_after_seconds: float | None) -> None:
        """v2 did not answer, or asks to be left alone for a time."""
        self._failures += 1
        self._trial_under_way = False
        if self._state is HALF_OPEN:
            self._open_seconds = min(self._open_seconds * 2, self._settings.open_max_seconds)
        if retry_after_seconds or self._state is HALF_OPEN or self._failures >= self._settings.failures:
            asked = min(retry_after_seconds or 0.0, self._settings.open_max_seconds)
            self._opens_until = self._monotonic() + max(self._open_seconds, asked)
            self._enter(OPEN)

    def _enter(self, state: BreakerState) -> None:
        self._state = state
        self._metrics.breaker(state)


class _ListBreaker:
    """A circuit breaker as it is around a list: one that cannot be read does not say that v2 takes no sends."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        self._breaker = breaker

    def __enter__(self) -> None:
        self._breaker.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, UpstreamUnavailable) and not error.retry_after_seconds:
            self._breaker.abandon()
        else:
            self._breaker.__exit__(kind, error, trace)


class GuardedUpstream:
    """An Upstream behind a circuit breaker."""

    def __init__(self, upstream: Upstream, breaker: CircuitBreaker) -> None:
        self._upstream = upstream
        self.breaker = breaker
        self._list_breaker = _ListBreaker(breaker)

    async def send_batch(self, intent: Intent, *, token: str, within_seconds: float | None = None) -> Outcome:
        """See ports.Upstream."""
        with self.breaker:
            return await self._upstream.send_batch(intent, token=token, within_seconds=within_seconds)

    async def find_batches(
        self, references: Collection[str], *, token: str, not_before: datetime
    ) -> Mapping[str, Outcome]:
        """See ports.Upstream."""
        with self._list_breaker:
            return await self._upstream.find_batches(references, token=token, not_before=not_before)

    async def list_statuses(self, batch_id: str, *, token: str) -> Sequence[DeliveryReport]:
        """See ports.Upstream."""
        with self._list_breaker:
            return await self._upstream.list_statuses(batch_id, token=token)

    async def cancel_batch(self, batch_id: str, *, token: str) -> None:
        """See ports.Upstream."""
        with self.breaker:
            await self._upstream.cancel_batch(batch_id, token=token)

    async def fetch_balance(self, *, token: str) -> Balance:
        """See ports.Upstream."""
        with self.breaker:
            return await self._upstream.fetch_balance(token=token)

    async def set_incoming_url(self, url: str, *, token: str) -> None:
        """See ports.Upstream."""
        with self.breaker:
            await self._upstream.set_incoming_url(url, token=token)

    async def ping(self) -> None:
        """See ports.Upstream. Goes through in every state: it is how an operator sees that v2 is back."""
        await self._upstream.ping()
