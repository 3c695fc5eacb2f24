"""Real processes of `smsgw`, and what can happen to one."""

import asyncio
import resource
import signal
import subprocess
import sys
from pathlib import Path

from aiohttp import ClientError, ClientSession

START_LIMIT_SECONDS = 60.0
STOP_LIMIT_SECONDS = 60.0


class Process:
    """`smsgw` with some arguments, its output in a file. Only what was started here is ever ended."""

    def __init__(self, *arguments: str, log: Path) -> None:
        with log.open("ab") as output:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "gateway", *arguments], stdout=output, stderr=output
            )
        self._log = log

    async def wait_until_serving(self, url: str) -> None:
        """Return when `url` is answered, whatever the answer."""
        async with asyncio.timeout(START_LIMIT_SECONDS), ClientSession() as session:
            while True:
                if self._running.poll() is not None:
                    raise RuntimeError(f"it ended: {self._log.read_text(errors='replace')[-2000:]}")
                try:
                    async with session.get(url):
                        return
                except ClientError:
                    await asyncio.sleep(0.02)

    def kill(self) -> None:
        """End it at once: kill -9."""
        self._running.kill()
        self._running.wait()

    async def stop(self) -> None:
        """End it as an operator does: SIGTERM, and what is in flight finishes."""
        self._running.terminate()
        await asyncio.to_thread(self._running.wait, STOP_LIMIT_SECONDS)

    def pause(self) -> None:
        """Let it stand still; its connections stay open."""
        self._running.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._running.send_signal(signal.SIGCONT)

    def limit_files(self, size_bytes: int | None) -> None:
        """Let no file of it grow beyond a size, as on a full disk; None: as large as it likes."""
        _, hard = resource.prlimit(self._running.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(
            self._running.pid, resource.RLIMIT_FSIZE, (hard if size_bytes is None else size_bytes, hard)
        )
