"""Group commit for PostgreSQL: while one group is on its way to disk the next one gathers."""

import asyncio
import time
from functools import partial

from adapters.store.groups import Groups, Job, OnCommit, Results, write_up
from adapters.store.postgres_connection import Database, Session
from gateway.domain.errors import StoreUnavailable
from gateway.tasks import Tasks

LANES = 3
LATE_SECONDS = 0.05  # a commit takes a few milliseconds; so long takes one that waits for a row, or for the disk


class Lane:
    """One group at a time, over a connection of its own. It has a task while there is something to do."""

    def __init__(self, database: Database) -> None:
        self.session = Session(database)
        self.task: asyncio.Task[None] | None = None
        self.is_late = False


class Lanes(Groups):
    """Groups go one after the other: the fewer they are, the less each message costs.

    Only where one is late, since it waits for a row that another transaction holds, do those behind it go by the
    next lane.
    """

    def __init__(self, database: Database, on_commit: OnCommit | None) -> None:
        super().__init__(on_commit)
        self._database = database
        self._tasks = Tasks()
        self._lanes = [Lane(database) for _ in range(LANES)]

    def _hand_over(self) -> None:
        lane = self._next_lane()
        if self._gathered and lane and not lane.task:
            lane.task = self._tasks.spawn(self._work(lane), name="store-commit")
            lane.task.add_done_callback(partial(self._end, lane))

    def _next_lane(self) -> Lane | None:
        """The lane by which the next group goes, at once or when it is through with another."""
        return next((lane for lane in self._lanes if not lane.is_late), None)

    def _end(self, lane: Lane, _task: asyncio.Task[None]) -> None:
        lane.task = None
        self._hand_over()  # what has gathered waits for no lane that failed

    async def close(self) -> None:
        """Commit what has been submitted."""
        self._closed = True
        self._hand_over()
        while under_way := [lane.task for lane in self._lanes if lane.task]:
            await asyncio.wait(under_way)
        for lane in self._lanes:
            await lane.session.close()

    async def _work(self, lane: Lane) -> None:
        while self._gathered and lane is self._next_lane():
            group = self._take_group()
            started = time.perf_counter()
            turning_late = self._loop.call_later(LATE_SECONDS, self._pass_by, lane)
            try:
                results = await self._commit(group, lane.session)
            finally:
                turning_late.cancel()
                lane.is_late = False
            self._deliver(results, time.perf_counter() - started)
            await asyncio.sleep(0)  # those who were told write their next lines, and these go along

    def _pass_by(self, lane: Lane) -> None:
        lane.is_late = True
        self._hand_over()

    async def _commit(self, group: list[Job], session: Session) -> Results:
        """All in one statement. Where one of them fails each gets its own, so that it harms no other."""
        try:
            sheet = write_up(group)
            late = await session.fetch("write_lines", *sheet.lines.encode())
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
