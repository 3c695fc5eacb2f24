"""One connection to SQLite: its settings, its transactions, and how it runs an operation."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from adapters.errors import translated
from adapters.store.statements import Bulk, Operation, Query, Row, T
from gateway.domain.errors import StoreUnavailable

BUSY_SECONDS = 5.0
SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an answered call survives a power cut
    "PRAGMA cache_size = -4096",  # 4 MiB; with 64 nothing is faster, at ten million messages either
    "PRAGMA temp_store = MEMORY",
    "PRAGMA secure_delete = ON",  # what retention erases is overwritten
)


def connect(path: Path) -> sqlite3.Connection:
    """A connection for one thread at a time, which begins and ends transactions by hand."""
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    for setting in SETTINGS:
        connection.execute(setting)
    return connection


available = translated({sqlite3.OperationalError: lambda: StoreUnavailable("SQLite cannot use its file now")})
"""Tells a full disk, a broken disk and a locked file from a mistake of ours."""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done inside, or nothing of it."""
    leave_transaction(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.OperationalError):  # a full disk has rolled back by itself
            connection.execute("ROLLBACK")
        raise


def leave_transaction(connection: sqlite3.Connection) -> None:
    """End what is left over where even the rollback found the disk broken."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def drive(operation: Operation[T], connection: sqlite3.Connection, statements: Mapping[str, str]) -> T:
    """Run an operation's statements to its result."""
    try:
        step = next(operation)
        while True:
            step = operation.send(_run_step(step, connection, statements))
    except StopIteration as end:
        value: T = end.value
        return value


def _run_step(step: Query | Bulk, connection: sqlite3.Connection, statements: Mapping[str, str]) -> list[Row]:
    text = statements[step.name]
    if isinstance(step, Bulk):
        connection.executemany(text, step.rows)
        return []
    return connection.execute(text, _with_json(step.args)).fetchall()


def _with_json(args: Row) -> Row:
    """Arrays become JSON texts: SQLite has no arrays."""
    if list not in map(type, args):
        return args
    return tuple(msgspec.json.encode(arg).decode() if isinstance(arg, list) else arg for arg in args)


def read_number(connection: sqlite3.Connection, text: str) -> int:
    """The one number that a statement answers."""
    row: tuple[Any, ...] = connection.execute(text).fetchone()
    return int(row[0])
