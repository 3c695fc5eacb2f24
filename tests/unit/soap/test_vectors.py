"""The captured exchanges that need no upstream, against the routes alone."""

import asyncio

import pytest

from tests import transcripts
from tests.unit.soap.conftest import Gateway

VECTORS = [vector for vector in transcripts.load("soap") if vector.faults is None]


@pytest.mark.parametrize("vector", VECTORS, ids=str)
async def test_the_captured_exchange_is_repeated(gateway: Gateway, vector: transcripts.Transcript) -> None:
    got = await asyncio.to_thread(transcripts.replay, vector, gateway.host, gateway.port)
    assert list(transcripts.differences(vector.expected, got)) == []
    assert [order.body for order in gateway.service.orders] == (
        [vector.upstream["body"]] if vector.upstream else []
    )
