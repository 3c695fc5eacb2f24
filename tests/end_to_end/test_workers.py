"""Several workers on one port, sharing one PostgreSQL."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession, web

from adapters.sandbox.app import build_sandbox
from gateway.config import load_config
from gateway.config.addresses import ListenAddress
from gateway.serving import listening
from tests import postgres
from tests.system import ACCOUNT, API_KEY, TOKEN, add_account, choose_port, write_config

PATIENCE_SECONDS = 60


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():
            await asyncio.sleep(0.1)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@asynccontextmanager
async def two_workers(directory: Path) -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    port, sandbox_port = choose_port(), choose_port()
    store = f'store = "{await postgres.server().make_schema()}"\n'
    path = write_config(directory, port=port, sandbox_port=sandbox_port, more=store)
    path.write_text(path.read_text().replace("[listen]\n", "[listen]\nworkers = 2\n"))
    await add_account(load_config(path, {}))
    sandbox = web.AppRunner(build_sandbox(tokens={TOKEN: ACCOUNT}, tempo_seconds=0), shutdown_timeout=1)
    async with listening(sandbox, ListenAddress("127.0.0.1", sandbox_port)):
        command = [sys.executable, "-m", "gateway", "serve", "--config", str(path)]
        parent = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
        try:

            async def ready() -> bool:
                if parent.returncode is not None:
                    raise AssertionError(f"ended with {parent.returncode}")
                return len(children(parent.pid)) == 2 and await is_ready(port)

            await until(ready)
            yield port, parent
        finally:
            if parent.returncode is None:
                parent.send_signal(signal.SIGTERM)
                await parent.wait()


async def is_ready(port: int) -> bool:
    async with ClientSession() as session:
        try:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                return answer.status == 200
        except ClientError:
            return False


async def send(port: int) -> int:
    """One call over a connection of its own, so that either worker may get it."""
    query = f"acc={ACCOUNT}&pass={API_KEY}&from=iP1&to=46701234567&msg=Hej"
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/sendsms.aspx?{query}") as answer:
        return int(await answer.text())


async def until_one_worker_shows(port: int, line: str) -> None:
    """Wait for a line of /metrics on one connection, and so of one worker; the other tells it once a second."""
    async with ClientSession() as session:

        async def shown() -> bool:
            async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                return line in (await answer.text()).splitlines()

        await until(shown)


@pytest.mark.slow
async def test_workers_share_the_port_the_ids_and_the_counters_and_a_dead_one_is_replaced(tmp_path: Path) -> None:
    async with two_workers(tmp_path) as (port, parent):
        ids = await asyncio.gather(*(send(port) for _ in range(40)))
        assert len(set(ids)) == 40
        assert min(ids) > 1000
        await until_one_worker_shows(port, 'smsgw_calls_total{interface="aspx",operation="send",outcome="ok"} 40.0')

        before = children(parent.pid)
        os.kill(before[0], signal.SIGKILL)

        async def replaced() -> bool:
            now = children(parent.pid)
            return len(now) == 2 and before[0] not in now and await is_ready(port)

        await until(replaced)
        assert await send(port) not in ids

        workers = children(parent.pid)
        parent.send_signal(signal.SIGTERM)
        assert await parent.wait() == 0
        assert not any(map(is_running, workers))
