"""Several gateway processes on one port: `listen.workers`. One parent starts them, watches them, and stops them."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import structlog

from gateway.config import Config
from gateway.serving import run_until_stopped, serve_until

log = structlog.get_logger()

RESTART_SECONDS = 1.0  # a worker that died is started again after this


def run_workers(config: Config, config_path: Path | None) -> None:
    """`smsgw serve` with several workers, until it is stopped. What a dead one left, the others take over."""

    async def work(stopped: asyncio.Event) -> None:
        with tempfile.TemporaryDirectory(prefix="smsgw-metrics-") as metrics_dir:
            environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": metrics_dir}
            async with asyncio.TaskGroup() as group:
                for number in range(1, config.listen.workers + 1):
                    group.create_task(_keep_running(number, config_path, environment, stopped))

    run_until_stopped(work)


def run_worker(config: Config, number: int) -> None:
    """One of the workers, until it or its parent is stopped."""

    async def work(stopped: asyncio.Event) -> None:
        _stop_with_parent(stopped)
        await serve_until(stopped, config, worker=number)

    run_until_stopped(work)


def _stop_with_parent(stopped: asyncio.Event) -> None:
    """Set the event when the parent is gone, however it ended: a worker alone would hold the port unseen."""
    loop = asyncio.get_running_loop()
    standard_input = sys.stdin.fileno()

    def on_end() -> None:
        loop.remove_reader(standard_input)
        stopped.set()

    loop.add_reader(standard_input, on_end)


async def _keep_running(
    number: int, config_path: Path | None, environment: dict[str, str], stopped: asyncio.Event
) -> None:
    command = [sys.executable, "-m", "gateway", "serve", "--worker", str(number)]
    if config_path:
        command += ["--config", str(config_path)]
    stopping = asyncio.create_task(stopped.wait())
    while not stopped.is_set():
        # A session of its own keeps the terminal's Ctrl-C from it, and the pipe tells it when this process is gone.
        worker = await asyncio.create_subprocess_exec(
            *command, env=environment, start_new_session=True, stdin=asyncio.subprocess.PIPE
        )
        ended = asyncio.create_task(worker.wait())
        await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            worker.terminate()
            await ended
            return
        log.error("worker ended", worker=number, exit_code=worker.returncode, restart_seconds=RESTART_SECONDS)
        await asyncio.wait({stopping}, timeout=RESTART_SECONDS)
