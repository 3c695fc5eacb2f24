"""What is written with every message, by all callers of a moment together, and the callers that wait for it."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

import msgspec

from adapters.store.statements import Operation, Row, T
from gateway.domain.errors import StoreUnavailable

GROUP_MAX_OPERATIONS = 500

OnCommit = Callable[[int, float], None]
"""Is told of every commit: how many operations it held, and the seconds it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Generic[T]):
    """A kind of write; both functions take the same arguments.

    `begin` is the operation, which is right in any case. `add_lines`, where there is such a thing, adds what it
    comes to where nobody was faster to the lines that one statement puts on disk, and gives the result then.
    """

    begin: Callable[..., Operation[T]]
    add_lines: Callable[..., T] | None = None


Job = tuple[asyncio.Future[Any], Write[Any], tuple[Any, ...]]
"""Who waits, for what, and its arguments."""

Results = dict[asyncio.Future[Any], Any]
"""What each of those who wait gets: a value, or the error to raise."""


class Groups(ABC):
    """Gathers what is written in one turn of the event loop, and hands it over to be committed."""

    def __init__(self, on_commit: OnCommit | None) -> None:
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._gathered: list[Job] = []
        self._closed = False

    def submit(self, write: Write[T], *args: Any) -> asyncio.Future[T]:
        """Put a write into the next group; the future is done once it is on disk. Raises StoreUnavailable."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        waiting: asyncio.Future[T] = self._loop.create_future()
        if not self._gathered:
            self._loop.call_soon(self._hand_over)
        self._gathered.append((waiting, write, args))
        return waiting

    @abstractmethod
    async def close(self) -> None:
        """Commit what has been submitted, and take no more."""

    @abstractmethod
    def _hand_over(self) -> None:
        """See to it that what has gathered, if anything, is committed."""

    def _take_group(self) -> list[Job]:
        """What has gathered, as much of it as one commit holds."""
        group, self._gathered = self._gathered[:GROUP_MAX_OPERATIONS], self._gathered[GROUP_MAX_OPERATIONS:]
        return group

    def _deliver(self, results: Results, seconds: float) -> None:
        """Tell everyone of a group who still waits: what is on disk is on disk."""
        committed = 0
        for waiting, value in results.items():
            failed = isinstance(value, Exception)
            committed += not failed
            if waiting.done():
                continue
            if failed:
                waiting.set_exception(value)
            else:
                waiting.set_result(value)
        if committed and self._on_commit is not None:
            self._on_commit(committed, seconds)


@dataclass(frozen=True, slots=True)
class Lines:
    """What one statement puts on disk: rows of each kind, as rows.py and news_rows.py make them."""

    intents: list[Row] = field(default_factory=list)
    outcomes: list[Row] = field(default_factory=list)
    reports: list[Row] = field(default_factory=list)

    def encode(self) -> tuple[str, ...]:
        """The arguments of write_lines.sql. Raises ValueError where JSON cannot carry a text."""
        kinds = (self.intents, self.outcomes, self.reports)
        return tuple([msgspec.json.encode(rows).decode() for rows in kinds])


@dataclass(frozen=True, slots=True)
class Sheet:
    """A group as lines, and what its jobs come to once these are on disk.

    `settling` has the job of each outcome, of which any may come too late; `others` are the jobs without lines.
    """

    lines: Lines = field(default_factory=Lines)
    results: Results = field(default_factory=dict)
    settling: list[Job] = field(default_factory=list)
    others: list[Job] = field(default_factory=list)


def write_up(group: Sequence[Job]) -> Sheet:
    """The lines of a group."""
    sheet = Sheet()
    lines, outcomes = sheet.lines, sheet.lines.outcomes
    for job in group:
        waiting, write, args = job
        if write.add_lines is None:
            sheet.others.append(job)
            continue
        sheet.results[waiting] = write.add_lines(lines, *args)
        if len(outcomes) > len(sheet.settling):
            sheet.settling.append(job)
    return sheet
