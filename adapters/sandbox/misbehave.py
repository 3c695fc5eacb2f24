"""Acting the armed faults out on a connection."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.sandbox.answers import respond
from adapters.sandbox.faults import Fault, Kind
from adapters.sandbox.keys import CLOSING

_GARBAGE: Final = b'{"id": "5bc86b6e85c7\xff\xfe<html>'
_CHUNK: Final = b"x" * 65536
_LINGER_NOT: Final = struct.pack("ii", 1, 0)  # close() then sends RST instead of FIN
_LOOK_SECONDS: Final = 0.25


class NoAnswer(web.Response):
    """Stands for the answer that was never given; its connection is closed already."""


async def _answer_status(_request: web.Request, _handler: Handler, fault: Fault) -> web.StreamResponse:
    headers = {} if fault.retry_after_seconds is None else {"Retry-After": str(fault.retry_after_seconds)}
    return respond({"message": "A fault is armed."}, HTTPStatus(fault.status), headers)


async def _delay(request: web.Request, handler: Handler, fault: Fault) -> web.StreamResponse:
    await asyncio.sleep(fault.delay_seconds)
    return await handler(request)


async def _reset(request: web.Request, _handler: Handler, _fault: Fault) -> web.StreamResponse:
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    return _drop(request)


def _drop(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return NoAnswer()


async def _hang(request: web.Request, _handler: Handler, _fault: Fault) -> web.StreamResponse:
    """Keep the connection open until the client gives up or the sandbox stops."""
    closing = request.app[CLOSING]
    while request.transport is not None and not closing.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(closing.wait(), _LOOK_SECONDS)
    return _drop(request)


async def _answer_garbage(_request: web.Request, _handler: Handler, _fault: Fault) -> web.StreamResponse:
    return web.Response(body=_GARBAGE, content_type="application/json")


async def _answer_oversize(request: web.Request, _handler: Handler, fault: Fault) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
    try:
        await answer.prepare(request)
        await answer.write(b'{"body": "')
        for _ in range(0, fault.size_bytes, len(_CHUNK)):
            await answer.write(_CHUNK)
        await answer.write(b'"}')
    except ConnectionError:  # the client has had enough: that is what this fault is for
        return NoAnswer()
    return answer


async def _accept_then_drop(request: web.Request, handler: Handler, _fault: Fault) -> web.StreamResponse:
    await handler(request)
    return _drop(request)


async def _accept_then_hang(request: web.Request, handler: Handler, fault: Fault) -> web.StreamResponse:
    await handler(request)
    return await _hang(request, handler, fault)


_Act = Callable[[web.Request, Handler, Fault], Awaitable[web.StreamResponse]]

ACT_BY_KIND: Final[dict[Kind, _Act]] = {
    Kind.STATUS: _answer_status,
    Kind.DELAY: _delay,
    Kind.RESET: _reset,
    Kind.HANG: _hang,
    Kind.GARBAGE: _answer_garbage,
    Kind.OVERSIZE: _answer_oversize,
    Kind.ACCEPT_THEN_DROP: _accept_then_drop,
    Kind.ACCEPT_THEN_HANG: _accept_then_hang,
}
