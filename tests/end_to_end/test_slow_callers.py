"""Callers that take their time, or never finish."""

import asyncio
from pathlib import Path

import pytest

from tests import wire
from tests.system import running_system
from tests.wire import ASMX, request, soap_call

XML = ("Content-Type: text/xml; charset=utf-8", 'SOAPAction: ""')


@pytest.mark.parametrize(
    ("before", "begun"),
    [
        (0, b"GET /sendsms.aspx?msg="),
        (0, b"GET /sendsms.aspx HTTP/1.1\r\nHost: gw\r\nX: "),
        (0, b"GET /sendsms.aspx?msg=" + b"x" * 100_000),
        (1, b"GET /sends"),
        (2, b"\r"),
        (0, request(ASMX, *XML, method="POST", body=soap_call())[:-1]),
        (1, request(ASMX, *XML, "Transfer-Encoding: chunked", method="POST") + b"3\r\nab"),
        (0, request("/v2/batches", "Content-Length: 10", method="POST") + b"abc"),
    ],
)
async def test_who_never_finishes_a_request_is_cut_off(tmp_path: Path, before: int, begun: bytes) -> None:
    async with (
        running_system(tmp_path, listen="receive_timeout_seconds = 0.2") as system,
        wire.connect(system.url) as connection,
    ):
        await connection.send(request("/sendsms.aspx") * before + begun)
        for _ in range(before):
            assert (await connection.read()).body == b"101"
        assert await connection.is_closed()


async def test_dripping_does_not_keep_a_connection(tmp_path: Path) -> None:
    async with (
        running_system(tmp_path, listen="receive_timeout_seconds = 0.2") as system,
        wire.connect(system.url) as connection,
    ):

        async def drip() -> None:
            await connection.send(b"GET / HTTP/1.1\r\nX: ")
            while True:
                await connection.send(b"x")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert await connection.is_closed()
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)


async def test_an_idle_connection_is_not_cut_off_as_if_it_were_slow(tmp_path: Path) -> None:
    async with (
        running_system(tmp_path, listen="receive_timeout_seconds = 0.1") as system,
        wire.connect(system.url) as connection,
    ):
        for _ in range(3):
            assert (await connection.ask(request("/sendsms.aspx"))).body == b"101"
            assert (await connection.ask(request(ASMX, *XML, method="POST", body=soap_call()))).status == 200
            await asyncio.sleep(0.2)


async def test_an_idle_connection_is_closed_after_keepalive(tmp_path: Path) -> None:
    async with (
        running_system(tmp_path, listen="keepalive_timeout_seconds = 0.1") as system,
        wire.connect(system.url) as connection,
    ):
        assert (await connection.ask(request("/sendsms.aspx"))).body == b"101"
        assert await connection.is_closed()


async def test_a_connection_on_which_nothing_ever_came_is_closed_after_keepalive(tmp_path: Path) -> None:
    async with (
        running_system(tmp_path, listen="keepalive_timeout_seconds = 0.1") as system,
        wire.connect(system.url) as connection,
    ):
        assert await connection.is_closed()


async def test_who_has_begun_a_request_has_the_time_for_one(tmp_path: Path) -> None:
    async with (
        running_system(tmp_path, listen="keepalive_timeout_seconds = 0.1") as system,
        wire.connect(system.url) as connection,
    ):
        await connection.send(request("/sendsms.aspx")[:9])
        await asyncio.sleep(0.3)
        await connection.send(request("/sendsms.aspx")[9:])
        assert (await connection.read()).body == b"101"
