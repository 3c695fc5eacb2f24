"""Calls at a fixed rate: `python -m tests.bench.open_loop PORT KIND PER_SECOND SECONDS`.

A call's time counts from when it was due, not from when it was sent, so that a slow answer is not hidden by calls
that were never made (coordinated omission). The generator says as well how late it was itself, and what part of a
processor it took. It waits in select(2), to the microsecond: an event loop's timers go by the millisecond, and
uvloop's, asked for less, keep a whole processor busy.
"""

import json
import select
import socket
import sys
import time
from collections import deque

from tests.bench.calls import CALLS

CONNECTIONS = 64
ANSWER_BYTES = 65536  # answers fit one packet, so that each piece of data is one
GIVE_UP_SECONDS = 30.0  # nothing came for so long


class OpenLoop:
    """A run over connections that stay open: who is free, who waits for an answer, and what was seen."""

    def __init__(self, port: int, request: bytes) -> None:
        self._request = request
        self._idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
        self._due_by_busy: dict[socket.socket, float] = {}
        self._waiting: deque[float] = deque()  # due, but no connection is free
        self._seconds: list[float] = []
        self._late_seconds: list[float] = []
        self._failed = 0

    def run(self, per_second: float, seconds: float) -> None:
        """Begin every call when it is due, and see every answer."""
        began = time.perf_counter()
        due_later = [began + number / per_second for number in reversed(range(int(per_second * seconds)))]
        while due_later or self._due_by_busy:
            while due_later and due_later[-1] <= time.perf_counter():
                self._begin(due_later.pop())
            wait = due_later[-1] - time.perf_counter() if due_later else GIVE_UP_SECONDS
            self._receive(max(wait, 0.0), last=not due_later)

    def _begin(self, due: float) -> None:
        self._late_seconds.append(time.perf_counter() - due)
        if self._idle:
            self._call(self._idle.pop(), due)
        else:
            self._waiting.append(due)

    def _call(self, connection: socket.socket, due: float) -> None:
        self._due_by_busy[connection] = due
        connection.sendall(self._request)

    def _receive(self, wait_seconds: float, *, last: bool) -> None:
        answered, _, _ = select.select(list(self._due_by_busy), [], [], wait_seconds)
        if last and not answered:
            raise RuntimeError(f"{len(self._due_by_busy)} calls were not answered")
        for connection in answered:
            self._read(connection)

    def _read(self, connection: socket.socket) -> None:
        answer = connection.recv(ANSWER_BYTES)
        if not answer:
            raise RuntimeError("a connection was closed; no call shall pay for a new one")
        self._seconds.append(time.perf_counter() - self._due_by_busy.pop(connection))
        self._failed += not answer.startswith(b"HTTP/1.1 20")
        if self._waiting:
            self._call(connection, self._waiting.popleft())
        else:
            self._idle.append(connection)

    def summary(self, seconds: float, processors: float) -> dict[str, float]:
        """As load.lua prints it, and about the generator itself; times in microseconds."""
        ordered = sorted(second * 1e6 for second in self._seconds)
        late = sorted(second * 1e6 for second in self._late_seconds)
        count = len(ordered)
        return {
            "requests": count,
            "seconds": seconds,
            "mean": sum(ordered) / count,
            "p50": ordered[count // 2],
            "p99": ordered[int(count * 0.99)],
            "p999": ordered[int(count * 0.999)],
            "failed": self._failed,
            "late_p99": late[int(count * 0.99)],
            "processors": processors,
        }


def main(port: int, kind: str, per_second: float, seconds: float) -> None:
    loop = OpenLoop(port, CALLS[kind].render())
    began, used = time.perf_counter(), time.process_time()
    loop.run(per_second, seconds)
    processors = (time.process_time() - used) / (time.perf_counter() - began)
    print(json.dumps(loop.summary(seconds, processors)))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
