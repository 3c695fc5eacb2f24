"""PostgresStore: one database that several gateways share."""

import secrets
from collections.abc import Callable
from typing import Any

import asyncpg

from adapters.store.groups import OnCommit
from adapters.store.operations import upkeep
from adapters.store.postgres_connection import Database, available, drive, open_pool, permitted
from adapters.store.postgres_lanes import Lanes
from adapters.store.sql_store import SqlStore
from adapters.store.statements import (
    Dialect,
    Operation,
    Row,
    T,
    choose_migrations,
    load_migrations,
    load_statements,
)

ONE_AT_A_TIME = 0x736D736777  # the advisory lock under which a node brings the schema up to date


class PostgresStore(SqlStore):
    """Reads and rarer writes go straight to the pool; what every send writes goes in groups."""

    def __init__(self, store_id: str, database: Database, on_commit: OnCommit | None) -> None:
        self._database = database
        super().__init__(store_id, Lanes(database, on_commit))

    @classmethod
    async def open(cls, dsn: str, *, first_id: int, on_commit: OnCommit | None) -> "PostgresStore":
        """Connect, migrate, and read who the store is. Raises ConfigurationError, StoreUnavailable."""
        database = Database(pool=await open_pool(dsn), statements=load_statements(Dialect.POSTGRES))
        try:
            with available, permitted():
                async with database.pool.acquire() as connection, connection.transaction():
                    await connection.execute("SELECT pg_advisory_xact_lock($1)", ONE_AT_A_TIME)
                    await _migrate(connection)
                    begin = upkeep.open_store(new_store_id=secrets.token_hex(4), first_id=first_id)
                    store_id = await drive(begin, connection, database.statements)
        except BaseException:
            await database.pool.close()
            raise
        return cls(store_id, database, on_commit)

    async def _read(self, begin: Callable[[], Operation[T]]) -> T:
        self._check_open()
        return await self._database.read(begin)

    async def _write(self, begin: Callable[[], Operation[T]]) -> T:
        self._check_open()
        return await self._database.write(begin)

    async def _look_up(self, name: str, *args: Any) -> Row | None:
        self._check_open()
        found = await self._database.fetch(name, *args)
        return tuple(found[0]) if found else None

    async def close(self) -> None:
        """Commit what has gathered and close the connections."""
        self._closed = True
        await self._groups.close()
        await self._database.pool.close()


async def _migrate(connection: asyncpg.Connection) -> None:
    await connection.execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY)")
    applied = await connection.fetchval("SELECT coalesce(max(number), 0) FROM migrations")
    migrations = load_migrations(Dialect.POSTGRES)
    for migration in choose_migrations(migrations, applied=applied, where="the PostgreSQL database"):
        await connection.execute(migration.script)
        await connection.execute("INSERT INTO migrations (number) VALUES ($1)", migration.number)
