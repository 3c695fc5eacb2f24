"""Plots of lines, read as the XML that they are."""

import re
from xml.etree import ElementTree

import pytest

from tests.bench.line_plot import HEIGHT, Line, LinePlot, choose_step

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*values: float, band: tuple[float, float] = (0.9, 1.1), title: str = "cost") -> ElementTree.Element:
    plot = LinePlot(
        title=title,
        x_title="size",
        x_labels=[(index, f"{10**index}") for index in range(len(values))],
        lines=(Line(name="a send", points=tuple(enumerate(values))),),
        band=band,
    )
    return ElementTree.fromstring(plot.render())


def heights(svg: ElementTree.Element) -> list[float]:
    """How high above the bottom of the picture each point is."""
    return [HEIGHT - float(circle.attrib["cy"]) for circle in svg.iter(f"{SVG}circle")]


def test_twice_the_value_is_twice_as_high_above_the_axis() -> None:
    zero, one, two = heights(drawn(0, 1, 2))
    assert two - zero == pytest.approx(2 * (one - zero), abs=0.2)


def test_a_value_on_the_edge_of_the_band_is_drawn_there() -> None:
    svg = drawn(1, 1.1)
    band = list(svg.iter(f"{SVG}rect"))[1]
    assert HEIGHT - float(band.attrib["y"]) == pytest.approx(heights(svg)[1], abs=0.2)


def test_everything_stays_within_the_picture() -> None:
    svg = drawn(1, 7.3, band=(0, 12))
    numbers = [float(y) for y in re.findall(r' y[12]?="([\d.-]+)"', ElementTree.tostring(svg, "unicode"))]
    assert min(numbers) >= 0
    assert max(numbers) <= HEIGHT


def test_texts_are_escaped() -> None:
    svg = drawn(1, 1, title="a < b & c")
    assert "a < b & c" in [text.text for text in svg.iter(f"{SVG}text")]


@pytest.mark.parametrize(("about", "step"), [(0.3, 0.5), (1.0, 1.0), (24, 50), (0.019, 0.02), (7, 10)])
def test_ticks_are_at_round_numbers(about: float, step: float) -> None:
    assert choose_step(about) == pytest.approx(step)
