"""Opens a PostgresStore: several gateways on one database. asyncpg is an extra, so it is imported here at last."""

import importlib.util

from adapters.store.groups import OnCommit
from adapters.store.sql_store import SqlStore
from gateway.domain.errors import ConfigurationError
from gateway.domain.intent import FIRST_ID_DEFAULT


def require_driver() -> None:
    """Raise ConfigurationError where asyncpg is not installed."""
    if importlib.util.find_spec("asyncpg") is None:
        raise ConfigurationError(["store: PostgreSQL needs asyncpg; pip install 'sendsms-gateway[postgres]'"])


async def open_postgres(
    dsn: str, *, first_id: int = FIRST_ID_DEFAULT, on_commit: OnCommit | None = None
) -> SqlStore:
    """Connect to `postgresql://...` and bring the schema up to date; a new store hands out ids from `first_id` on.

    Raises ConfigurationError where the database cannot be used as named, StoreUnavailable where it does not answer.
    """
    require_driver()
    from adapters.store.postgres_store import PostgresStore  # which imports asyncpg

    return await PostgresStore.open(dsn, first_id=first_id, on_commit=on_commit)
