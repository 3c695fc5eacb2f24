"""The one door for background work: every task is named, held on to, and logged when it fails."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

import structlog

from gateway.domain.errors import GatewayError
from gateway.logs import describe

log = structlog.get_logger()

RETRY_SECONDS = 1.0  # a step that failed is tried again after this


class Tasks:
    """The background tasks of one application."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[None, None, None], *, name: str) -> asyncio.Task[None]:
        """Start `work`; a failure is logged and ends it."""
        task = asyncio.create_task(self._guarded(work, name), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def stop(self) -> None:
        """Cancel everything and wait until it has ended."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    @staticmethod
    async def _guarded(work: Coroutine[None, None, None], name: str) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the error boundary of background work
            log.error("background task failed", task=name, **describe(error))


class Worker:
    """Repeats a step: at once while there is more to do, else when woken or after `idle_seconds`.

    `step` returns whether it did something. A failing step is logged once for each cause and tried again.
    """

    def __init__(self, step: Callable[[], Awaitable[bool]], *, name: str, idle_seconds: float) -> None:
        self._step = step
        self.name = name
        self._idle_seconds = idle_seconds
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There is something to do."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._woken.clear()
            if not await self._try_step():
                await self._rest()

    async def _try_step(self) -> bool:
        try:
            return await self._step()
        except GatewayError as error:
            log.warning("step failed", worker=self.name, error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - the error boundary of background work
            log.error("step failed", worker=self.name, **describe(error))
        await asyncio.sleep(RETRY_SECONDS)
        return False

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._idle_seconds):
                await self._woken.wait()
        except TimeoutError:
            pass
