"""Ids for messages and bundles, leased from the store in blocks so that one costs no round trip."""

import asyncio

from gateway.ports import Store


class IdAllocator:
    """Hands out ids of one sequence, in rows; what is left of a block at a restart is never used."""

    def __init__(self, store: Store, *, block_size: int) -> None:
        self._store = store
        self._block_size = block_size
        self._next = self._end = 0
        self._leasing = asyncio.Lock()

    async def take(self, count: int) -> range:
        """`count` ids in a row. Raises IdsExhausted, StoreUnavailable."""
        if self._end - self._next < count:
            await self._lease(count)
        first, self._next = self._next, self._next + count
        return range(first, self._next)

    async def _lease(self, count: int) -> None:
        async with self._leasing:
            # Another caller may have leased, and a third one taken, meanwhile.
            while self._end - self._next < count:
                leased = await self._store.lease_ids(max(count, self._block_size))
                self._next, self._end = leased.start, leased.stop
