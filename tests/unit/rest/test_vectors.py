"""The captured exchanges that need no upstream, against the routes alone."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.rest.routes import RestSettings, rest_routes
from tests import transcripts
from tests.recording import RecordingService, load_tables

ALL_VECTORS = transcripts.load("rest")
VECTORS = [vector for vector in ALL_VECTORS if vector.faults is None]

# No file makes these happen; test_routes does, or they are no answer to a send.
ROWS_WITHOUT_VECTOR = {"too_large", "gateway_overloaded", "not_found", "too_late"}


@pytest.fixture
async def port() -> AsyncIterator[int]:
    app = web.Application()
    app.add_routes(rest_routes(RecordingService(), RestSettings()))
    async with TestServer(app, host="127.0.0.1") as server:
        assert server.port is not None
        yield server.port


@pytest.mark.parametrize("vector", VECTORS, ids=str)
async def test_the_captured_exchange_is_repeated(port: int, vector: transcripts.Transcript) -> None:
    got = await asyncio.to_thread(transcripts.replay, vector, "127.0.0.1", port)
    assert list(transcripts.differences(vector.expected, got)) == []


def test_every_other_row_of_the_send_table_has_a_vector() -> None:
    rows = set(load_tables().send)
    proven = {row for row in rows if any(vector.name.startswith(row) for vector in ALL_VECTORS)}
    assert rows - proven == ROWS_WITHOUT_VECTOR
