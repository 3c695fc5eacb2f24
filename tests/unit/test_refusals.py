"""How a command refuses an address that cannot be listened on."""

import socket

import click
import pytest
from click.testing import CliRunner

from gateway.cli import smsgw
from gateway.commands.refusals import explained_port

REFUSED_PORTS = [
    (("demo", "--port", "99999"), "'--port': 99999 is not in the range"),
    (("demo", "--port", "0"), "'--port': 0 is not in the range"),
    (("demo", "--sandbox-port", "0"), "'--sandbox-port': 0 is not in the range"),
    (("sandbox", "--port", "99999"), "'--port': 99999 is not in the range"),
]


@pytest.mark.parametrize(("arguments", "told"), REFUSED_PORTS)
def test_a_port_that_there_is_not_is_refused(arguments: tuple[str, ...], told: str) -> None:
    refused = CliRunner().invoke(smsgw, arguments)
    assert refused.exit_code == 2
    assert told in refused.stderr


@pytest.mark.parametrize("reason", [socket.EAI_NONAME, socket.EAI_AGAIN])
def test_a_host_name_that_cannot_be_looked_up_is_explained(reason: int) -> None:
    told = r"cannot listen there: .* that host.*; choose another with --host"
    with pytest.raises(click.ClickException, match=told), explained_port("with --host or --port"):
        raise socket.gaierror(reason, "in the resolver's words")
