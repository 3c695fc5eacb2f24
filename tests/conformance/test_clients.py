"""Every client reads what it read from the old service, and its texts arrive unchanged, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance import compatibility
from tests.conformance.clients import CLIENTS, Client
from tests.conformance.exchange import CONFIGURATION, find_problems
from tests.processes import ProcessSystem, running_processes


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessSystem]:
    with running_processes(tmp_path_factory.mktemp("system"), more=CONFIGURATION) as running:
        yield running


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
def test_the_client_sends_and_reads_as_ever(client: Client, system: ProcessSystem, tmp_path: Path) -> None:
    assert find_problems(client, system, tmp_path) == []


def test_the_compatibility_table_names_exactly_these_clients() -> None:
    assert compatibility.PAGE.is_file(), "write it with: make conformance"
    written = list(compatibility.parse_rows(compatibility.PAGE.read_text(encoding="utf-8")))
    assert [(row.interface, row.client, row.way) for row in written] == [
        (client.interface, client.library.name, client.way) for client in CLIENTS
    ]
    assert {row.result for row in written} == {compatibility.RIGHT}, "write it again with: make conformance"
