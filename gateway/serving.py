"""Serving applications on sockets until the process is told to stop; what is in flight then finishes."""

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import structlog
import uvloop
from aiohttp import web

from adapters.malformed import malformed_answers
from adapters.server import CallerRunner
from gateway.bootstrap import build_app
from gateway.config import Config
from gateway.config.addresses import ListenAddress
from gateway.domain.errors import BadParameter
from gateway.domain.status import SEND_ROW_BY_ERROR

GARBAGE_OBJECTS = 50_000  # new objects between two looks for cycles; 500 calls in flight hold as many
# The store's thread asks for the interpreter twice a group, and a busy event loop lets it wait so long. With
# Python's own 5 ms the slowest hundredth of the calls took 8 to 34 ms at half the maximum rate, with this 4 to 14.
SWITCH_SECONDS = 0.001
_BAD_PARAMETER = SEND_ROW_BY_ERROR[BadParameter]

log = structlog.get_logger()


def run_until_stopped(work: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> None:
    """Run `work` on uvloop; the event it is given is set by SIGINT (Ctrl-C) and SIGTERM."""

    async def main() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
        await work(stopped)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def run(config: Config) -> None:
    """`smsgw serve`: a gateway until it is stopped. Raises ConfigurationError."""
    run_until_stopped(lambda stopped: serve_until(stopped, config))


async def serve_until(stopped: asyncio.Event, config: Config, *, worker: int | None = None) -> None:
    """A gateway until `stopped` is set; `worker` is its number where it is one of several."""
    async with serve_gateway(config, worker=worker):
        _calm_collector()
        sys.setswitchinterval(SWITCH_SECONDS)
        await stopped.wait()
        log.info("stopping", grace_seconds=config.listen.shutdown_grace_seconds)


def _calm_collector() -> None:
    """Let the garbage collector pass over what stays as long as the process, and look for cycles less often.

    By default it looks after every 700 new objects, which a few calls make: a tenth of what a call cost. Calls and
    connections leave no cycles behind; a look finds the calls in flight, and holds them all up.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS)


@asynccontextmanager
async def serve_gateway(config: Config, *, worker: int | None = None) -> AsyncIterator[int]:
    """A gateway on its sockets; gives the port that callers reach. Leaving it waits for the calls in flight."""
    async with (
        build_app(config, worker=worker) as gateway,
        _listening(gateway.app, config, config.listen_address) as port,
    ):
        if gateway.admin_app is gateway.app or config.admin_address is None:
            log.info("ready", port=port)
            yield port
            return
        async with _listening(gateway.admin_app, config, config.admin_address) as admin_port:
            log.info("ready", port=port, admin_port=admin_port)
            yield port


@asynccontextmanager
async def _listening(app: web.Application, config: Config, address: ListenAddress) -> AsyncIterator[int]:
    listen = config.listen
    runner = CallerRunner(
        app,
        receive_timeout_seconds=listen.receive_timeout_seconds,
        answer_malformed=malformed_answers(bad_parameter_code=config.status_tables.send[_BAD_PARAMETER].soap),
        keepalive_timeout=listen.keepalive_timeout_seconds,
        max_line_size=listen.max_line_bytes,
        max_field_size=listen.max_line_bytes,
        shutdown_timeout=listen.shutdown_grace_seconds,
    )
    async with listening(runner, address, shared=listen.workers > 1) as port:
        yield port


@asynccontextmanager
async def listening(runner: web.AppRunner, address: ListenAddress, *, shared: bool = False) -> AsyncIterator[int]:
    """An application on a socket; gives the port. `shared`: other processes listen on it too.

    Raises OSError where it is taken.
    """
    await runner.setup()
    try:
        await web.TCPSite(runner, address.host, address.port, reuse_port=shared or None).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
