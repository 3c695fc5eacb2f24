"""The one thread that writes to SQLite: it commits whatever has gathered in one transaction.

While one group is committed the next one gathers: a busy gateway pays one fsync for many messages and a quiet one
waits for nobody. A group wakes the thread once, and the event loop once.

Every step of a statement lets go of the interpreter's lock, and has to win it back from the event loop, which keeps
it for up to a millisecond. So what a group usually holds, its lines, is one step, its commit within it.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Mapping
from contextlib import nullcontext
from queue import SimpleQueue

from adapters.store.groups import Groups, Job, OnCommit, Results, Sheet, write_up
from adapters.store.sqlite_connection import available, drive, leave_transaction, transaction
from gateway.domain.errors import StoreUnavailable

NUL = "\\u0000"  # as JSON has it; SQLite ends a text there


class WriterThread(Groups):
    """Owns the connection that writes. `submit` and `close` are called from the event loop."""

    def __init__(
        self, connection: sqlite3.Connection, statements: Mapping[str, str], on_commit: OnCommit | None
    ) -> None:
        super().__init__(on_commit)
        self._connection = connection
        self._statements = statements
        self._late: list[int] = []
        connection.create_function("come_too_late", 1, self._late.append)
        connection.executescript(statements["prepare_lines"])
        self._queue: SimpleQueue[list[Job] | None] = SimpleQueue()
        self._under_way = False
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    def _hand_over(self) -> None:
        if self._gathered and not self._under_way:
            self._under_way = True
            self._queue.put(self._take_group())

    def _finish(self, results: Results, seconds: float) -> None:
        self._under_way = False
        try:
            self._deliver(results, seconds)
        finally:
            self._loop.call_soon(self._hand_over)  # those who were told write their next lines, and these go along

    async def close(self) -> None:
        """Commit what has been submitted, then end the thread and the connection."""
        self._closed = True
        while self._gathered:
            self._queue.put(self._take_group())
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        for group in iter(self._queue.get, None):
            started = time.perf_counter()
            results = self._commit(group)
            self._loop.call_soon_threadsafe(self._finish, results, time.perf_counter() - started)
        self._connection.close()

    def _commit(self, group: list[Job]) -> Results:
        """All in one transaction. Where one of them fails each gets its own, so that it harms no other."""
        try:
            with available:
                return self._commit_together(group)
        except StoreUnavailable as error:
            return dict.fromkeys((waiting for waiting, _, _ in group), error)
        except Exception:  # noqa: BLE001  it belongs to whoever waits for that operation
            return {job[0]: self._commit_alone(job) for job in group}

    def _commit_together(self, group: list[Job]) -> Results:
        leave_transaction(self._connection)
        sheet = write_up(group)
        with transaction(self._connection) if sheet.others else nullcontext():
            late = self._write_lines(sheet) if sheet.results else []
            for waiting, write, args in sheet.others:
                sheet.results[waiting] = drive(write.begin(*args), self._connection, self._statements)
        for job in late:
            sheet.results[job[0]] = self._commit_alone(job)
        return sheet.results

    def _write_lines(self, sheet: Sheet) -> list[Job]:
        """One step, and a transaction where none is open. Returns the jobs that somebody was faster than."""
        texts = sheet.lines.encode()
        if any(NUL in text for text in texts):
            raise ValueError("SQLite cannot take a NUL out of JSON")
        self._late.clear()
        self._connection.execute(self._statements["write_lines"], texts)
        return [sheet.settling[number] for number in self._late]

    def _commit_alone(self, job: Job) -> object:
        """What its operation comes to in a transaction of its own: a value or an error."""
        _, write, args = job
        try:
            with available, transaction(self._connection):
                return drive(write.begin(*args), self._connection, self._statements)
        except Exception as error:  # noqa: BLE001  as above
            return error
