"""Operations that are committed together, and the callers that wait for them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from adapters.store.statements import Operation

GROUP_MAX_OPERATIONS = 500

OnCommit = Callable[[int, float], None]
"""Is told of every commit: how many operations it held, and the seconds it took."""


class Job(NamedTuple):
    """An operation, and who waits for its result. `alone`: it may touch rows of the others."""

    begin: Callable[[], Operation[Any]]
    waiting: asyncio.Future[Any]
    alone: bool = False


class Done(NamedTuple):
    """What came of a job: a value, or an error."""

    job: Job
    value: Any = None
    error: Exception | None = None

    def tell(self) -> None:
        """Wake who waits, if anybody still does: what is on disk is on disk."""
        if self.job.waiting.done():
            return
        if self.error is None:
            self.job.waiting.set_result(self.value)
        else:
            self.job.waiting.set_exception(self.error)


def deliver(group: Sequence[Done], seconds: float, on_commit: OnCommit | None) -> None:
    """Tell everyone of a group, in the event loop."""
    for done in group:
        done.tell()
    committed = sum(done.error is None for done in group)
    if committed and on_commit is not None:
        on_commit(committed, seconds)
