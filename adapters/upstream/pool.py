"""The connections to v2: as many as are allowed, opened when they are needed and kept for the next request."""

import asyncio
import ssl
from collections import deque
from collections.abc import Sequence
from functools import partial
from socket import SOCK_STREAM
from typing import Final

from aiohappyeyeballs import AddrInfoType, start_connection
from yarl import URL

from adapters.errors import translated
from adapters.upstream.connection import Answer, Connection
from adapters.upstream.settings import UpstreamSettings
from gateway.domain.errors import UpstreamUnavailable

_IDLE_SECONDS: Final = 15.0  # well below what servers and firewalls allow: a POST on a dead connection is in doubt
_NAME_SECONDS: Final = 10.0  # how long a looked-up name is taken for known: a burst of new connections asks once
_NEXT_ADDRESS_SECONDS: Final = 0.25  # RFC 8305 5: then another address of the same name is tried beside the first

_NOTHING_WAS_SENT: Final = translated(
    {
        TimeoutError: partial(UpstreamUnavailable, "no connection to v2 in time"),
        OSError: partial(UpstreamUnavailable, "no connection to v2"),
        UnicodeError: partial(UpstreamUnavailable, "v2's address is no host name"),
    }
)


class Pool:
    """At most `pool_size` connections to one origin, until it is closed."""

    def __init__(self, origin: URL, settings: UpstreamSettings) -> None:
        self._origin = origin
        self._settings = settings
        self._tls = _make_tls() if origin.scheme == "https" else None
        self._addresses: Sequence[AddrInfoType] = ()
        self._addresses_until = 0.0
        self._looking_up = asyncio.Lock()
        self._open: set[Connection] = set()
        self._free: list[Connection | None] = [None] * settings.pool_size  # None: nobody has been there yet
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()  # those who are gone are done

    def close(self) -> None:
        """End every connection; answers that are still awaited are lost."""
        for connection in tuple(self._open):
            connection.close()

    async def ask(self, request: bytes, *, seconds: float) -> Answer:
        """Write a request once. Raises UpstreamUnavailable where it was not written, AnswerLost where it was."""
        now = asyncio.get_running_loop().time()
        connection = await self._take(now, seconds / 2)
        try:
            return await connection.ask(request, now + seconds)
        finally:
            self._give_back(connection)

    async def _take(self, now: float, seconds: float) -> Connection:
        """A connection of one's own: the one that was used last, or a new one."""
        if self._free:
            kept = self._free.pop()
        else:
            kept = await self._wait_for_place(now + min(seconds, self._settings.pool_timeout_seconds))
        if kept is not None and kept.is_usable(_IDLE_SECONDS):
            return kept
        try:
            return await self._connect(now + seconds)
        except BaseException:
            self._give_back(None)
            raise
        finally:
            if kept is not None:
                kept.close()

    async def _wait_for_place(self, until: float) -> Connection | None:
        given: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(given)
        try:
            with _NOTHING_WAS_SENT:
                async with asyncio.timeout_at(until):
                    return await given
        except BaseException:
            if given.done() and not given.cancelled():  # it was given in the moment that nobody waited any more
                self._give_back(given.result())
            raise

    def _give_back(self, place: Connection | None) -> None:
        """Let who has waited longest have it."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(place)
                return
        self._free.append(place)

    async def _connect(self, until: float) -> Connection:
        """A new connection, by that moment of the loop; name look-up and TLS take their time of it."""
        loop = asyncio.get_running_loop()
        with _NOTHING_WAS_SENT:
            async with asyncio.timeout_at(min(until, loop.time() + self._settings.connect_timeout_seconds)):
                connection = await self._open_one(loop)
                self._open.add(connection)
                if not connection.is_usable(_IDLE_SECONDS):
                    raise ConnectionResetError("v2 ended the connection at once")
                return connection

    async def _open_one(self, loop: asyncio.AbstractEventLoop) -> Connection:
        host = self._origin.raw_host
        addresses = await self._look_up(loop)
        socket = await start_connection(addresses, happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS, loop=loop)
        _, connection = await loop.create_connection(
            partial(Connection, self._settings.max_answer_bytes, self._open.discard),
            sock=socket,
            ssl=self._tls,
            server_hostname=host if self._tls else None,
        )
        return connection

    async def _look_up(self, loop: asyncio.AbstractEventLoop) -> Sequence[AddrInfoType]:
        async with self._looking_up:
            if loop.time() >= self._addresses_until:
                origin = self._origin
                self._addresses = await loop.getaddrinfo(origin.raw_host, origin.port, type=SOCK_STREAM)
                self._addresses_until = loop.time() + _NAME_SECONDS
            return self._addresses


def _make_tls() -> ssl.SSLContext:
    """The system's certificates, and a name that must fit."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
