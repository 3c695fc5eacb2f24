"""Every store that there is, empty, one after the other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.store.postgres import open_postgres
from adapters.store.sqlite import open_sqlite
from gateway.ports import Store
from gateway.testing import MemoryStore
from tests import postgres


async def open_memory(_folder: Path, first_id: int) -> Store:
    return MemoryStore(first_id=first_id)


async def open_file(folder: Path, first_id: int) -> Store:
    return await open_sqlite(folder / "gateway.db", first_id=first_id)


async def open_database(_folder: Path, first_id: int) -> Store:
    return await open_postgres(await postgres.server().make_schema(), first_id=first_id)


STORES = {"memory": open_memory, "sqlite": open_file, "postgres": open_database}


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A store whose first id is 42500000."""
    opened = await STORES[request.param](tmp_path, 42_500_000)
    yield opened
    await opened.close()
