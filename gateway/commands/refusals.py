"""How a command refuses: what is wrong and what to do next, on standard error, without a traceback."""

import errno
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from gateway.domain.errors import ConfigurationError, GatewayError

EXIT_UNUSABLE = 2  # as for a wrong option


class Unusable(click.ClickException):
    """The configuration or the command line cannot be used."""

    exit_code = EXIT_UNUSABLE

    def __init__(self, error: ConfigurationError) -> None:
        super().__init__("\n  ".join(["this cannot be used:", *error.problems]))


class RefusingGroup(click.Group):
    """A group of commands whose errors are answered in words."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was given."""
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            raise Unusable(error) from error
        except GatewayError as error:
            raise click.ClickException(str(error)) from error


@contextmanager
def explained_port(how_to_choose: str) -> Iterator[None]:
    """Say which address is not to be had; `how_to_choose` finishes "choose another ..."."""
    try:
        yield
    except OSError as error:
        words = _WORDS_BY_ERRNO.get(error.errno or 0)
        if words is None:
            raise
        where = _ADDRESS.search(error.strerror or "")
        place = f"on {where['host']}:{where['port']}" if where else "there"
        raise click.ClickException(f"cannot listen {place}: {words}; choose another {how_to_choose}") from error


# In asyncio's words: error while attempting to bind on address ('127.0.0.1', 8080): address already in use
_ADDRESS = re.compile(r"\('(?P<host>[^']*)', (?P<port>\d+)")

_WORDS_BY_ERRNO = {
    errno.EADDRINUSE: "another program uses that port",
    errno.EACCES: "ports below 1024 are for root alone",
    errno.EADDRNOTAVAIL: "this machine has no such address",
    socket.EAI_NONAME: "no machine has the name of that host",
    socket.EAI_AGAIN: "the name of that host cannot be looked up now",
}
