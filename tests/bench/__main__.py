"""`make bench`: all contenders in one session, in turns, and docs/performance.md from what was found.

From the environment: BENCH_SECONDS (of one measurement, 4), BENCH_ROUNDS (5), BENCH_ONLY (names from rows.py with
commas between: BENCH_ONLY=bare,aspx; then nothing is written, and ratios are printed to rows that came along).
"""

import os
import resource
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from tests.bench import results
from tests.bench.lineup import Contender, Lineup, lined_up
from tests.bench.measure import Measured, Pace, measure, measure_long_list, measure_pace
from tests.bench.processes import busy_seconds
from tests.bench.results import Results
from tests.bench.rows import ROWS, Row
from tests.generate_docs import write_page

WARM_UP_SECONDS = 1.0

console = Console(highlight=False, width=160)


def main() -> None:
    seconds, rounds = float(os.environ.get("BENCH_SECONDS", "4")), int(os.environ.get("BENCH_ROUNDS", "5"))
    only = frozenset(filter(None, os.environ.get("BENCH_ONLY", "").split(",")))
    rows = [row for row in ROWS if not only or row.name in only]
    names = dict.fromkeys(row.contender for row in rows)
    with tempfile.TemporaryDirectory(prefix="smsgw-bench-") as folder, lined_up(Path(folder), names) as lineup:
        if only:
            list(measure_in_turns(rows, lineup.contenders, seconds=seconds, rounds=rounds))
            return
        results.save(measure_all(lineup, seconds=seconds, rounds=rounds))
    for page in ("docs/performance.md", "docs/performance.svg"):
        write_page(page)
        console.print(f"{page} is written")


def measure_all(lineup: Lineup, *, seconds: float, rounds: int) -> Results:
    """Every row, and what is no row."""
    surroundings, watch = results.look_around(), Watch(lineup)
    measured, paces = [], []
    for one in measure_in_turns(ROWS, lineup.contenders, seconds=seconds, rounds=rounds):
        measured.append(one)
        paces.append(_measure_pace(lineup.contenders, seconds))
    gateway = lineup.contenders["gateway"]
    return Results(
        surroundings=surroundings,
        others_processors=round(watch.others_processors(), 2),
        rounds=rounds,
        seconds=seconds,
        rows=results.summarize(measured),
        paces=paces,
        long_list_bytes=measure_long_list(),
        ready_seconds=gateway.ready_seconds,
        idle_rss_bytes=gateway.idle_rss_bytes,
    )


class Watch:
    """How much of the machine is used by others than us, our contenders and our load generators."""

    def __init__(self, lineup: Lineup) -> None:
        self._lineup = lineup
        self._began, self._busy, self._ours = time.monotonic(), busy_seconds(), self._our_seconds()

    def others_processors(self) -> float:
        """How many processors they kept busy since the beginning, on average."""
        others = (busy_seconds() - self._busy) - (self._our_seconds() - self._ours)
        return max(others, 0.0) / (time.monotonic() - self._began)

    def _our_seconds(self) -> float:
        ourselves = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        used = sum(usage.ru_utime + usage.ru_stime for usage in ourselves)
        return used + sum(group.usage().cpu_seconds for group in self._lineup.groups)


def measure_in_turns(
    rows: Sequence[Row], contenders: Mapping[str, Contender], *, seconds: float, rounds: int
) -> Iterator[dict[str, Measured]]:
    """A B A C ..., and again: what else the machine does falls on all of them."""
    for row in rows:
        measure(row, contenders[row.contender], seconds=WARM_UP_SECONDS)
    for number in range(1, rounds + 1):
        yield _measure_round(number, rows, contenders, seconds)


def _measure_round(
    number: int, rows: Sequence[Row], contenders: Mapping[str, Contender], seconds: float
) -> dict[str, Measured]:
    console.print(f"round {number}, load average {os.getloadavg()[0]:.2f}")
    measured: dict[str, Measured] = {}
    for row in rows:
        others = [other for other in rows if other.name in row.compared_with - {row.name}]
        one = measured[row.name] = _measure_beside(row, others, contenders, seconds)
        ratios = "  ".join(f"{ratio:.3f} {other}" for other, ratio in one.ratios.items() if other != row.name)
        console.print(
            f"  {row.title:42} {one.per_second:9.1f}/s"
            f" {one.cpu_micros:9.1f} us CPU  p50 {one.p50 / 1e3:7.2f}  p99 {one.p99 / 1e3:7.2f} ms"
            f" {one.rss_bytes >> 20:4} MiB  {one.failed} failed  {ratios}"
        )
    return measured


def _measure_beside(
    row: Row, others: Sequence[Row], contenders: Mapping[str, Contender], seconds: float
) -> Measured:
    """A row, right after each that it is compared with: on a shared machine the speed is another by the minute."""
    rates = {other.name: _measure_surely(other, contenders, seconds / 2).per_second for other in others}
    one = _measure_surely(row, contenders, seconds)
    rates[row.name] = one.per_second
    return msgspec.structs.replace(one, ratios={name: one.per_second / rate for name, rate in rates.items()})


def _measure_pace(contenders: Mapping[str, Contender], seconds: float) -> Pace:
    pace = measure_pace(contenders, seconds=seconds)
    p99s = [f"{load.p99 / 1e3:.2f}" for load in (pace.gateway, pace.bare, pace.upstream)]
    console.print(f"  p99 at half the maximum rate: gateway, bare pass-through, upstream alone {' '.join(p99s)} ms")
    return pace


def _measure_surely(row: Row, contenders: Mapping[str, Contender], seconds: float) -> Measured:
    measured = measure(row, contenders[row.contender], seconds=seconds)
    if not measured.per_second:
        raise RuntimeError(f"{row.name}: nothing reached the upstream")
    return measured


if __name__ == "__main__":
    main()
