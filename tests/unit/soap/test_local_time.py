"""Local times as old programs write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from adapters.soap.local_time import parse_moment
from gateway.domain.errors import BadParameter

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def parse(written: str | None) -> datetime | None:
    return parse_moment(written, STOCKHOLM, parameter="tid")


@pytest.mark.parametrize(
    "written",
    [
        "2026-12-24 15:00",
        "2026-12-24T15:00:00",
        "2026-12-24T15:00:00.0000000",
        "2026-12-24 15.00",
        "20261224150000",
        "202612241500",
        "2026/12/24 15:00",
        " 2026-12-24T14:00:00Z ",
        "2026-12-24T09:00:00-05:00",
    ],
)
def test_every_form_is_the_same_moment(written: str) -> None:
    assert parse(written) == datetime(2026, 12, 24, 14, 0, tzinfo=UTC)


def test_summer_time_is_an_hour_ahead() -> None:
    assert parse("2026-07-01 15:00") == datetime(2026, 7, 1, 13, 0, tzinfo=UTC)


def test_a_time_that_the_spring_night_skips_is_moved_on() -> None:
    assert parse("2026-03-29 02:30") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_of_the_hour_that_the_autumn_night_has_twice_the_first_is_meant() -> None:
    assert parse("2026-10-25 02:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("written", [None, "", "  ", "0001-01-01T00:00:00"])
def test_nothing_written_is_now(written: str | None) -> None:
    assert parse(written) is None


@pytest.mark.parametrize(
    "written", ["i morgon", "15:00", "2026-13-01 00:00", "2026-02-30", "9999-12-31T23:59:59-12:00"]
)
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(BadParameter, match="tid: is not a time; write it as 2026-12-24 15:00"):
        parse(written)
