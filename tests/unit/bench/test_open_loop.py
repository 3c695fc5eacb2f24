"""The generator that calls at a fixed rate, against a real socket."""

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.bench.open_loop import CONNECTIONS, OpenLoop

REQUEST = b"GET / HTTP/1.1\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
STALL_SECONDS = 0.2


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=128)) as listening:
        yield listening


def answer_all(listener: socket.socket, calls: int, *, stall_seconds: float = 0.0, answer: bytes = ANSWER) -> None:
    """Answer so many calls, one connection after the other; the first one a while after it came."""

    def answer_each() -> None:
        connections = [listener.accept()[0] for _ in range(CONNECTIONS)]
        select.select(connections, [], [])
        time.sleep(stall_seconds)
        for connection in connections:
            connection.setblocking(False)
        answered = 0
        while answered < calls:
            for connection in connections:
                try:
                    requests = connection.recv(4096).count(REQUEST)
                except BlockingIOError:
                    continue
                connection.send(answer * requests)
                answered += requests

    threading.Thread(target=answer_each, daemon=True).start()


def run(listener: socket.socket, *, per_second: float, seconds: float) -> dict[str, float]:
    loop = OpenLoop(listener.getsockname()[1], REQUEST)
    loop.run(per_second, seconds)
    return loop.summary(seconds, 0.0)


def test_it_makes_as_many_calls_as_the_rate_asks_for(listener: socket.socket) -> None:
    answer_all(listener, 50)
    seen = run(listener, per_second=500, seconds=0.1)
    assert (seen["requests"], seen["failed"]) == (50, 0)


def test_calls_that_had_to_wait_count_their_waiting(listener: socket.socket) -> None:
    answer_all(listener, 100, stall_seconds=STALL_SECONDS)  # more calls than connections become due meanwhile
    seen = run(listener, per_second=1000, seconds=0.1)
    assert seen["requests"] == 100
    assert seen["p50"] >= (STALL_SECONDS - 0.1) * 1e6  # the last was due 0.1 s after the first


def test_refusals_are_counted(listener: socket.socket) -> None:
    answer_all(listener, 10, answer=ANSWER.replace(b"200 OK", b"503 No"))
    assert run(listener, per_second=500, seconds=0.02)["failed"] == 10


def test_a_connection_that_is_closed_ends_the_run(listener: socket.socket) -> None:
    def close_all() -> None:
        for connection in [listener.accept()[0] for _ in range(CONNECTIONS)]:
            connection.close()

    threading.Thread(target=close_all, daemon=True).start()
    with pytest.raises((RuntimeError, ConnectionError)):
        run(listener, per_second=500, seconds=0.02)
