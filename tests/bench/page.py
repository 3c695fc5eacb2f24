"""docs/performance.md and its plot, made from results.json and tried.toml: `make bench`, and again `make docs`."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.bench import results
from tests.bench.measure import CALLERS, ROWS, Row
from tests.bench.results import Results, Summary, Surroundings

TRIED = Path(__file__).with_name("tried.toml")


def render_page() -> str:
    """docs/performance.md."""
    found = results.load()
    sections = (
        _introduction(found),
        _table(found),
        _goals(found),
        _pace(found),
        _tried(),
        _limits(),
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
on the same processors as what was measured. Bare numbers therefore say little; the ratios, each taken within one \
round, say more.

![Rate that reached the upstream, as a ratio to the bare pass-through](performance.svg)"""


def _machine(around: Surroundings) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in around.versions.items())
    return (
        f"{around.processor}, {around.processors} processors, {around.memory_gib} GiB, Linux {around.kernel}, "
        f"CPython {around.python}, {versions}.\n"
    )


def _table(found: Results) -> str:
    head = ("", "a second", "ratio", "lowest to highest", "CPU µs each", "p50 ms", "p99 ms", "p99.9 ms", "MiB")
    rows = [_cells(row, found.rows[row.name]) for row in ROWS]
    return f"""## All rows

"A second" is the rate that *reached the upstream*, not what was accepted; for status queries and lists, that of \
answers. {CALLERS} callers call again as soon as they are answered, where the row says nothing else; latencies are \
those at full load. CPU is that of all of a contender's processes.

{_markdown(head, rows)}"""


def _cells(row: Row, summary: Summary) -> Sequence[str]:
    return (
        row.title,
        f"{summary.per_second:,.0f}",
        f"{summary.ratio:.2f}" if row.base != row.name else "1",
        f"{summary.ratio_low:.2f} to {summary.ratio_high:.2f}" if row.base != row.name else "",
        f"{summary.cpu_micros:,.0f}",
        f"{summary.p50 / 1000:.1f}",
        f"{summary.p99 / 1000:.1f}",
        f"{summary.p999 / 1000:.1f}",
        f"{summary.rss_bytes / 2**20:.0f}",
    )


def _goals(found: Results) -> str:
    head = ("", "measured", "must", "aim", "")
    rows = [
        (
            f"{row.title}, ratio to {_title(row.base)}",
            f"{found.rows[row.name].ratio:.3f}",
            f"{row.must:.3g}",
            f"{row.aim:.3g}" if row.aim else "",
            "reached" if found.rows[row.name].ratio >= row.must else "**missed**",
        )
        for row in ROWS
        if row.must is not None
    ]
    rows += [
        _most("idle memory, MiB", found.idle_rss_bytes / 2**20, 120),
        _most("start to ready, seconds", found.ready_seconds, 1.5),
        _most("p99 at half the maximum rate over the upstream's own, ms", _added_ms(found), 5),
    ]
    return f"## Goals\n\n{_markdown(head, rows)}"


def _title(name: str) -> str:
    return next(row.title for row in ROWS if row.name == name)


def _most(what: str, measured: float, most: float) -> tuple[str, str, str, str, str]:
    return (what, f"{measured:.2f}", f"at most {most:g}", "", "reached" if measured <= most else "**missed**")


def _added_ms(found: Results) -> float:
    return (found.pace["gateway"].p99 - found.pace["upstream"].p99) / 1000


def _pace(found: Results) -> str:
    head = ("ms", "p50", "p99", "p99.9")
    rows = [
        (name, *(f"{micros / 1000:.2f}" for micros in (load.p50, load.p99, load.p999)))
        for name, load in found.pace.items()
    ]
    return f"""## At half the maximum rate

ASPX calls at {found.pace_per_second:,.0f} a second, begun at fixed times whether or not earlier ones were \
answered (wrk cannot do that: `tests/bench/open_loop.py`), and the same rate directly at the upstream.

{_markdown(head, rows)}"""


def _tried() -> str:
    notes = tomllib.loads(TRIED.read_text(encoding="utf-8"))["tried"]
    rows = [(note["what"], note["gave"], note["kept"]) for note in notes]
    return f"""## What was tried, and what it gave

{_markdown(("change", "what it gave", "kept"), rows)}"""


def _limits() -> str:
    return """## Not measured here

- Two workers, two nodes, and PostgreSQL.
- TLS: the operator's proxy, or the one in front of it, carries that.
- Other machines. Run `make bench` on yours; BENCH_SECONDS and BENCH_ROUNDS make it shorter or steadier."""


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
