"""Operations side by side: where several come to the same statement, it runs once for all of them.

Every step of a statement lets go of the interpreter's lock, and then waits until the event loop lets go of it. For
a group of many messages that wait was most of what it cost. A statement in sql/together has its rows in one JSON
text, and takes all of them in one step.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adapters.store.sqlite_connection import run_step
from adapters.store.statements import Bulk, Operation, Query, Row, Statements


def drive_together(
    operations: Sequence[Operation[Any]], connection: sqlite3.Connection, statements: Statements
) -> list[Any]:
    """Run operations that touch no other's rows; their results, in order."""
    under_way = [_UnderWay(operation) for operation in operations]
    while waiting := [one for one in under_way if one.step is not None]:
        for name, members in _by_statement(waiting).items():
            found = _run(name, [one.step for one in members if one.step is not None], connection, statements)
            for one, rows in zip(members, found, strict=True):
                one.go_on(rows)
    return [one.value for one in under_way]


class _UnderWay:
    """An operation, and the step it waits for; None where it has ended with its value."""

    __slots__ = ("_operation", "step", "value")

    def __init__(self, operation: Operation[Any]) -> None:
        self._operation = operation
        self.step: Query | Bulk | None = None
        self.value: Any = None
        self.go_on(None)

    def go_on(self, rows: list[Row] | None) -> None:
        try:
            self.step = next(self._operation) if rows is None else self._operation.send(rows)
        except StopIteration as end:
            self.step, self.value = None, end.value


def _by_statement(waiting: Sequence[_UnderWay]) -> Mapping[str, list[_UnderWay]]:
    members_by_name: dict[str, list[_UnderWay]] = {}
    for one in waiting:
        if one.step is not None:
            members_by_name.setdefault(one.step.name, []).append(one)
    return members_by_name


def _run(
    name: str, steps: Sequence[Query | Bulk], connection: sqlite3.Connection, statements: Statements
) -> list[list[Row]]:
    """What each step returns. Rows belong to the step whose argument they begin with."""
    rows_by_step = [step.rows if isinstance(step, Bulk) else (step.args,) for step in steps]
    rows = [row for of_step in rows_by_step for row in of_step]
    text = statements.together.get(name)
    if text is None or len(rows) == 1 or len({row[0] for row in rows}) < len(rows):
        return [run_step(step, connection, statements) for step in steps]
    found = connection.execute(text, (msgspec.json.encode(rows).decode(),)).fetchall()
    row_by_key = {row[0]: row for row in found}
    return [[row_by_key[row[0]] for row in of_step if row[0] in row_by_key] for of_step in rows_by_step]
