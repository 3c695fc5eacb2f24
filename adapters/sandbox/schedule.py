"""One task for everything that is to happen later."""

import asyncio
import heapq
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from itertools import count
from typing import Final

Clock = Callable[[], datetime]

_TURN_SECONDS: Final = 0.005  # then requests have theirs
_LONGEST_NAP_SECONDS: Final = 0.25  # so that a clock that somebody sets is noticed


class Schedule:
    """A heap of jobs by due time, and the loop that runs them: no task or timer for each job."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._earlier = asyncio.Event()

    def add(self, due_at: float, job: Callable[[], None]) -> None:
        """Run the job once the clock has reached `due_at` (seconds since 1970); in the order added where equal."""
        heapq.heappush(self._jobs, (due_at, next(self._order), job))
        if self._jobs[0][0] == due_at:
            self._earlier.set()

    async def run(self) -> None:
        """Run jobs as they fall due, until cancelled."""
        while True:
            if self._run_due():
                await asyncio.sleep(0)
            else:
                await self._nap()

    def _run_due(self) -> bool:
        """Run what is due; say whether more may be."""
        turn_ends_at = time.monotonic() + _TURN_SECONDS
        while self._jobs and self._jobs[0][0] <= self._clock().timestamp():
            heapq.heappop(self._jobs)[2]()
            if time.monotonic() > turn_ends_at:
                return True
        return False

    async def _nap(self) -> None:
        self._earlier.clear()
        rest = self._jobs[0][0] - self._clock().timestamp() if self._jobs else _LONGEST_NAP_SECONDS
        with suppress(TimeoutError):
            await asyncio.wait_for(self._earlier.wait(), max(0.0, min(rest, _LONGEST_NAP_SECONDS)))
