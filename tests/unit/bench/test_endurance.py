"""Whether memory stayed flat."""

import pytest

from tests.bench.endurance import ALL_CALLS, SAMPLE_CALLS, Endurance, Sample


def run_of(*mib: float) -> Endurance:
    """Memory after 0, 10 000, 20 000 ... calls."""
    samples = [Sample(calls=index * SAMPLE_CALLS, rss_bytes=int(each * 2**20)) for index, each in enumerate(mib)]
    return Endurance(measured_at="2026-11-21 12:00 UTC", seconds=1, samples=samples)


MILLION = ALL_CALLS // SAMPLE_CALLS


@pytest.mark.parametrize(("later_mib", "judged"), [(109, "reached"), (111, "**missed**")])
def test_memory_may_be_a_tenth_above_that_after_ten_thousand_calls(later_mib: float, judged: str) -> None:
    assert run_of(50, 100, later_mib, *[100] * (MILLION - 2)).judged == judged


def test_what_the_first_ten_thousand_calls_take_does_not_count() -> None:
    assert run_of(10, *[100] * MILLION).judged == "reached"


def test_fewer_calls_than_a_million_do_not_reach_the_goal() -> None:
    assert run_of(100, 100, 100).judged != "reached"
