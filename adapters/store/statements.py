"""The SQL files: each statement by the name of its file, in the words of one database.

A statement is written once, in PostgreSQL's words. SQLite's differ in three places, and `SQLITE_WORDS` is all that
is done about it. How many rows of several tables are written in one step has nothing in common, so each database
has its own words for that, as it has its own migrations.
"""

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any, NamedTuple, TypeVar

from gateway.domain.errors import ConfigurationError

T = TypeVar("T")
Row = tuple[Any, ...]


class Query(NamedTuple):
    """One statement to run, with its arguments in order."""

    name: str
    args: Row


class Bulk(NamedTuple):
    """One statement to run for every row of arguments; it returns nothing."""

    name: str
    rows: Sequence[Row]


Operation = Generator[Query | Bulk, list[Row], T]
"""What the store does in one transaction: yields statements, is sent their rows, returns a result."""


def query(name: str, *args: Any) -> Query:
    """The statement in `sql/<name>.sql` with its arguments."""
    return Query(name, args)


class Dialect(StrEnum):
    """Whose words a statement is in."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


SQLITE_WORDS = (
    # An array argument arrives as a JSON text.
    (re.compile(r"= ANY\(\$(\d+)::\w+\[\]\)"), r"IN (SELECT value FROM json_each(?\1))"),
    (re.compile(r"\$(\d+)"), r"?\1"),
    # There is one writer: nobody else can hold a row.
    (re.compile(r"\s+FOR UPDATE( OF \w+)?( SKIP LOCKED)?"), ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step of the schema; numbers ascend from 1 without a gap."""

    number: int
    script: str


def load_statements(dialect: Dialect) -> Mapping[str, str]:
    """Every statement by name: those that all databases share, and a database's own."""
    shared = {name: _spoken(text, dialect) for name, text in _read_folder("sql").items()}
    return {**shared, **_read_folder(f"sql/{dialect}")}


def _read_folder(path: str) -> Mapping[str, str]:
    return {
        entry.name.removesuffix(".sql"): entry.read_text("utf-8")
        for entry in (files(__package__) / path).iterdir()
        if entry.name.endswith(".sql")
    }


def _spoken(text: str, dialect: Dialect) -> str:
    if dialect is Dialect.SQLITE:
        for pattern, words in SQLITE_WORDS:
            text = pattern.sub(words, text)
    return text


def load_migrations(dialect: Dialect) -> Sequence[Migration]:
    """Every migration of a database, in order."""
    folder = files(__package__) / "sql" / "migrations" / dialect
    scripts = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda e: e.name)
    return [Migration(number=int(script.name[:3]), script=script.read_text("utf-8")) for script in scripts]


def choose_migrations(migrations: Sequence[Migration], *, applied: int, where: str) -> Sequence[Migration]:
    """Those still to be applied after number `applied`. Raises ConfigurationError where the code is too old."""
    newest = migrations[-1].number
    if applied > newest:
        problem = f"the schema of {where} has number {applied}, this program knows up to {newest}"
        raise ConfigurationError([f"store: {problem}; start the newer version that made it"])
    return [migration for migration in migrations if migration.number > applied]
