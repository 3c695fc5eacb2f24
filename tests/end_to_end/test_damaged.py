"""Every captured request, damaged in many ways: always an answer of the interface's own, or the end."""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest

from tests import transcripts, wire
from tests.fuzz.mutation import mutate_request
from tests.system import System, running_system
from tests.transcripts import PATIENCE_SECONDS

ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "3"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
AT_ONCE = 8
SANDBOX = "front_door.py"  # it logs in this process too, where a broken call was passed through to it
# asmx-facts 2.9, 2.23, 2.32
DOCUMENTED_500 = (b"<soap:Fault>", b" not found.", b"Request format is unrecognized")


def damaged_requests(interface: str) -> Iterator[bytes]:
    for number, vector in enumerate(transcripts.load(interface)):
        for round_ in range(ROUNDS):
            yield mutate_request(vector.request, Random(f"{SEED}/{number}/{round_}"))


async def send(system: System, request: bytes) -> bytes:
    """All that comes back until the gateway hangs up, which it does once no more of the request comes."""
    address = urlsplit(system.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(request)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def is_documented(answer: bytes) -> bool:
    """Whether it is no 500, or one that the old server gave too."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return b" 500 " not in head.split(b"\r\n")[0] or any(form in body for form in DOCUMENTED_500)


@pytest.mark.parametrize("interface", ["soap", "aspx", "rest"])
async def test_a_damaged_request_gets_an_answer_of_the_interface_or_the_end(tmp_path: Path, interface: str) -> None:
    listen = "receive_timeout_seconds = 0.3\nkeepalive_timeout_seconds = 0.3"
    turns = asyncio.Semaphore(AT_ONCE)
    with wire.logged() as stream:
        async with running_system(tmp_path, listen=listen) as system:

            async def one(request: bytes) -> tuple[bytes, bytes]:
                async with turns:
                    return request, await send(system, request)

            answers = await asyncio.gather(*map(one, damaged_requests(interface)))
    assert [pair for pair in answers if not is_documented(pair[1])] == []
    assert any(answer.startswith((b"HTTP/1.1 2", b"HTTP/1.0 2")) for _, answer in answers)
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    failures = [event for event in events if event["level"] in ("error", "critical") and SANDBOX not in str(event)]
    assert not failures, failures
