"""How fast one account's batches may go upstream, and which accounts must wait."""

import time
from collections.abc import Callable

BURST_SECONDS = 1.0  # an account that was quiet may send this much of its rate at once
FORGET_AT = 10_000  # accounts remembered before those that may go anyway are forgotten


class Pacer:
    """A virtual-scheduling rate limiter (GCRA, ITU-T I.371) for each account. `monotonic` gives seconds."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._next_at: dict[str, float] = {}  # theoretical arrival time of the account's next batch
        self._paused_until: dict[str, float] = {}

    def take(self, account_id: str, *, per_second: float, batches: int = 1) -> float:
        """Take the right to send `batches` now: 0.0; or nothing, and the seconds to wait before asking again.

        `per_second` 0 means no limit.
        """
        now = self._monotonic()
        if (pause := self._paused_until.get(account_id, now) - now) > 0:
            return pause
        if not per_second:
            return 0.0
        arrival = max(self._next_at.get(account_id, 0.0), now)
        wait = arrival - now - BURST_SECONDS
        if wait > 0:
            return wait
        self._next_at[account_id] = arrival + batches / per_second
        self._forget(now)
        return 0.0

    def pause(self, account_id: str, seconds: float) -> None:
        """v2 asked this account to wait (429 with Retry-After)."""
        self._paused_until[account_id] = self._monotonic() + seconds

    def _forget(self, now: float) -> None:
        if len(self._next_at) + len(self._paused_until) > FORGET_AT:
            self._next_at = {account: at for account, at in self._next_at.items() if at > now}
            self._paused_until = {account: at for account, at in self._paused_until.items() if at > now}
