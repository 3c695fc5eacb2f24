"""The tables are total and never claim a delivery that did not happen."""

from datetime import UTC, datetime, timedelta
from importlib import resources
from itertools import permutations

import pytest

from gateway.domain import errors
from gateway.domain.errors import ConfigurationError, GatewayError
from gateway.domain.sms import Interface
from gateway.domain.status import (
    SEND_ROW_BY_ERROR,
    LegacyStatus,
    MessageStatus,
    StatusTables,
    UpstreamStatus,
    is_final,
    next_status,
    send_row_of,
)

TEXT = resources.files("gateway.domain").joinpath("status-codes.toml").read_text(encoding="utf-8")
TABLES = StatusTables.parse(TEXT)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def status(code: int, seconds: int = 0) -> MessageStatus:
    return MessageStatus(code=UpstreamStatus(code), at=NOON + timedelta(seconds=seconds))


def leaves(kind: type[GatewayError]) -> list[type[GatewayError]]:
    children = [child for child in kind.__subclasses__() if child.__module__ == errors.__name__]
    return [leaf for child in children for leaf in leaves(child)] or [kind]


def test_every_error_that_can_end_a_call_has_a_row_and_every_row_exists() -> None:
    not_answers = {errors.ConfigurationError, errors.SendFailed, errors.ForwardFailed}
    assert set(leaves(GatewayError)) - not_answers == set(SEND_ROW_BY_ERROR)
    assert set(SEND_ROW_BY_ERROR.values()) <= set(TABLES.send)


def test_an_unforeseen_error_is_an_internal_error() -> None:
    assert TABLES.send[send_row_of(GatewayError())].soap == 42


def test_only_201_is_ever_shown_as_delivered_to_the_phone() -> None:
    for code in range(100, 600):
        for interface in Interface:
            delivered = TABLES.legacy_status(UpstreamStatus(code), interface) == 22
            assert delivered == (code == 201), code


@pytest.mark.parametrize("interface", Interface)
def test_every_v2_code_shows_a_code_that_the_interface_has(interface: Interface) -> None:
    for code in range(100, 600):
        row = TABLES.legacy[TABLES.legacy_status(UpstreamStatus(code), interface)]
        assert row.rest or interface is not Interface.REST


@pytest.mark.parametrize(
    ("code", "soap", "rest"),
    [(101, 10, 0), (113, 21, 21), (202, 43, 52), (402, 30, 50), (503, 21, 21), (104, 50, 50)],
)
def test_v2_codes_show_as_the_documentation_maps_them(code: int, soap: int, rest: int) -> None:
    assert TABLES.legacy_status(UpstreamStatus(code), Interface.SOAP) == soap
    assert TABLES.legacy_status(UpstreamStatus(code), Interface.ASPX) == soap
    assert TABLES.legacy_status(UpstreamStatus(code), Interface.REST) == rest


@pytest.mark.parametrize(
    ("code", "soap"), [(199, 0), (299, 43), (499, 50), (599, 50), (555, 50), (999, 50), (7, 50)]
)
def test_a_code_without_a_row_is_mapped_by_its_group(code: int, soap: int) -> None:
    assert TABLES.legacy_status(UpstreamStatus(code), Interface.SOAP) == soap


def test_a_message_whose_window_has_not_opened_shows_11_while_nothing_else_is_known() -> None:
    assert TABLES.legacy_status(UpstreamStatus(101), Interface.SOAP, scheduled=True) == 11
    assert TABLES.legacy_status(UpstreamStatus(101), Interface.REST, scheduled=True) == 11
    assert TABLES.legacy_status(UpstreamStatus(203), Interface.SOAP, scheduled=True) == 12


def test_reports_in_any_order_and_twice_end_in_the_same_status() -> None:
    reports = [status(101), status(110, 1), status(113, 1), status(201, 2)]
    for order in permutations(reports):
        current = None
        for report in (*order, *order):
            current = next_status(current, report)
        assert current == status(201, 2)


@pytest.mark.parametrize("order", list(permutations([status(101), status(404, 1), status(104, 2)])))
def test_a_refund_never_hides_the_failure_before_it(order: tuple[MessageStatus, ...]) -> None:
    current = None
    for report in order:
        current = next_status(current, report)
    assert current == status(404, 1)


def test_a_final_status_is_never_overwritten() -> None:
    assert next_status(status(201), status(514, 5)) == status(201)


def test_offline_is_not_final_because_the_network_tries_again() -> None:
    assert not is_final(UpstreamStatus(503))
    assert next_status(status(503, 5), status(201, 3)) == status(201, 3)


def test_an_operator_replaces_a_single_cell() -> None:
    tables = StatusTables.parse(TEXT, {"message": {"202": {"soap": 52}}})
    assert tables.legacy_status(UpstreamStatus(202), Interface.SOAP) == 52
    assert tables.text(LegacyStatus(52)) == "Delivery to phone failed"


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"message": {"202": {"soap": 77}}}, "status.message.202.soap: 77 is not a legacy code"),
        ({"message": {"202": {"rest": 43}}}, "status.message.202.rest: REST 1.0 has no code 43"),
        ({"message": {"202": {"soap": 22}}}, "status.message.202: only 201 may show 22, delivered to the phone"),
        ({"message": {"999": {"soap": 50}}}, "status.message.999: there is no such row"),
        ({"send": {"invalid_body": {"soap": 9}}}, "status.send.invalid_body.soap: 9 is not a legacy code"),
    ],
)
def test_an_override_that_would_mislead_callers_is_refused(
    overrides: dict[str, dict[str, dict[str, int]]], problem: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        StatusTables.parse(TEXT, overrides)
    assert refusal.value.problems == [problem]
