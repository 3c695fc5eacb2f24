"""The captured exchanges that need no upstream, against the routes alone."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.aspx.routes import aspx_routes
from tests import transcripts
from tests.recording import RecordingService

VECTORS = [vector for vector in transcripts.load("aspx") if vector.faults is None]


@pytest.fixture
async def port() -> AsyncIterator[int]:
    app = web.Application()
    app.add_routes(aspx_routes(RecordingService()))
    async with TestServer(app, host="127.0.0.1") as server:
        assert server.port is not None
        yield server.port


@pytest.mark.parametrize("vector", VECTORS, ids=str)
async def test_the_captured_exchange_is_repeated(port: int, vector: transcripts.Transcript) -> None:
    got = await asyncio.to_thread(transcripts.replay, vector, "127.0.0.1", port)
    assert list(transcripts.differences(vector.expected, got)) == []
