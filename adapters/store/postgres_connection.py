"""A pool of connections to PostgreSQL: its settings, its errors, and how a connection runs an operation."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from adapters.errors import translated
from adapters.store.statements import Bulk, Operation, Row, T
from gateway.domain.errors import ConfigurationError, StoreUnavailable

POOL_MAX_CONNECTIONS = 10
CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 30.0
ATTEMPTS = 3  # of a transaction that PostgreSQL gave up for another's sake

SESSION = {
    "application_name": "smsgw",
    "synchronous_commit": "on",  # an answered call survives a power cut
    "jit": "off",  # no statement here runs long enough to be worth compiling
    "enable_seqscan": "off",  # a plan made while a table is small must not read it whole when it has grown
}

# The database is gone, or cannot write now: restarting, full, out of connections, turned into a standby.
UNAVAILABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
# What an operator wrote or granted wrongly.
REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidSchemaNameError,
    asyncpg.InsufficientPrivilegeError,
)


available = translated(dict.fromkeys(UNAVAILABLE, lambda: StoreUnavailable("PostgreSQL does not answer")))
"""Tells a database that does not work from a mistake of ours."""


@contextmanager
def permitted() -> Iterator[None]:
    """Say what PostgreSQL refuses to do for this gateway at its start."""
    try:
        yield
    except REFUSED as error:
        raise ConfigurationError([f"store: PostgreSQL refuses this gateway: {error}"]) from error


async def open_pool(dsn: str) -> asyncpg.Pool:
    """A pool that connects again by itself. Raises ConfigurationError, StoreUnavailable."""

    async def leave_as_it_is(_connection: asyncpg.Connection) -> None:
        """Nothing here changes a session, so none needs to be reset."""

    try:
        with available, permitted():
            return await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=POOL_MAX_CONNECTIONS,
                timeout=CONNECT_SECONDS,
                command_timeout=COMMAND_SECONDS,
                max_cached_statement_lifetime=0,
                server_settings=SESSION,
                reset=leave_as_it_is,
            )
    except ValueError:
        problem = "this is no address of PostgreSQL; write postgresql://user:password@host/database"
        raise ConfigurationError([f"store: {problem}"]) from None  # the cause may quote the password


async def drive(operation: Operation[T], connection: asyncpg.Connection, statements: Mapping[str, str]) -> T:
    """Run an operation's statements to its result."""
    try:
        step = next(operation)
        while True:
            text = statements[step.name]
            if isinstance(step, Bulk):
                await connection.executemany(text, step.rows)
                step = operation.send([])
            else:
                found = await connection.fetch(text, *step.args)
                step = operation.send([tuple(row) for row in found])
    except StopIteration as end:
        value: T = end.value
        return value


@dataclass(frozen=True, slots=True)
class Database:
    """The pool, and what it is asked."""

    pool: asyncpg.Pool
    statements: Mapping[str, str]

    async def fetch(self, name: str, *args: Any) -> Sequence[Row]:
        """Run one statement, which is a transaction of its own."""
        with available:
            async with self.pool.acquire(timeout=CONNECT_SECONDS) as connection:
                found: Sequence[Row] = await connection.fetch(self.statements[name], *args)
                return found

    async def read(self, begin: Callable[[], Operation[T]]) -> T:
        """Run an operation that changes nothing."""
        with available:
            async with self.pool.acquire(timeout=CONNECT_SECONDS) as connection:
                return await drive(begin(), connection, self.statements)

    async def write(self, begin: Callable[[], Operation[T]]) -> T:
        """Run an operation in a transaction of its own, again where it ran into a deadlock with another."""
        for _ in range(ATTEMPTS):
            try:
                with available:
                    async with self.pool.acquire(timeout=CONNECT_SECONDS) as connection, connection.transaction():
                        return await drive(begin(), connection, self.statements)
            except asyncpg.TransactionRollbackError:
                continue
        raise StoreUnavailable("PostgreSQL cannot settle who goes first")


class Session:
    """A connection that is kept from one statement to the next: to take it out of the pool costs more than most.

    One that has broken is replaced at the next statement.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: PoolConnectionProxy | None = None

    async def fetch(self, name: str, *args: Any) -> Sequence[Row]:
        """Run one statement, which is a transaction of its own. One at a time."""
        with available:
            if self._connection is None or not _works(self._connection):
                await self.close()
                self._connection = await self._database.pool.acquire(timeout=CONNECT_SECONDS)
            found: Sequence[Row] = await self._connection.fetch(self._database.statements[name], *args)
            return found

    async def close(self) -> None:
        """Give the connection back to the pool, broken or not: it has places for so many."""
        if self._connection:
            connection, self._connection = self._connection, None
            await self._database.pool.release(connection)


def _works(connection: PoolConnectionProxy) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # it broke, and the pool has taken it back
        return False
