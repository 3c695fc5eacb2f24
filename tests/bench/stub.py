"""A stand-in for v2 that costs almost nothing: any POST is a batch with an id of its own, and all are counted.

`python -m tests.bench.stub PORT [--delay-milliseconds N] [--count-recipients]`. `GET /count` answers how many came,
`GET /recipients` how many recipients they had, where those are counted. Any other GET is counted as well and
answered 200: Kannel sends by GET and takes nothing else for success.
"""

import argparse
import asyncio
from collections.abc import Callable, Sequence
from typing import cast

import msgspec
import uvloop

_LENGTH = b"\r\ncontent-length: "


class _Batch(msgspec.Struct):
    recipients: Sequence[msgspec.Raw]


class Arrivals:
    """What came: how many batches, and their recipients where those are counted."""

    def __init__(self, *, delay_seconds: float = 0.0, counts_recipients: bool = False) -> None:
        self._count = self._recipients = 0
        self._counts_recipients = counts_recipients
        self._decoder = msgspec.json.Decoder(_Batch)
        self.delay_seconds = delay_seconds

    def answer_question(self, head: bytes) -> bytes | None:
        """The response where it is us who ask, not a contender."""
        if head.startswith(b"GET /count "):
            return _response(b"200 OK", b"%d" % self._count)
        if head.startswith(b"GET /recipients "):
            return _response(b"200 OK", b"%d" % self._recipients)
        return None

    def answer(self, head: bytes, body: bytes) -> bytes:
        """The response to one request, which is counted."""
        self._count += 1
        posted = head.startswith(b"POST")
        if posted and self._counts_recipients:
            self._recipients += len(self._decoder.decode(body).recipients)
        status = b"201 Created" if posted else b"200 OK"
        return _response(status, b'{"id":"%024x","status":111}' % self._count)


def _response(status: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


class StubProtocol(asyncio.Protocol):
    """One connection. Bodies have a Content-Length."""

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
            body, self._unread = self._unread[end + 4 : size], self._unread[size:]
            self._reply(head, body)

    def _reply(self, head: bytes, body: bytes) -> None:
        if answer := self._arrivals.answer_question(head):
            self._transport.write(answer)
        elif self._arrivals.delay_seconds:
            self._later(self._arrivals.delay_seconds, self._transport.write, self._arrivals.answer(head, body))
        else:
            self._transport.write(self._arrivals.answer(head, body))


def _content_length(head: bytes) -> int:
    start = head.lower().find(_LENGTH)
    return 0 if start < 0 else int(head[start + len(_LENGTH) :].partition(b"\r\n")[0])


async def main(port: int, arrivals: Arrivals) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: StubProtocol(arrivals, loop.call_later), "127.0.0.1", port, backlog=1024
    )
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--delay-milliseconds", type=float, default=0.0)
    parser.add_argument("--count-recipients", action="store_true")
    given = parser.parse_args()
    asked_for = Arrivals(delay_seconds=given.delay_milliseconds / 1000, counts_recipients=given.count_recipients)
    uvloop.run(main(given.port, asked_for))
