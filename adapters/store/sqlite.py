"""SqliteStore: one file, one process, no server. The default."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from adapters.store import sqlite_file
from adapters.store.groups import OnCommit, Write
from adapters.store.sql_store import SqlStore
from adapters.store.sqlite_connection import available, connect, drive
from adapters.store.sqlite_file import OpenFile
from adapters.store.sqlite_thread import WriterThread
from adapters.store.statements import Operation, Row, T
from gateway.domain.errors import ConfigurationError
from gateway.domain.intent import FIRST_ID_DEFAULT

READERS = 2  # a long list for one caller must not keep another's status waiting


async def open_sqlite(
    path: Path | str,
    *,
    first_id: int = FIRST_ID_DEFAULT,
    on_commit: OnCommit | None = None,
    beside_gateway: bool = False,
) -> "SqliteStore":
    """Open the file, made and brought up to date where necessary; a new store hands out ids from `first_id` on.

    A gateway has the file for itself; `beside_gateway` is for the commands an operator gives while it runs.
    Raises ConfigurationError where the file cannot be used.
    """
    opened = await asyncio.to_thread(
        sqlite_file.open_file, Path(path), first_id=first_id, beside_gateway=beside_gateway
    )
    return SqliteStore(opened, on_commit)


class SqliteStore(SqlStore):
    """One thread writes, `READERS` threads read what is committed."""

    def __init__(self, opened: OpenFile, on_commit: OnCommit | None) -> None:
        self._file = opened
        super().__init__(opened.store_id, WriterThread(opened.connection, opened.statements, on_commit))
        self._look_ups = connect(opened.path).cursor()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._reader = threading.local()
        self._connections: list[sqlite3.Connection] = []

    async def _write(self, begin: Callable[[], Operation[T]]) -> T:
        return await self._groups.submit(Write(begin=begin))

    async def _read(self, begin: Callable[[], Operation[T]]) -> T:
        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._drive, begin)

    async def _look_up(self, name: str, *args: Any) -> Row | None:
        """In the event loop itself: the hop to a thread and back takes several times as long as the look-up."""
        self._check_open()
        with available:
            row: Row | None = self._look_ups.execute(self._file.statements[name], args).fetchone()
            return row

    def _drive(self, begin: Callable[[], Operation[T]]) -> T:
        with available:
            if not hasattr(self._reader, "connection"):
                self._reader.connection = connect(self._file.path)
                self._connections.append(self._reader.connection)
            return drive(begin(), self._reader.connection, self._file.statements)

    async def close(self) -> None:
        """Commit what has gathered and let go of the file."""
        self._closed = True
        await asyncio.to_thread(self._readers.shutdown)
        for connection in (self._look_ups.connection, *self._connections):
            connection.close()
        await self._groups.close()
        self._file.lock.release()

    async def backup(self, target: Path | str) -> None:
        """Copy the store as it is at one moment into a new file, while it runs. The copy is a store to open.

        Raises ConfigurationError where the file exists already or cannot be written.
        """
        await asyncio.to_thread(self._backup, Path(target))

    def _backup(self, target: Path) -> None:
        if target.exists():
            raise ConfigurationError([f"backup: {target} exists already; name a new file"])
        unfinished = target.with_name(f"{target.name}.unfinished")
        with sqlite_file.usable(target), closing(connect(self._file.path)) as source:
            sqlite_file.create_private(unfinished)
            with closing(connect(unfinished)) as copy:
                source.backup(copy)  # in one step: a store that is written to meanwhile does not restart it
            unfinished.rename(target)
