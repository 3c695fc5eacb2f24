"""Runs every client and writes docs/compatibility.md: `make conformance`."""

import sys
import tempfile
from pathlib import Path

from tests.conformance import compatibility
from tests.conformance.clients import CLIENTS, Client
from tests.conformance.exchange import CONFIGURATION, find_problems, read_version
from tests.processes import ProcessSystem, running_processes


def main() -> None:
    """Exit status 1 where anything is wrong; the page then says what."""
    with (
        tempfile.TemporaryDirectory() as system_directory,
        tempfile.TemporaryDirectory() as built,
        running_processes(Path(system_directory), more=CONFIGURATION) as system,
    ):
        rows = [try_client(client, system, Path(built)) for client in CLIENTS]
    compatibility.PAGE.write_text(compatibility.render(rows), encoding="utf-8")
    sys.exit(any(row.result != compatibility.RIGHT for row in rows))


def try_client(client: Client, system: ProcessSystem, built: Path) -> compatibility.Row:
    """Run one client and say how it went."""
    try:
        result = "; ".join(find_problems(client, system, built)) or compatibility.RIGHT
    except AssertionError as error:
        result = str(error).splitlines()[0]
        print(error, file=sys.stderr)
    print(f"{client.id}: {result}", flush=True)
    return compatibility.Row(
        interface=client.interface,
        client=client.library.name,
        version=read_version(client, built),
        way=client.way,
        result=result,
    )


if __name__ == "__main__":
    main()
