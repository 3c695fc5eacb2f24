"""What was measured, summed up and held against the goals."""

import math
from collections.abc import Mapping

import msgspec
import pytest

from tests.bench import results
from tests.bench.disk import Syncs
from tests.bench.goals import judge
from tests.bench.load import PacedLoad
from tests.bench.measure import Measured, Pace
from tests.bench.results import Results, compare, summarize
from tests.bench.rows import ROWS

AT_100 = Measured(
    row="",
    per_second=100,
    upstream_calls_each=0.01,
    cpu_micros=1,
    busy_processors=1,
    p50=1,
    p99=1,
    p999=1,
    rss_bytes=1,
    failed=0,
)


def measured(**rates: float) -> dict[str, Measured]:
    """One round: every row at 100 a second but those, and so when the others are measured right before it."""
    rates = {row.name: 100.0 for row in ROWS} | {name.replace("_", "-"): rate for name, rate in rates.items()}
    return {
        row.name: msgspec.structs.replace(
            AT_100,
            row=row.name,
            per_second=rates[row.name],
            ratios={other: rates[row.name] / rates[other] for other in row.compared_with},
        )
        for row in ROWS
    }


def found(rounds: list[dict[str, Measured]], *paces: Pace) -> Results:
    return Results(
        surroundings=results.load().surroundings,
        others_processors=0.0,
        rounds=len(rounds),
        seconds=1.0,
        rows=summarize(rounds),
        paces=paces,
        long_list_bytes=99 << 20,
        ready_seconds=1.0,
        idle_rss_bytes=100 << 20,
    )


def reached_by_title(judged: Results) -> Mapping[str, bool]:
    return {goal.what: goal.reached for goal in judge(judged)}


def paced(p99: float) -> PacedLoad:
    return PacedLoad(
        requests=1, seconds=1, mean=1, p50=1, p99=p99, p999=p99, late_p99=1, processors=0.1, failed=0, broken=0
    )


def test_a_ratio_is_the_median_of_those_of_the_rounds() -> None:
    rounds = [measured(bare=100, aspx=50), measured(bare=10, aspx=9), measured(bare=1000, aspx=700)]
    ratio = compare("aspx", "bare", rounds)
    assert (ratio.low, ratio.middle, ratio.high) == (0.5, 0.7, 0.9)


def test_a_row_has_a_ratio_to_each_row_that_it_has_a_goal_over() -> None:
    summary = summarize([measured(many_postgres=100, many_workers=150, many_kannel_spool=50)])["many-workers"]
    assert {over: ratio.middle for over, ratio in summary.ratios.items()} == {
        "many-postgres": 1.5,
        "many-kannel-spool": 3.0,
    }


def test_every_goal_is_over_a_row_that_comes_before() -> None:
    names = [row.name for row in ROWS]
    for row in ROWS:
        assert all(names.index(other) <= names.index(row.name) for other in row.compared_with)


@pytest.mark.parametrize(("workers", "reached"), [(139.0, False), (141.0, True)])
def test_two_workers_are_judged_by_what_they_gain_over_one(workers: float, reached: bool) -> None:
    goals = reached_by_title(found([measured(many_postgres=100, many_workers=workers)]))
    title = "256 callers: gateway on PostgreSQL, two workers, ratio to 256 callers: gateway on PostgreSQL"
    assert goals[title] is reached


@pytest.mark.parametrize(("calls", "reached"), [(1 / 49, False), (1 / 64, True)])
def test_coalescing_is_judged_by_calls_of_the_upstream_too(calls: float, reached: bool) -> None:
    one = measured(coalescing=300)
    one["coalescing"] = msgspec.structs.replace(one["coalescing"], upstream_calls_each=calls)
    goals = reached_by_title(found([one]))
    assert goals["gateway: ASPX, coalescing, ratio to bare aiohttp pass-through"]
    assert goals["gateway: ASPX, coalescing, calls of the upstream for each message"] is reached


@pytest.mark.parametrize(("gateway_p99", "reached"), [(7_100, False), (6_900, True)])
def test_latency_is_judged_over_that_of_the_upstream_alone(gateway_p99: float, reached: bool) -> None:
    paces = [
        Pace(
            per_second=1000,
            syncs=Syncs(p50=1, p99=1),
            upstream=paced(2_000),
            bare=paced(3_000),
            gateway=paced(p99),
        )
        for p99 in (90_000, gateway_p99, 2_100)  # one a round: the middle one counts
    ]
    goals = reached_by_title(found([measured()], *paces))
    assert goals["p99 at half the maximum rate over the upstream's own, ms"] is reached


def test_a_row_that_was_not_measured_is_not_judged() -> None:
    rows = {name: one for name, one in measured().items() if name != "many-nodes"}
    goals = reached_by_title(found([rows]))
    assert not [title for title in goals if title.startswith("256 callers: gateway on PostgreSQL, two nodes")]


def test_the_goals_are_those_that_were_set() -> None:
    musts = {(row.name, goal.over): (goal.must, goal.aim) for row in ROWS for goal in row.goals}
    assert musts["aspx", "bare"] == (0.75, 0.90)
    assert musts["many-workers", "many-postgres"] == (1.4, 1.7)
    assert musts["many-workers", "many-kannel-spool"] == (2.0, 3.0)
    assert musts["postgres", "aspx"] == (0.8, None)
    assert math.isclose(musts["list", "one"][0], 1 / 20)
