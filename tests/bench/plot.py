"""The plot of docs/performance.md, as an SVG: one bar a row, with the spread over the rounds."""

from xml.sax.saxutils import escape

from tests.bench import results
from tests.bench.results import Ratio
from tests.bench.rows import ROWS, Row
from tests.bench.svg import GOAL, INK, OTHERS, OURS, render_svg

WIDTH, LEFT, RIGHT, STEP, BAR, TOP = 900, 330, 60, 30, 18, 30
TITLE = "Rate that reached the upstream; bare pass-through = 1"


def render_plot() -> str:
    """docs/performance.svg."""
    found = results.load().rows
    plotted = [(row, found[row.name].ratios["bare"]) for row in ROWS if row.base == "bare" and row.name in found]
    scale = (WIDTH - LEFT - RIGHT) / max(ratio.high for _row, ratio in plotted)
    height = TOP + STEP * len(plotted) + 10
    bars = [_bar(row, ratio, TOP + STEP * index, scale) for index, (row, ratio) in enumerate(plotted)]
    one = LEFT + scale
    line = f'<line x1="{one:.1f}" x2="{one:.1f}" y1="{TOP - 4}" y2="{height - 6}" stroke="{GOAL}"/>'
    return render_svg(TITLE, [*bars, line], width=WIDTH, height=height)


def _bar(row: Row, ratio: Ratio, top: int, scale: float) -> str:
    colour = OURS if row.ours else OTHERS
    length, middle = ratio.middle * scale, top + BAR / 2
    low, high = LEFT + ratio.low * scale, LEFT + ratio.high * scale
    return (
        f'<text x="{LEFT - 10}" y="{top + 14}" text-anchor="end">{escape(row.title.replace("`", ""))}</text>'
        f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>'
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}" stroke="{INK}"/>'
        f'<text x="{max(LEFT + length, high) + 6:.1f}" y="{top + 14}">{ratio.middle:.2f}</text>'
    )
