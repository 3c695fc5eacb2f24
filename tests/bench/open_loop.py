"""Calls at a fixed rate: `python -m tests.bench.open_loop PORT KIND PER_SECOND SECONDS`.

A call's time counts from when it was due, not from when it was sent, so that a slow answer is not hidden by calls
that were never made (coordinated omission).
"""

import asyncio
import json
import sys
from collections import deque
from typing import cast

import uvloop

from tests.bench.calls import CALLS

CONNECTIONS = 64
TICK_SECONDS = 0.0005


class Caller(asyncio.Protocol):
    """One connection; answers fit one packet, so each piece of data that comes is one."""

    def __init__(self, run: "OpenLoop") -> None:
        self._run = run
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._run.idle.append(self)

    def call(self, due: float) -> None:
        self._due = due
        self._transport.write(self._run.request)

    def data_received(self, data: bytes) -> None:
        self._run.answered(self, self._due, ok=data.startswith(b"HTTP/1.1 20"))


class OpenLoop:
    """A run: who is free, what is due, and what was seen."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.idle: list[Caller] = []
        self._waiting: deque[float] = deque()
        self._seconds: list[float] = []
        self._failed = 0
        self._now = asyncio.get_running_loop().time

    def answered(self, caller: Caller, due: float, *, ok: bool) -> None:
        self._seconds.append(self._now() - due)
        self._failed += not ok
        if self._waiting:
            caller.call(self._waiting.popleft())
        else:
            self.idle.append(caller)

    async def run(self, per_second: float, seconds: float) -> None:
        began = self._now()
        total = int(per_second * seconds)
        made = 0
        while made < total:
            due_now = min(total, int((self._now() - began) * per_second) + 1)
            for number in range(made, due_now):
                self._begin(began + number / per_second)
            made = due_now
            await asyncio.sleep(TICK_SECONDS)
        while len(self._seconds) < total:
            await asyncio.sleep(0.01)

    def _begin(self, due: float) -> None:
        if self.idle:
            self.idle.pop().call(due)
        else:
            self._waiting.append(due)

    def summary(self, seconds: float) -> dict[str, float]:
        """As load.lua prints it; times in microseconds."""
        ordered = sorted(second * 1e6 for second in self._seconds)
        count = len(ordered)
        return {
            "requests": count,
            "seconds": seconds,
            "mean": sum(ordered) / count,
            "p50": ordered[count // 2],
            "p99": ordered[int(count * 0.99)],
            "p999": ordered[int(count * 0.999)],
            "failed": self._failed,
        }


async def main(port: int, kind: str, per_second: float, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    run = OpenLoop(CALLS[kind].render())
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: Caller(run), "127.0.0.1", port)
    await run.run(per_second, seconds)
    print(json.dumps(run.summary(seconds)))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), float(sys.argv[4])))
