"""The one thread that writes to SQLite: it commits whatever has gathered in one transaction.

Operations come in over a queue. While one group is committed the next one gathers, so that a busy gateway pays one
fsync for many messages and a quiet one waits for nobody. Each group wakes the event loop once.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue

from adapters.store.groups import GROUP_MAX_OPERATIONS, Done, Job, OnCommit, deliver
from adapters.store.sqlite_connection import available, drive, transaction
from adapters.store.statements import Operation, T
from gateway.domain.errors import StoreUnavailable


class WriterThread:
    """Owns the connection that writes. `submit` and `close` are called from the event loop."""

    def __init__(
        self, connection: sqlite3.Connection, statements: Mapping[str, str], on_commit: OnCommit | None
    ) -> None:
        self._connection = connection
        self._statements = statements
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, begin: Callable[[], Operation[T]]) -> asyncio.Future[T]:
        """Put an operation into the next group; the future is done once it is on disk."""
        waiting: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(Job(begin, waiting))
        return waiting

    async def close(self) -> None:
        """Commit what has been submitted, then end the thread and the connection."""
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
        """Wait for a job and take what else is there; False when it was the last."""
        group: list[Job] = []
        job = self._queue.get()
        while job is not None:
            group.append(job)
            if len(group) == GROUP_MAX_OPERATIONS:
                return group, True
            try:
                job = self._queue.get_nowait()
            except Empty:
                return group, True
        return group, False

    def _commit(self, group: list[Job]) -> list[Done]:
        """All in one transaction. Where one of them fails each gets its own, so that it harms no other."""
        try:
            with available(), transaction(self._connection):
                return [Done(job, drive(job.begin(), self._connection, self._statements)) for job in group]
        except StoreUnavailable as error:
            return [Done(job, error=error) for job in group]
        except Exception as error:  # noqa: BLE001  it belongs to whoever waits for that operation
            if len(group) == 1:
                return [Done(group[0], error=error)]
        return [done for job in group for done in self._commit([job])]
