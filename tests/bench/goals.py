"""What the results are held against: the goals of every row, and those of the gateway as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.results import Results
from tests.bench.rows import ROWS, Row

IDLE_MIB_MOST = 120
LONG_LIST_MIB_MOST = 100
READY_SECONDS_MOST = 1.5
ADDED_MS_MOST, ADDED_MS_AIM = 5, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One goal and what was measured, in words for a table."""

    what: str
    measured: str
    must: str
    aim: str = ""
    reached: bool


def judge(found: Results) -> tuple[Judged, ...]:
    """Every goal of which something was measured, in the order of the rows."""
    return (*_judge_ratios(found), *_judge_joins(found), *_judge_whole(found))


def _judge_ratios(found: Results) -> Iterator[Judged]:
    for row in measured_rows(found):
        for goal in row.goals:
            ratio = found.rows[row.name].ratios[goal.over].middle
            yield Judged(
                what=f"{row.title}, ratio to {title_of(goal.over)}",
                measured=f"{ratio:.3f}",
                must=f"{goal.must:.3g}",
                aim=f"{goal.aim:.3g}" if goal.aim else "",
                reached=ratio >= goal.must,
            )


def _judge_joins(found: Results) -> Iterator[Judged]:
    for row in measured_rows(found):
        calls = found.rows[row.name].upstream_calls_each
        if row.joins and calls is not None:
            yield _at_most(f"{row.title}, calls of the upstream for each message", calls, row.joins, digits=4)


def _judge_whole(found: Results) -> Iterator[Judged]:
    yield _at_most("idle memory, MiB", found.idle_rss_bytes / 2**20, IDLE_MIB_MOST)
    yield _at_most("start to ready, seconds", found.ready_seconds, READY_SECONDS_MOST)
    if found.long_list_bytes is not None:
        what = "memory above idle for 10 000 recipients in one call, MiB"
        yield _at_most(what, found.long_list_bytes / 2**20, LONG_LIST_MIB_MOST)
    if found.pace:
        what = "p99 at half the maximum rate over the upstream's own, ms"
        yield _at_most(what, found.pace.added_p99 / 1000, ADDED_MS_MOST, aim=ADDED_MS_AIM)


def _at_most(what: str, measured: float, most: float, *, aim: float | None = None, digits: int = 2) -> Judged:
    return Judged(
        what=what,
        measured=f"{measured:.{digits}f}",
        must=f"at most {most:g}",
        aim=f"at most {aim:g}" if aim else "",
        reached=measured <= most,
    )


def measured_rows(found: Results) -> tuple[Row, ...]:
    """The rows that were there when it was measured."""
    return tuple(row for row in ROWS if row.name in found.rows)


def title_of(name: str) -> str:
    return next(row.title for row in ROWS if row.name == name)
