"""The one thread that writes to SQLite: it commits whatever has gathered in one transaction.

Operations come in over a queue: those of one turn of the event loop together, so that it wakes the thread once for
all of them. While one group is committed the next one gathers: a busy gateway pays one fsync for many messages and
a quiet one waits for nobody. Each group wakes the event loop once.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from itertools import groupby
from operator import attrgetter
from queue import Empty, SimpleQueue

from adapters.store.groups import GROUP_MAX_OPERATIONS, Done, Job, OnCommit, deliver
from adapters.store.sqlite_connection import available, drive, transaction
from adapters.store.sqlite_together import drive_together
from adapters.store.statements import Operation, Statements, T
from gateway.domain.errors import StoreUnavailable


class WriterThread:
    """Owns the connection that writes. `submit` and `close` are called from the event loop."""

    def __init__(self, connection: sqlite3.Connection, statements: Statements, on_commit: OnCommit | None) -> None:
        self._connection = connection
        self._statements = statements
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._gathered: list[Job] = []
        self._queue: SimpleQueue[list[Job] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, begin: Callable[[], Operation[T]], *, alone: bool) -> asyncio.Future[T]:
        """Put an operation into the next group; the future is done once it is on disk."""
        waiting: asyncio.Future[T] = self._loop.create_future()
        if not self._gathered:
            self._loop.call_soon(self._hand_over)
        self._gathered.append(Job(begin, waiting, alone))
        return waiting

    def _hand_over(self) -> None:
        if self._gathered:
            self._queue.put(self._gathered)
            self._gathered = []

    async def close(self) -> None:
        """Commit what has been submitted, then end the thread and the connection."""
        self._hand_over()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        more = True
        while more:
            group, more = self._gather()
            if group:
                started = time.perf_counter()
                done = self._commit(group)
                seconds = time.perf_counter() - started
                self._loop.call_soon_threadsafe(deliver, done, seconds, self._on_commit)
        self._connection.close()

    def _gather(self) -> tuple[list[Job], bool]:
        """Wait for jobs and take what else is there; False when they were the last."""
        group: list[Job] = []
        jobs = self._queue.get()
        while jobs is not None:
            group += jobs
            if len(group) >= GROUP_MAX_OPERATIONS:
                return group, True
            try:
                jobs = self._queue.get_nowait()
            except Empty:
                return group, True
        return group, False

    def _commit(self, group: list[Job]) -> list[Done]:
        """All in one transaction. Where one of them fails each gets its own, so that it harms no other."""
        try:
            with available(), transaction(self._connection):
                return self._carry_out(group)
        except StoreUnavailable as error:
            return [Done(job, error=error) for job in group]
        except Exception as error:  # noqa: BLE001  it belongs to whoever waits for that operation
            if len(group) == 1:
                return [Done(group[0], error=error)]
        return [done for job in group for done in self._commit([job])]

    def _carry_out(self, group: list[Job]) -> list[Done]:
        done: list[Done] = []
        for alone, jobs in groupby(group, key=attrgetter("alone")):
            side_by_side = list(jobs)
            operations = [job.begin() for job in side_by_side]
            if alone or len(operations) == 1:
                values = [drive(operation, self._connection, self._statements) for operation in operations]
            else:
                values = drive_together(operations, self._connection, self._statements)
            done += map(Done, side_by_side, values)
        return done
