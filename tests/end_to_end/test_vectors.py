"""Every captured exchange against a whole gateway, and what v2 received because of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import transcripts
from tests.system import System, running_system

VECTORS = [
    pytest.param(vector, id=f"{interface}/{vector}")
    for interface in ("soap", "aspx", "rest")
    for vector in transcripts.load(interface)
]


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    async with running_system(tmp_path) as running:
        yield running


def contains(received: Any, expected: Any) -> bool:
    """Whether everything that a vector names is there."""
    if isinstance(expected, dict):
        return isinstance(received, dict) and all(
            key in received and contains(received[key], value) for key, value in expected.items()
        )
    return bool(received == expected)


@pytest.mark.parametrize("vector", VECTORS)
async def test_the_gateway_repeats_the_captured_exchange(system: System, vector: transcripts.Transcript) -> None:
    if vector.faults is not None:
        await system.arm(*(vector.faults if isinstance(vector.faults, list) else [vector.faults]))
    address = urlsplit(system.url)
    got = await asyncio.to_thread(transcripts.replay, vector, address.hostname or "", address.port or 0)
    assert list(transcripts.differences(vector.expected, got)) == []
    received = await system.received()
    if vector.upstream is not None:
        assert len(received) == 1
        assert contains(received[0], vector.upstream), received[0]
    elif vector.faults is None:
        assert received == []
