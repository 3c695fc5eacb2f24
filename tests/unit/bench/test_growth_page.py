"""What the page says of growth."""

from tests.bench.growth_page import Growth, Point, load, plot_name
from tests.generate_docs import RENDER_BY_PAGE


def test_ratios_are_to_the_smallest_size() -> None:
    points = [Point(size=10**n, send_micros=200 + n, read_micros=20 * 2**n) for n in range(3)]
    growth = Growth(read_title="a read", points=points)
    assert growth.send_ratios() == [1.0, 1.005, 1.01]
    assert growth.read_ratios() == [1, 2, 4]


def test_every_series_has_its_plot() -> None:
    assert {f"docs/{plot_name(title)}" for title in load().series} <= RENDER_BY_PAGE.keys()
