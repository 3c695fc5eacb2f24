"""The SQL files themselves: all of them used, none of them slow in a large store, migrations in order."""

import re
import sqlite3
from pathlib import Path

import pytest

from adapters.store import operations, sql_store
from adapters.store.statements import Dialect, Migration, choose_migrations, load_migrations, load_statements
from gateway.domain.errors import ConfigurationError

STATEMENTS = load_statements(Dialect.SQLITE)
# One row for the store, a few for accounts; an index that holds only what waits is as short as what waits.
MAY_BE_SCANNED = re.compile(
    r"SCAN (store|accounts|json_each .*|reports USING INDEX reports_waiting|.* forwards_dead)"
)


@pytest.fixture
def schema() -> sqlite3.Connection:
    """An empty database with the newest schema."""
    connection = sqlite3.connect(":memory:")
    for migration in load_migrations(Dialect.SQLITE):
        connection.executescript(migration.script)
    return connection


LINES = {"prepare_lines", "write_lines"}  # tests/unit/store/test_lines.py


@pytest.mark.parametrize("name", STATEMENTS.keys() - LINES)
def test_a_statement_goes_over_an_index_and_never_through_a_whole_table(
    name: str, schema: sqlite3.Connection
) -> None:
    text = STATEMENTS[name]
    arguments = [None] * len(set(re.findall(r"\?(\d+)", text)))
    plan = [row[3] for row in schema.execute(f"EXPLAIN QUERY PLAN {text}", arguments)]
    assert [step for step in plan if step.startswith("SCAN") and not MAY_BE_SCANNED.fullmatch(step)] == []


def test_every_file_is_used_and_every_name_has_a_file() -> None:
    files = [*Path(operations.__path__[0]).glob("*.py"), Path(sql_store.__file__)]
    sources = [path.read_text() for path in files]
    named = {
        name for source in sources for name in re.findall(r'(?:query|Bulk|_find_old|_look_up)\(\s*"(\w+)"', source)
    }
    assert named | LINES == set(STATEMENTS)


def test_both_databases_have_the_same_migrations() -> None:
    numbers = [[migration.number for migration in load_migrations(dialect)] for dialect in Dialect]
    assert numbers[0] == numbers[1] == list(range(1, len(numbers[0]) + 1))


def test_only_the_migrations_that_are_missing_are_chosen() -> None:
    known = [Migration(number=number, script="") for number in (1, 2, 3)]
    assert [migration.number for migration in choose_migrations(known, applied=1, where="x")] == [2, 3]
    assert choose_migrations(known, applied=3, where="x") == []
    with pytest.raises(ConfigurationError):
        choose_migrations(known, applied=4, where="x")
