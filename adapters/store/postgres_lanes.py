"""Group commit for PostgreSQL: while one group is on its way to disk the next one gathers."""

import asyncio
import time
from collections.abc import Callable

from adapters.store.groups import GROUP_MAX_OPERATIONS, Done, Job, OnCommit, deliver
from adapters.store.postgres_connection import Database
from adapters.store.statements import Operation, T
from gateway.domain.errors import StoreUnavailable
from gateway.tasks import Tasks

LANES = 2


class Lanes:
    """At most `LANES` groups are committed at a time; there is no lane where there is nothing to do."""

    def __init__(self, database: Database, on_commit: OnCommit | None) -> None:
        self._database = database
        self._on_commit = on_commit
        self._gathered: list[Job] = []
        self._tasks = Tasks()
        self._lanes: set[asyncio.Task[None]] = set()

    async def submit(self, begin: Callable[[], Operation[T]]) -> T:
        """Put an operation into the next group; returns once it is on disk."""
        waiting: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._gathered.append(Job(begin, waiting))
        if len(self._lanes) < LANES:
            lane = self._tasks.spawn(self._work(), name="store-commit")
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)
        return await waiting

    async def close(self) -> None:
        """Commit what has been submitted."""
        while self._lanes:
            await asyncio.wait(self._lanes)

    async def _work(self) -> None:
        while self._gathered:
            group, self._gathered = (
                self._gathered[:GROUP_MAX_OPERATIONS],
                self._gathered[GROUP_MAX_OPERATIONS:],
            )
            started = time.perf_counter()
            done = await self._commit(group)
            deliver(done, time.perf_counter() - started, self._on_commit)

    async def _commit(self, group: list[Job]) -> list[Done]:
        """All in one transaction. Where one of them fails each gets its own, so that it harms no other."""
        try:
            values = await self._database.write([job.begin for job in group])
        except StoreUnavailable as error:
            return [Done(job, error=error) for job in group]
        except Exception:  # noqa: BLE001  it belongs to whoever waits for that operation
            return [await self._commit_one(job) for job in group]
        return [Done(job, value) for job, value in zip(group, values, strict=True)]

    async def _commit_one(self, job: Job) -> Done:
        try:
            return Done(job, await self._database.write_one(job.begin))
        except Exception as error:  # noqa: BLE001  as above
            return Done(job, error=error)
