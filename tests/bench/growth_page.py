"""docs/growth.md and its plots, made from growth.json and endurance.json."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.bench import endurance
from tests.bench.endurance import Endurance
from tests.bench.line_plot import Line, LinePlot
from tests.bench.rows import CALLERS

PATH = Path(__file__).with_name("growth.json")
MAY_MOVE = 0.10
REQUESTS_PLOT = "growth-requests.svg"


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """Median costs at one size."""

    size: int
    send_micros: float
    read_micros: float


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """One series: what grew, and what was read meanwhile."""

    read_title: str
    points: Sequence[Point]

    def send_ratios(self) -> list[float]:
        """What a send costs at each size, over the smallest."""
        return [point.send_micros / self.points[0].send_micros for point in self.points]

    def read_ratios(self) -> list[float]:
        return [point.read_micros / self.points[0].read_micros for point in self.points]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What growth.json holds; `series` by what grew."""

    measured_at: str
    machine: str
    rounds: int
    operations: int
    folder: str
    series: dict[str, Growth]


def load() -> Found:
    """The last whole run."""
    return msgspec.json.decode(PATH.read_bytes(), type=Found)


def render_growth() -> str:
    """docs/growth.md."""
    found = load()
    how = f"""\
Measured at {found.measured_at} on {found.machine}, with the files in {found.folder}:
{found.rounds} rounds of {found.operations} operations at each size, one after the other (nothing gathers in a
commit), the sizes in turns, all on one processor. A send is what the store does for one: the intent on disk, then
its outcome on disk. Medians in microseconds, and the ratio to the smallest size. The goal: a send's cost moves by
less than a tenth, the band in the plots.
"""
    head = "# What growth costs\n\n<!-- Made from what `make bench-growth` and `make bench-million` measured. -->\n"
    sections = [_render_series(title, series) for title, series in found.series.items()]
    return "\n".join((head, how, *sections, _render_endurance(endurance.load())))


def _render_series(title: str, series: Growth) -> str:
    moved = max(abs(ratio - 1) for ratio in series.send_ratios())
    judged = "reached" if moved < MAY_MOVE else "**missed**"
    rows = "".join(
        f"| {point.size:,} | {point.send_micros:.0f} | {send:.2f} | {point.read_micros:.0f} | {read:.2f} |\n"
        for point, send, read in zip(series.points, series.send_ratios(), series.read_ratios(), strict=True)
    )
    return f"""\
## {title.capitalize()}

| {title} | a send, us | ratio | {series.read_title}, us | ratio |
| ---: | ---: | ---: | ---: | ---: |
{rows}
The cost of a send moved by {moved:.0%} at most: {judged}.

![What a send costs, over that at the smallest size]({plot_name(title)})
"""


def _render_endurance(lasted: Endurance) -> str:
    return f"""\
## Calls, one after another

{lasted.calls:,} ASPX calls of {CALLERS} callers within {lasted.seconds:,.0f} seconds, at {lasted.measured_at}; the
store in SQLite on disk. Memory after the first {endurance.SETTLED_CALLS:,}: {lasted.settled_mib:.0f} MiB;
the most it was later: {lasted.most_later_mib:.0f} MiB. The goal: not more than {endurance.MAY_GROW:.0%} above.
That is {lasted.judged}.

![Memory over calls]({REQUESTS_PLOT})
"""


def render_plot(title: str) -> str:
    """The plot of one series, by what grew."""
    return _plot_series(title, load().series[title]).render()


def _plot_series(title: str, series: Growth) -> LinePlot:
    def line(name: str, ratios: Sequence[float]) -> Line:
        return Line(name=name.replace("`", ""), points=tuple(enumerate(ratios)))

    return LinePlot(
        title="Cost as a ratio to that at the smallest size",
        x_title=title,
        x_labels=[(index, f"{point.size:,}") for index, point in enumerate(series.points)],
        lines=(line("a send", series.send_ratios()), line(series.read_title, series.read_ratios())),
        band=(1 - MAY_MOVE, 1 + MAY_MOVE),
    )


def render_requests_plot() -> str:
    """The plot of memory over calls."""
    lasted = endurance.load()
    quarters = [lasted.calls * quarter // 4 for quarter in range(5)]
    memory = Line(name="gateway", points=[(sample.calls, sample.rss_bytes / 2**20) for sample in lasted.samples])
    return LinePlot(
        title="Resident memory, MiB",
        x_title="calls",
        x_labels=[(calls, f"{calls:,}") for calls in quarters],
        lines=(memory,),
        band=(0, lasted.settled_mib * (1 + endurance.MAY_GROW)),
    ).render()


def plot_name(title: str) -> str:
    """The file in docs/ that plots a series."""
    return f"growth-{title.replace(' ', '-')}.svg"
