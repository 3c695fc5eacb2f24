"""Forgetting: texts and numbers after some days, whole rows after some more, in steps that disturb nobody."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from gateway.ports import Clock, Store

log = structlog.get_logger()

STEP_ROWS = 200
PAUSE_SECONDS = 0.05  # between steps, so that calls go first


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """Days after which text and numbers, and whole rows, are erased; 0 keeps them."""

    keep_text_days: float = 90.0
    keep_rows_days: float = 400.0


class Retention:
    """Erases what is older than it may be."""

    def __init__(self, *, store: Store, clock: Clock, settings: RetentionSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings

    async def run(self, progress: Callable[[int], None] = lambda _count: None) -> tuple[int, int]:
        """Erase everything that is due. Returns how many were erased and deleted; `progress` hears of each step."""
        erased = await self._repeat(self._store.erase_texts, self._settings.keep_text_days, progress)
        deleted = await self._repeat(self._store.delete_rows, self._settings.keep_rows_days, progress)
        if erased or deleted:
            log.info("retention", erased=erased, deleted=deleted)
        return erased, deleted

    async def step(self) -> bool:
        """Erase everything that is due, as background work."""
        await self.run()
        return False

    async def _repeat(
        self, erase: Callable[..., Awaitable[int]], keep_days: float, progress: Callable[[int], None]
    ) -> int:
        if not keep_days:
            return 0
        before = self._clock.now() - timedelta(days=keep_days)
        total = 0
        while count := await erase(before=before, limit=STEP_ROWS):
            total += count
            progress(count)
            await asyncio.sleep(PAUSE_SECONDS)
        return total
