"""A gateway and its sandbox as processes of their own, and what they print."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tests.system import ACCOUNT, API_KEY, TOKEN, choose_port, write_config

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A running program; what it prints, errors too, goes to the file `output`."""

    process: subprocess.Popen[bytes]
    output: Path

    def printed(self) -> str:
        """All that it has printed so far."""
        return self.output.read_text(encoding="utf-8")

    def wait_until_printed(self, text: str) -> str:
        """All that it has printed, once `text` is among it."""
        self.wait_until(lambda: text in self.printed(), f"it prints {text!r}")
        return self.printed()

    def wait_until_answering(self, url: str) -> None:
        """Return once a GET is answered 200."""
        self.wait_until(lambda: _answers(url), f"{url} answers")

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Return once the condition holds; fail where the program ends before."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert self.process.poll() is None, f"it ended before {what}:\n{self.printed()}"
            assert time.monotonic() < deadline, f"waited in vain until {what}:\n{self.printed()}"
            time.sleep(0.02)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and give the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSystem:
    """Where the two are."""

    url: str
    sandbox_url: str
    gateway: Program
    sandbox: Program

    def received(self) -> list[dict[str, Any]]:
        """The bodies of every `POST /v2/batches` that reached v2, oldest first."""
        return fetch_batches(self.sandbox_url)


def fetch_batches(sandbox_url: str) -> list[dict[str, Any]]:
    """The bodies of every `POST /v2/batches` that reached a sandbox, oldest first."""
    with urlopen(f"{sandbox_url}/sandbox/requests") as answer:
        requests = json.load(answer)
    return [request["body"] for request in requests if request["path"] == "/v2/batches"]


def smsgw(*arguments: str) -> tuple[str, ...]:
    """The command line of `smsgw`, in the environment that runs the tests."""
    return (sys.executable, "-m", "gateway", *arguments)


@contextmanager
def running(
    *command: str, directory: Path, name: str, environ: Mapping[str, str] | None = None
) -> Iterator[Program]:
    """A program in a directory until the context ends, killed there if it has not ended before."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("SMSGW_")}
    output = directory / f"{name}.output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env={**inherited, **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Program(process=process, output=output)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(PATIENCE_SECONDS)


@contextmanager
def running_processes(directory: Path, *, more: str = "") -> Iterator[ProcessSystem]:
    """`smsgw sandbox` and `smsgw serve` with one account; `more` as for `write_config`."""
    port, sandbox_port = choose_port(), choose_port()
    path = write_config(directory, port=port, sandbox_port=sandbox_port, more=more)
    add_account(path)
    url, sandbox_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
    sandbox_command = smsgw("sandbox", "--port", str(sandbox_port), "--tempo", "0")
    with (
        running(*sandbox_command, directory=directory, name="sandbox") as sandbox,
        running(*smsgw("serve", "--config", str(path)), directory=directory, name="gateway") as gateway,
    ):
        sandbox.wait_until_answering(f"{sandbox_url}/sandbox/")
        gateway.wait_until_answering(f"{url}/healthz")
        yield ProcessSystem(url=url, sandbox_url=sandbox_url, gateway=gateway, sandbox=sandbox)


def add_account(config: Path) -> None:
    """`smsgw accounts add`, for the account of tests/system.py."""
    command = smsgw("accounts", "add", ACCOUNT, "--config", str(config), "--api-key-file", "-", "--token-file", "-")
    secrets = f"{API_KEY}\n{TOKEN}\n".encode()
    subprocess.run(command, cwd=config.parent, input=secrets, capture_output=True, check=True)


def _answers(url: str) -> bool:
    try:
        with urlopen(url):
            return True
    except URLError:
        return False
