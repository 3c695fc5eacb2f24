from datetime import timedelta

import pytest

from adapters.upstream.scan import Scan
from gateway.domain.errors import UpstreamUnavailable
from tests.unit.upstream.harness import NOW


def batch_id(minutes_ago: int, number: int = 0) -> str:
    return f"{int((NOW - timedelta(minutes=minutes_ago)).timestamp()):08x}{number:016x}"


def test_a_scan_is_complete_when_v2_names_no_next_page() -> None:
    scan = Scan(NOW)
    scan.add([batch_id(1), batch_id(2)], has_next=False)
    assert scan.is_complete


def test_a_scan_goes_on_from_the_last_batch_it_saw() -> None:
    scan = Scan(NOW)
    scan.add([batch_id(1), batch_id(2), batch_id(3)], has_next=True)
    assert (scan.is_complete, scan.start) == (False, 2)
    scan.add([batch_id(3), batch_id(4)], has_next=False)
    assert scan.is_complete


def test_a_scan_ends_an_hour_before_the_moment_asked_for() -> None:
    scan = Scan(NOW)
    scan.add([batch_id(1), batch_id(59)], has_next=True)
    assert not scan.is_complete
    scan.add([batch_id(59), batch_id(61)], has_next=True)
    assert scan.is_complete


def test_a_list_in_the_wrong_order_is_read_to_its_end() -> None:
    scan = Scan(NOW)
    scan.add([batch_id(500), batch_id(400)], has_next=True)
    assert not scan.is_complete


def test_ids_that_tell_no_time_are_read_to_the_end() -> None:
    scan = Scan(NOW)
    scan.add(["b", "a"], has_next=True)
    assert not scan.is_complete


def test_batches_that_arrive_at_the_front_hide_nothing() -> None:
    scan = Scan(NOW)
    scan.add([batch_id(1), batch_id(2), batch_id(3)], has_next=True)
    scan.add([batch_id(2), batch_id(3), batch_id(4)], has_next=True)  # one has come: all are one place further on
    assert not scan.is_complete
    assert scan.start == 4


@pytest.mark.parametrize("page", [[], [batch_id(9), batch_id(10)]])
def test_a_list_that_shrank_proves_nothing(page: list[str]) -> None:
    scan = Scan(NOW)
    scan.add([batch_id(1), batch_id(2), batch_id(3)], has_next=True)
    with pytest.raises(UpstreamUnavailable):
        scan.add(page, has_next=False)


def test_a_first_page_that_comes_again_proves_nothing() -> None:
    scan = Scan(NOW)
    page = [batch_id(1), batch_id(2), batch_id(3)]
    scan.add(page, has_next=None)
    with pytest.raises(UpstreamUnavailable):
        scan.add(page, has_next=None)


def test_without_a_link_header_a_page_that_brings_nothing_new_is_the_end() -> None:
    scan = Scan(NOW)
    scan.add([batch_id(1), batch_id(2)], has_next=None)
    assert not scan.is_complete
    scan.add([batch_id(2)], has_next=None)
    assert scan.is_complete


def test_an_empty_list_is_complete() -> None:
    scan = Scan(NOW)
    scan.add([], has_next=None)
    assert scan.is_complete


@pytest.mark.parametrize("page", [[], [batch_id(1)]])
def test_a_next_page_that_cannot_be_reached_proves_nothing(page: list[str]) -> None:
    scan = Scan(NOW)
    with pytest.raises(UpstreamUnavailable):
        scan.add(page, has_next=True)
