"""What every client is asked to do, and whether it read, and v2 received, what it should."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.sms import Interface
from tests.conformance.clients import CLIENTS, FOLDER, Client
from tests.processes import PATIENCE_SECONDS, ProcessSystem
from tests.system import ACCOUNT

TEXTS = (
    "Räksmörgås & blåbär åt Åsa, Örjan och Ärla: 1 < 2",
    "Det kostar 100 €",
    "Grattis \N{PARTY POPPER} på dagen",
    ("Fyrahundra tecken går åt på två öar. " * 11)[:400],
)
WRONG_CREDENTIALS = {Interface.SOAP: "101", Interface.ASPX: "101", Interface.REST: "401"}
FIRST_POSSIBLE_ID = 1000

# Everything is sent by one account within seconds, and one call of each client has a wrong key.
CONFIGURATION = "[credentials]\nwrong_keys_per_minute = 6000.0\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a client read from an answer; `status` where it looks at the HTTP status."""

    call: str
    text: str
    status: int | None

    @property
    def is_id(self) -> bool:
        """Whether a program takes it for the id of a message."""
        return self.text.isdigit() and int(self.text) >= FIRST_POSSIBLE_ID and self.status in (None, 201)


def find_problems(client: Client, system: ProcessSystem, built: Path) -> list[str]:
    """Run a client; nothing where all is well. Fails where a tool is missing."""
    recipient = f"467010{CLIENTS.index(client):05}"
    command = [*_fill(client.command, built), system.url, ACCOUNT, client.key, recipient, *TEXTS]
    if client.library.build:
        _run(["sh", client.library.build, str(built), system.url])
    printed = _run(command)
    readings = [_parse_reading(line) for line in printed.splitlines()]
    received = [batch["body"] for batch in system.received() if batch["recipients"] == [recipient]]
    return [*_misread(client, readings), *_missent(received)]


def read_version(client: Client, built: Path) -> str:
    """The version of what calls."""
    return _run(_fill(client.library.version, built)).strip().removeprefix("v")


def _misread(client: Client, readings: list[Reading]) -> Iterator[str]:
    by_call = {
        call: [reading for reading in readings if reading.call == call] for call in ("balans", "sms", "wrong")
    }
    sent, refused = by_call["sms"], by_call["wrong"]
    if client.interface is Interface.SOAP and not _is_balance(by_call["balans"]):
        yield f"the balance read is {by_call['balans']}"
    if len({reading.text for reading in sent if reading.is_id}) != len(TEXTS):
        yield f"the ids read are {sent}"
    told = [str(reading.status) if client.interface is Interface.REST else reading.text for reading in refused]
    if told != [WRONG_CREDENTIALS[client.interface]]:
        yield f"wrong credentials are read as {refused}"


def _is_balance(readings: list[Reading]) -> bool:
    return len(readings) == 1 and readings[0].text.replace(".", "", 1).isdigit() and float(readings[0].text) > 1000


def _missent(received: list[str]) -> Iterator[str]:
    if received != list(TEXTS):
        yield f"v2 received {received}"


def _fill(command: tuple[str, ...], built: Path) -> list[str]:
    return [part.replace("{built}", str(built)).replace("{python}", sys.executable) for part in command]


def _parse_reading(line: str) -> Reading:
    document = json.loads(line)
    return Reading(call=document["call"], text=document["read"], status=document.get("status"))


def _run(command: list[str]) -> str:
    """What a program prints. Its errors are part of the failure."""
    done = subprocess.run(
        command,
        cwd=FOLDER,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, (
        f"{command[0]} {command[1]} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    )
    return done.stdout
