"""docs/performance.md and its plot, made from results.json and tried.toml: `make bench`, and again `make docs`."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.bench import results
from tests.bench.goals import judge, measured_rows
from tests.bench.lineup import COALESCE_MILLISECONDS
from tests.bench.measure import Pace
from tests.bench.results import Results, Summary, Surroundings
from tests.bench.rows import CALLERS, MANY_CALLERS, ROWS, Row

TIMES = ("p50 ms", "p99 ms", "p99.9 ms")
TRIED = Path(__file__).with_name("tried.toml")


def render_page() -> str:
    """docs/performance.md."""
    found = results.load()
    sections = (
        _introduction(found),
        _table(found),
        _goals(found),
        *([_pace(found.pace, found.paces)] if found.pace else []),
        _tried(),
        _limits(found),
    )
    return "\n\n".join(sections) + "\n"


def _introduction(found: Results) -> str:
    around = found.surroundings
    others = f"{found.others_processors:.2f} of the {around.processors} processors"
    return f"""# Performance

<!-- Made by `make bench` from what it measured. -->

Measured with `make bench` at {around.measured_at:%Y-%m-%d %H:%M} UTC, {found.rounds} rounds of \
{found.seconds:g} seconds a row, the rows in turns; every number is the median of the rounds.
{_machine(around)}
Meanwhile other programs kept {others} busy, on average. The load generator and the stand-in for v2 ran \
on the same processors as what was measured, and how fast those are changes by the minute. Bare numbers therefore \
say little; the ratios say more, each to what was measured right before.

![Rate that reached the upstream, as a ratio to the bare pass-through](performance.svg)"""


def _machine(around: Surroundings) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in around.versions.items())
    return (
        f"{around.processor}, {around.processors} processors, {around.memory_gib} GiB, Linux {around.kernel}, "
        f"CPython {around.python}, {versions}.\n"
    )


def _table(found: Results) -> str:
    head = ("", "a second", "ratio", "lowest to highest", "CPU µs each", "processors", *TIMES, "MiB")
    rows = [_cells(row, found.rows[row.name]) for row in measured_rows(found)]
    return f"""## All rows

"A second" is the rate that *reached the upstream*, not what was accepted; for status queries, lists and \
coalesced calls, that of answers. {CALLERS} callers call again as soon as they are answered, where the row says \
nothing else; latencies are those at full load. CPU and memory are those of all of a contender's processes; \
"processors" is how many of the {found.surroundings.processors} were busy, with the load generator and the \
stand-in for v2. All \
contenders live through the whole session, so that none is measured cold; the ones that are not being measured are \
stopped (SIGSTOP), and take no processor time with what they do in the background.

{_markdown(head, rows)}

- PostgreSQL, as initdb sets it up, runs on the same machine, one for each contender that needs it, and is counted \
with it: its CPU, and its memory, in which each of its processes counts anew what they share.
- Two workers and two nodes have {found.surroundings.processors} processors in all, and share them with \
PostgreSQL, the load generator and the stand-in for v2: they can gain no more than what a single one leaves free \
("processors"). What two processes of the bare pass-through gain, which share nothing, is in a row as well. \
The two nodes are called by half of the callers each.
- The more callers, the more writes share a commit. {CALLERS} of them fill the commits of one worker, and leave \
those of two half empty; what two can carry is seen with {MANY_CALLERS}, and so is what they are compared with.
- Coalescing: {CALLERS} callers with the same sender and text, each with a number of its own, \
`coalesce_milliseconds` = {COALESCE_MILLISECONDS}. Every number is seen to have reached the upstream."""


def _cells(row: Row, summary: Summary) -> Sequence[str]:
    ratio = summary.ratios[row.base]
    return (
        row.title,
        f"{summary.per_second:,.0f}",
        f"{ratio.middle:.2f}" if row.base != row.name else "1",
        f"{ratio.low:.2f} to {ratio.high:.2f}" if row.base != row.name else "",
        f"{summary.cpu_micros:,.0f}",
        f"{summary.busy_processors:.2f}",
        f"{summary.p50 / 1000:.1f}",
        f"{summary.p99 / 1000:.1f}",
        f"{summary.p999 / 1000:.1f}",
        f"{summary.rss_bytes / 2**20:.0f}",
    )


def _goals(found: Results) -> str:
    head = ("", "measured", "must", "aim", "")
    rows = [
        (goal.what, goal.measured, goal.must, goal.aim, "reached" if goal.reached else "**missed**")
        for goal in judge(found)
    ]
    return f"""## Goals

{_markdown(head, rows)}

What a send costs as the store grows, and memory over a million calls: [growth.md](growth.md)."""


def _pace(pace: Pace, paces: Sequence[Pace]) -> str:
    head = ("", *TIMES)
    loads = (
        ("the upstream alone", pace.upstream),
        ("behind the bare pass-through", pace.bare),
        ("behind the gateway", pace.gateway),
    )
    rows = [(name, *(f"{micros / 1000:.2f}" for micros in (load.p50, load.p99, load.p999))) for name, load in loads]
    by_us, by_bare = _span(one.added_p99 for one in paces), _span(one.added_p99_by_bare for one in paces)
    return f"""## At half the maximum rate

ASPX calls at {pace.per_second:,.0f} a second, half of what the gateway had carried just before, begun at fixed \
times whether or not earlier ones were answered (wrk cannot do that: `tests/bench/open_loop.py`), and as many \
directly at the upstream and by the bare pass-through. One run in each round; the table has the one with the \
middle p99. To the upstream's own p99 the gateway added {by_us} ms, and the bare pass-through {by_bare} ms. A \
call's time counts from when it was due. The generator took {pace.gateway.processors:.2f} of a processor, and \
began 99 of 100 calls within {pace.gateway.late_p99 / 1000:.2f} ms of their time, over connections that it had \
open already. A send waits for the disk twice; the disk by itself took {pace.syncs.p50 / 1000:.2f} ms for a sync \
(p50), and {pace.syncs.p99 / 1000:.2f} ms (p99).

{_markdown(head, rows)}"""


def _span(micros: Iterable[float]) -> str:
    ordered = sorted(one / 1000 for one in micros)
    return f"{ordered[0]:.1f} to {ordered[-1]:.1f}"


def _tried() -> str:
    notes = tomllib.loads(TRIED.read_text(encoding="utf-8"))["tried"]
    rows = [(note["what"], note["gave"], note["kept"]) for note in notes]
    return f"""## What was tried, and what it gave

{_markdown(("change", "what it gave", "kept"), rows)}"""


def _limits(found: Results) -> str:
    missing = [row.title for row in ROWS if row.name not in found.rows]
    missing += [] if found.pace else ["latency at half the maximum rate"]
    missing += [] if found.long_list_bytes is not None else ["memory for 10 000 recipients"]
    later = [f"- New since, and in the next `make bench`: {'; '.join(missing)}."] if missing else []
    lines = [
        *later,
        "- TLS: the operator's proxy, or the one in front of it, carries that.",
        "- Other machines. Run `make bench` on yours; BENCH_SECONDS and BENCH_ROUNDS make it shorter or steadier.",
    ]
    return "\n".join(["## Not measured here", "", *lines])


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
