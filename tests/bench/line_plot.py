"""Lines over what grows, as an SVG, with the band that a goal permits."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from xml.sax.saxutils import escape

from tests.bench.svg import INK, OTHERS, OURS, PALE, render_svg

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 300, 60, 40, 60, 50
_COLOURS = (OURS, OTHERS)
Y_TICKS_ABOUT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Values at growing x."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class LinePlot:
    """One or two lines over one x; `band` is what the first one should stay within."""

    title: str
    x_title: str
    x_labels: Sequence[tuple[float, str]]
    lines: Sequence[Line]
    band: tuple[float, float]

    def render(self) -> str:
        """The SVG; y begins at 0."""
        marks = [*self._band(), *self._y_axis(), *self._x_axis()]
        for index, (line, colour) in enumerate(zip(self.lines, _COLOURS, strict=False)):
            marks += _legend(line.name, colour, index)
            marks += self._line(line, colour)
        return render_svg(escape(self.title), marks, width=WIDTH, height=HEIGHT)

    @cached_property
    def _most(self) -> float:
        return max(self.band[1], *(value for line in self.lines for _x, value in line.points))

    def _x(self, value: float) -> float:
        least, most = self.x_labels[0][0], self.x_labels[-1][0]
        return LEFT + (value - least) / (most - least) * (WIDTH - LEFT - RIGHT)

    def _y(self, value: float) -> float:
        return HEIGHT - BOTTOM - value / (self._most * 1.1) * (HEIGHT - TOP - BOTTOM)

    def _band(self) -> Iterator[str]:
        low, high = (self._y(value) for value in self.band)
        size = f'width="{WIDTH - LEFT - RIGHT}" height="{low - high:.1f}"'
        yield f'<rect x="{LEFT}" y="{high:.1f}" {size} fill="{PALE}"/>'

    def _y_axis(self) -> Iterator[str]:
        step = choose_step(self._most / Y_TICKS_ABOUT)
        for count in range(int(self._most * 1.1 / step) + 1):
            y = self._y(count * step)
            yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{count * step:g}</text>'
            yield f'<line x1="{LEFT - 4}" x2="{LEFT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{INK}"/>'

    def _x_axis(self) -> Iterator[str]:
        bottom = HEIGHT - BOTTOM
        yield f'<path d="M{LEFT} {TOP - 10}V{bottom}H{WIDTH - RIGHT}" fill="none" stroke="{INK}"/>'
        for value, label in self.x_labels:
            yield f'<text x="{self._x(value):.1f}" y="{bottom + 18}" text-anchor="middle">{escape(label)}</text>'
        middle = (LEFT + WIDTH - RIGHT) / 2
        yield f'<text x="{middle}" y="{bottom + 38}" text-anchor="middle">{escape(self.x_title)}</text>'

    def _line(self, line: Line, colour: str) -> Iterator[str]:
        points = [(self._x(x), self._y(y)) for x, y in line.points]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        if len(self.x_labels) == len(points):
            yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)


def _legend(name: str, colour: str, index: int) -> Iterator[str]:
    x = LEFT + 10 + index * 280
    yield f'<line x1="{x}" x2="{x + 24}" y1="36" y2="36" stroke="{colour}" stroke-width="2"/>'
    yield f'<text x="{x + 30}" y="40">{escape(name)}</text>'


def choose_step(about: float) -> float:
    """The 1, 2 or 5 times a power of ten that comes next."""
    power = 10.0 ** math.floor(math.log10(about))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= about)
