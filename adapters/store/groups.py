"""What is written with every message, by all callers of a moment together, and the callers that wait for it."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

from adapters.store.statements import Operation, Row, T
from gateway.domain.errors import StoreUnavailable

GROUP_MAX_OPERATIONS = 500

OnCommit = Callable[[int, float], None]
"""Is told of every commit: how many operations it held, and the seconds it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Generic[T]):
    """A kind of write; both functions take the same arguments.

    `begin` is the operation, which is right in any case. `lines`, where there is such a thing, gives what it comes
    to where nobody was faster: rows that one statement puts on disk with those of others, and the result then.
    """

    begin: Callable[..., Operation[T]]
    lines: Callable[..., tuple[Sequence[Row], T]] | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A group as lines, the job of each line, and what the jobs come to once these are on disk.

    `others` are the jobs that have no lines.
    """

    lines: list[Row] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    results: Results = field(default_factory=dict)
    others: list[Job] = field(default_factory=list)


def write_up(group: Sequence[Job]) -> Sheet:
    """The lines of a group."""
    sheet = Sheet()
    for job in group:
        waiting, write, args = job
        if write.lines is None:
            sheet.others.append(job)
            continue
        lines, sheet.results[waiting] = write.lines(*args)
        sheet.lines.extend(lines)
        sheet.jobs.extend([job] * len(lines))
    return sheet
