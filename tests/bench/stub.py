"""A stand-in for v2 that costs almost nothing: any POST is a batch with an id of its own, and all are counted.

`python -m tests.bench.stub PORT [DELAY_MILLISECONDS]`. `GET /count` answers how many came. Any other GET is counted
as well and answered 200: Kannel sends by GET and takes nothing else for success.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import cast

import uvloop

_COUNT = b"GET /count "
_LENGTH = b"\r\ncontent-length: "


class Arrivals:
    """How many batches came."""

    def __init__(self, delay_seconds: float) -> None:
        self.count = 0
        self.delay_seconds = delay_seconds

    def answer(self, head: bytes) -> bytes:
        """The response to one request, which is counted."""
        if head.startswith(_COUNT):
            return _response(b"200 OK", b"%d" % self.count)
        self.count += 1
        created = b"201 Created" if head.startswith(b"POST") else b"200 OK"
        return _response(created, b'{"id":"%024x","status":111}' % self.count)


def _response(status: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


class StubProtocol(asyncio.Protocol):
    """One connection. Bodies have a Content-Length; it is all that is read of them."""

    def __init__(self, arrivals: Arrivals, later: Callable[..., object]) -> None:
        self._arrivals = arrivals
        self._later = later
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class is not derived from it

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (end := self._unread.find(b"\r\n\r\n")) >= 0:
            head = self._unread[:end]
            size = end + 4 + _content_length(head)
            if len(self._unread) < size:
                return
            self._unread = self._unread[size:]
            self._reply(head)

    def _reply(self, head: bytes) -> None:
        answer = self._arrivals.answer(head)
        if self._arrivals.delay_seconds and not head.startswith(_COUNT):
            self._later(self._arrivals.delay_seconds, self._transport.write, answer)
        else:
            self._transport.write(answer)


def _content_length(head: bytes) -> int:
    start = head.lower().find(_LENGTH)
    return 0 if start < 0 else int(head[start + len(_LENGTH) :].partition(b"\r\n")[0])


async def main(port: int, delay_seconds: float) -> None:
    loop = asyncio.get_running_loop()
    arrivals = Arrivals(delay_seconds)
    server = await loop.create_server(
        lambda: StubProtocol(arrivals, loop.call_later), "127.0.0.1", port, backlog=1024
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float((sys.argv[2:] or ["0"])[0]) / 1000))
