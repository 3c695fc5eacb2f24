"""The file of a SqliteStore: who may have it open, its settings, its schema."""

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.store.operations import upkeep
from adapters.store.sqlite_connection import connect, drive, read_number, transaction
from adapters.store.statements import Dialect, choose_migrations, load_migrations, load_statements
from gateway.domain.errors import ConfigurationError

NUMBER_OF_SCHEMA = "SELECT coalesce(max(number), 0) FROM migrations"


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """Say what is wrong with a path that an operator gave."""
    try:
        yield
    except (OSError, sqlite3.DatabaseError) as error:
        problem = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError([f"store: cannot use {path}: {problem}"]) from error


class Lock:
    """Keeps a second gateway away from the file, for as long as this process holds it."""

    def __init__(self, path: Path) -> None:
        self._file = open(f"{path}.lock", "wb", opener=_private)  # noqa: SIM115  held open on purpose

    def take(self, path: Path) -> None:
        """Raises ConfigurationError where another process has it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.release()
            raise ConfigurationError(
                [f"store: another gateway uses {path}; stop it, or give this one a file of its own"]
            ) from error

    def release(self) -> None:
        """Let another process have it."""
        self._file.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFile:
    """A file that is ready, and the connection that writes to it."""

    path: Path
    store_id: str
    connection: sqlite3.Connection
    statements: Mapping[str, str]
    lock: Lock


def open_file(path: Path, *, first_id: int, beside_gateway: bool) -> OpenFile:
    """Lock the file, bring its schema up to date, and read who it is. Raises ConfigurationError."""
    statements = load_statements(Dialect.SQLITE)
    with usable(path):
        lock = Lock(path)
        if not beside_gateway:
            lock.take(path)
        try:
            create_private(path)
            connection = connect(path)
            _migrate(connection, path)
            with transaction(connection):
                begin = upkeep.open_store(new_store_id=secrets.token_hex(4), first_id=first_id)
                store_id = drive(begin, connection, statements)
        except BaseException:
            lock.release()
            raise
    return OpenFile(path=path, store_id=store_id, connection=connection, statements=statements, lock=lock)


def create_private(path: Path) -> None:
    """An empty file that only its owner reads: SQLite gives the files beside it the same rights."""
    with open(path, "ab", opener=_private):
        pass


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY)")
    applied = read_number(connection, NUMBER_OF_SCHEMA)
    for migration in choose_migrations(load_migrations(Dialect.SQLITE), applied=applied, where=str(path)):
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{migration.script}\n"
            f"INSERT INTO migrations (number) VALUES ({migration.number});\nCOMMIT;"
        )
