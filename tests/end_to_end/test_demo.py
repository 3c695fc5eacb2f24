"""`smsgw demo` as a newcomer meets it: what it prints is pasted, and what it promises is checked."""

import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.processes import (
    PATIENCE_SECONDS,
    ProcessSystem,
    Program,
    add_account,
    fetch_batches,
    running,
    running_processes,
    smsgw,
)
from tests.system import choose_port

TEXTS = {"Hej från 1999", "Hej från 2013", "Hej från 2009", "Hej från PHP"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    program: Program
    port: int
    sandbox_port: int

    def paste(self, beginning: str) -> str:
        """Run the printed command that begins so, to the end of its paragraph, and give what it prints."""
        command = re.search(
            rf"^{re.escape(beginning)}.*?(?=\n\n)", self.program.printed(), re.MULTILINE | re.DOTALL
        )
        assert command is not None, self.program.printed()
        return paste(command[0])

    def wait_for_line(self, pattern: str) -> None:
        line = re.compile(pattern)
        self.program.wait_until(
            lambda: any(map(line.fullmatch, self.program.printed().splitlines())), f"it prints {pattern}"
        )


def paste(command: str) -> str:
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    directory = tmp_path_factory.mktemp("demo")
    port, sandbox_port = choose_port(), choose_port()
    command = smsgw("demo", "--port", str(port), "--sandbox-port", str(sandbox_port), "--data", "data")
    with running(*command, directory=directory, name="demo") as program:
        program.wait_until_printed("Ctrl-C stops both.")
        yield Demo(program=program, port=port, sandbox_port=sandbox_port)


def test_the_printed_calls_are_answered_and_shown_as_they_go_through(demo: Demo) -> None:
    ids = [
        demo.paste("curl 'http"),
        str(json.loads(demo.paste("curl -u"))[0]["BundleID"]),
        *re.findall(r"<smsResult>(\d+)</smsResult>", demo.paste("curl -H")),
        demo.paste("php -r").removeprefix("Result of SMS: ").strip(),
    ]
    assert len({id_ for id_ in ids if id_.isdigit() and int(id_) > 1000}) == len(ids) == 4
    for id_, interface in zip(ids, ("aspx", "rest", "soap", "soap"), strict=True):
        demo.wait_for_line(rf"\d\d:\d\d:\d\d  {interface} +{id_}  to …\d\d\d.*accepted ?")
    assert {batch["body"] for batch in fetch_batches(f"http://127.0.0.1:{demo.sandbox_port}")} == TEXTS


def test_a_line_is_shown_when_a_status_changes(demo: Demo) -> None:
    id_ = demo.paste("curl 'http")
    demo.wait_for_line(rf".*  {id_}  \d\d\d [A-Z][A-Za-z]+")


def test_the_printed_way_to_make_v2_misbehave_works(demo: Demo) -> None:
    command = re.search(r"Make v2 misbehave: +(curl .*)", demo.program.printed())
    assert command is not None
    assert json.loads(paste(command[1]))[0]["status"] == 503
    assert demo.paste("curl 'http").isdigit()


def test_the_printed_addresses_are_there(demo: Demo) -> None:
    named = re.search(r"^A page for browsers.*?\nMake", demo.program.printed(), re.MULTILINE | re.DOTALL)
    assert named is not None
    addresses = re.findall(r"http://\S+", named[0])
    assert len(addresses) == 4
    for address in addresses:
        with urlopen(address) as answer:
            assert answer.status == 200


def test_without_a_terminal_the_lines_are_plain(demo: Demo) -> None:
    printed = demo.program.printed()
    assert "\x1b" not in printed
    assert all(line == line.rstrip("\r") for line in printed.split("\n"))


def test_ctrl_c_stops_gateway_and_sandbox(tmp_path: Path) -> None:
    port, sandbox_port = choose_port(), choose_port()
    command = smsgw("demo", "--port", str(port), "--sandbox-port", str(sandbox_port))
    with running(*command, directory=tmp_path, name="demo") as program:
        program.wait_until_printed("Ctrl-C stops both.")
        assert program.stop(signal.SIGINT) == 0
        assert program.printed().endswith("Stopping.\n")
    for freed in (port, sandbox_port):
        socket.create_server(("127.0.0.1", freed)).close()


def test_the_printed_configuration_does_the_same(tmp_path: Path) -> None:
    port, sandbox_port = choose_port(), choose_port()
    options = ("--port", str(port), "--sandbox-port", str(sandbox_port))
    config = tmp_path / "smsgw.toml"
    config.write_text(run(tmp_path, "demo", *options, "--print-config"), encoding="utf-8")
    assert "The configuration can be used." in run(tmp_path, "check-config")
    add_account(config)
    sandbox_command = smsgw("sandbox", "--port", str(sandbox_port))
    with (
        running(*sandbox_command, directory=tmp_path, name="sandbox") as sandbox,
        running(*smsgw("serve"), directory=tmp_path, name="gateway") as gateway,
    ):
        sandbox.wait_until_answering(f"http://127.0.0.1:{sandbox_port}/sandbox/")
        gateway.wait_until_answering(f"http://127.0.0.1:{port}/readyz")
        assert int(send(f"http://127.0.0.1:{port}", "Hej")) > 1000
        assert gateway.stop(signal.SIGINT) == 0
        assert sandbox.stop(signal.SIGINT) == 0


def run(directory: Path, *arguments: str) -> str:
    done = subprocess.run(
        smsgw(*arguments),
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def send(url: str, text: str) -> str:
    with urlopen(f"{url}/sendsms.aspx?acc=ip1-12345&pass=demo-key&from=iP1&to=46712345678&msg={text}") as answer:
        return str(answer.read().decode())


@pytest.fixture
def system(tmp_path: Path) -> Iterator[ProcessSystem]:
    with running_processes(tmp_path) as running_system:
        yield running_system


def test_a_call_in_flight_is_finished_when_the_gateway_is_told_to_stop(system: ProcessSystem) -> None:
    slow = json.dumps({"kind": "delay", "delay_seconds": 1.5, "count": 1, "path": "/v2/batches"}).encode()
    urlopen(Request(f"{system.sandbox_url}/sandbox/faults", slow, method="PUT")).close()
    with ThreadPoolExecutor() as callers:
        call = callers.submit(send, system.url, "in+flight")
        system.sandbox.wait_until(lambda: bool(system.received()), "v2 has the call")
        assert not call.done()
        assert system.gateway.stop(signal.SIGTERM) == 0
        assert int(call.result(PATIENCE_SECONDS)) > 1000
    assert [batch["body"] for batch in system.received()] == ["in flight"]


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_refused_in_words(command: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        options = ("--port", port, "--sandbox-port", str(choose_port())) if command == "demo" else ()
        environ = {"SMSGW_LISTEN__HOST": "127.0.0.1", "SMSGW_LISTEN__PORT": port} if command == "serve" else {}
        with running(*smsgw(command, *options), directory=tmp_path, name=command, environ=environ) as program:
            assert program.process.wait(PATIENCE_SECONDS) == 1
            refused = program.printed()
    assert f"cannot listen on 127.0.0.1:{port}: another program uses that port; choose another" in refused
    assert "Traceback" not in refused
