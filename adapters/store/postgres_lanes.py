"""Group commit for PostgreSQL: while one group is on its way to disk the next one gathers."""

import asyncio
import time

from adapters.store.groups import GROUP_MAX_OPERATIONS, Groups, Job, OnCommit, Results, write_up
from adapters.store.postgres_connection import Database
from gateway.domain.errors import StoreUnavailable
from gateway.tasks import Tasks

LANES = 2


class Lanes(Groups):
    """At most `LANES` groups are committed at a time; there is no lane where there is nothing to do."""

    def __init__(self, database: Database, on_commit: OnCommit | None) -> None:
        super().__init__(on_commit)
        self._database = database
        self._tasks = Tasks()
        self._lanes: set[asyncio.Task[None]] = set()

    def _hand_over(self) -> None:
        if self._gathered and len(self._lanes) < LANES:
            lane = self._tasks.spawn(self._work(), name="store-commit")
            self._lanes.add(lane)
            lane.add_done_callback(self._end)

    def _end(self, lane: asyncio.Task[None]) -> None:
        self._lanes.discard(lane)
        self._hand_over()  # what has gathered waits for no lane that failed

    async def close(self) -> None:
        """Commit what has been submitted."""
        self._closed = True
        self._hand_over()
        while self._lanes:
            await asyncio.wait(self._lanes)

    async def _work(self) -> None:
        while self._gathered:
            group, self._gathered = (
                self._gathered[:GROUP_MAX_OPERATIONS],
                self._gathered[GROUP_MAX_OPERATIONS:],
            )
            started = time.perf_counter()
            results = await self._commit(group)
            self._deliver(results, time.perf_counter() - started)

    async def _commit(self, group: list[Job]) -> Results:
        """All in one statement. Where one of them fails each gets its own, so that it harms no other."""
        try:
            sheet = write_up(group)
            late = await self._database.fetch("write_lines", *sheet.lines.encode())
        except StoreUnavailable as error:
            return dict.fromkeys((waiting for waiting, _, _ in group), error)
        except Exception:  # noqa: BLE001  it belongs to whoever waits for that operation
            return {job[0]: await self._commit_alone(job) for job in group}
        for job in (*(sheet.settling[number] for (number,) in late), *sheet.others):
            sheet.results[job[0]] = await self._commit_alone(job)
        return sheet.results

    async def _commit_alone(self, job: Job) -> object:
        """What its operation comes to in a transaction of its own: a value or an error."""
        _, write, args = job
        try:
            return await self._database.write(lambda: write.begin(*args))
        except Exception as error:  # noqa: BLE001  as above
            return error
