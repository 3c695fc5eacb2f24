from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from adapters.upstream import codec
from gateway.domain.errors import BadParameter, InvalidBody
from gateway.domain.intent import Outcome, OutcomeKind
from gateway.domain.sms import Priority
from gateway.domain.status import UpstreamStatus
from tests.unit.upstream.harness import BODY, OTHER_PHONE, PHONE, make_intent

REPORT = (
    b'{"id": "5bc86b6e85c7d23a7c1e4d11", "batchId": "5bc86b6e85c7d23a7c1e4d10", "recipient": "46701234567",'
    b' "code": 201, "duration": 1, "created": "2018-10-23T17:43:19Z", "segments": 2, "price": 0.78,'
    b' "currency": "SEK", "reference": "sgw-0123abcd-42500000"}'
)
INCOMING = (
    b'{"id": "5bc86b6e85c7d23a7c1e4d11", "batchId": "5bc86b6e85c7d23a7c1e4d10", "owner": "ip1-12345",'
    b' "sender": "46701234567", "recipient": "46720001122", "body": "STOP", "direction": "mo", "segments": 1,'
    b' "statuses": [{"created": "2018-10-23T17:43:19Z", "code": 201, "duration": 1}],'
    b' "modified": "2018-10-23T17:43:20Z"}'
)


def rendered(**changes: Any) -> dict[str, object]:
    body = codec.render_batch(make_intent(PHONE, OTHER_PHONE, **changes), delivery_report_url="https://gw/cb")
    document: dict[str, object] = msgspec.json.decode(body)
    return document


def test_a_batch_holds_every_field_that_v2_is_given() -> None:
    assert rendered() == {
        "sender": "iP1",
        "recipients": [PHONE, OTHER_PHONE],
        "body": BODY,
        "datacoding": "ucs",
        "priority": 1,
        "reference": "sgw-0123abcd-42500000",
        "deliveryReportUrl": "https://gw/cb",
    }


@pytest.mark.parametrize(
    ("priority", "expected"), [(Priority.GROUP, 1), (Priority.NORMAL, 1), (Priority.URGENT, 2)]
)
def test_only_what_was_urgent_pays_for_priority_2(priority: Priority, expected: int) -> None:
    assert rendered(priority=priority)["priority"] == expected


def test_a_time_becomes_a_delivery_window_in_utc() -> None:
    opens_at = datetime(2026, 11, 21, 13, 30, tzinfo=timezone(timedelta(hours=1)))
    assert rendered(opens_at=opens_at)["deliveryWindows"] == [{"opens": "2026-11-21T12:30:00Z", "closes": None}]


def test_a_recipient_that_was_refused_is_not_offered() -> None:
    document = msgspec.json.decode(
        codec.render_batch(make_intent(PHONE, refused=("letters",)), delivery_report_url=None)
    )
    assert document["recipients"] == [PHONE]
    assert "deliveryReportUrl" not in document


def test_with_templating_every_recipient_gets_every_known_name() -> None:
    values = {PHONE: {"name": "Åsa"}, "default": {"name": "you", "sign": "iP.1"}, "46799999999": {"only": "x"}}
    assert rendered(values=values)["recipients"] == {
        PHONE: {"name": "Åsa", "sign": "iP.1", "only": ""},
        OTHER_PHONE: {"name": "you", "sign": "iP.1", "only": ""},
    }


def test_parameters_without_any_name_are_no_templating() -> None:
    assert rendered(values={"default": {}})["recipients"] == [PHONE, OTHER_PHONE]


def test_an_erased_text_is_not_sent() -> None:
    with pytest.raises(InvalidBody):
        codec.render_batch(make_intent(body=None), delivery_report_url=None)


def test_a_batch_gives_its_id_price_and_reference() -> None:
    body = b'{"id":"5bc8","reference":"r","priceSummary":{"total":0.78,"currency":"SEK","average":0.39},"new":1}'
    accepted = Outcome(kind=OutcomeKind.ACCEPTED, batch_id="5bc8", price=0.39, currency="SEK")
    assert codec.parse_batch(body) == accepted


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"[]",
        b"{}",
        b'{"id":null}',
        b'{"id":""}',
        b'{"id":"../me"}',
        b'{"id":"5bc8\\n"}',
        b'{"id":"\xff"}',
    ],
)
def test_a_batch_without_a_readable_id_is_not_taken_for_one(body: bytes) -> None:
    with pytest.raises(BadParameter):
        codec.parse_batch(body)


def test_deep_nesting_is_not_json_to_us() -> None:
    with pytest.raises(BadParameter):
        codec.parse_batch(b'{"id":"5bc8","tags":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def test_a_report_is_read_and_kept_as_it_came() -> None:
    report = codec.parse_delivery_report(REPORT)
    assert (report.message_id, report.batch_id) == ("5bc86b6e85c7d23a7c1e4d11", "5bc86b6e85c7d23a7c1e4d10")
    assert (report.status.code, report.status.at) == (201, datetime(2018, 10, 23, 17, 43, 19, tzinfo=UTC))
    assert (report.segments, report.price, report.currency) == (2, 0.78, "SEK")
    assert (report.recipient, report.reference, report.raw) == (PHONE, "sgw-0123abcd-42500000", REPORT)


def test_an_older_report_names_its_message_messageid() -> None:
    report = codec.parse_delivery_report(REPORT.replace(b'"id"', b'"messageId"'))
    assert report.message_id == "5bc86b6e85c7d23a7c1e4d11"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2018-10-23T19:43:19.1234567+02:00", datetime(2018, 10, 23, 17, 43, 19, 123457, tzinfo=UTC)),
        ("2018-10-23T17:43:19", datetime(2018, 10, 23, 17, 43, 19, tzinfo=UTC)),
    ],
)
def test_a_report_is_dated_in_utc(written: str, expected: datetime) -> None:
    report = codec.parse_delivery_report(REPORT.replace(b"2018-10-23T17:43:19Z", written.encode()))
    assert report.status.at == expected


@pytest.mark.parametrize("missing", [b'"id"', b'"batchId"', b'"recipient"', b'"code"', b'"created"'])
def test_a_report_without_a_needed_field_is_refused_without_quoting_it(missing: bytes) -> None:
    with pytest.raises(BadParameter) as caught:
        codec.parse_delivery_report(REPORT.replace(missing, b'"other"'))
    assert PHONE not in str(caught.value)


def test_an_array_of_reports_is_not_documented_and_not_taken() -> None:
    with pytest.raises(BadParameter):
        codec.parse_delivery_report(b"[" + REPORT + b"]")


def test_an_incoming_sms_is_read() -> None:
    message = codec.parse_incoming(INCOMING)
    assert (message.upstream_id, message.account_id) == ("5bc86b6e85c7d23a7c1e4d11", "ip1-12345")
    assert (message.sender, message.recipient, message.body) == (PHONE, "46720001122", "STOP")
    assert (message.segments, message.raw) == (1, INCOMING)
    assert message.received_at == datetime(2018, 10, 23, 17, 43, 19, tzinfo=UTC)


@pytest.mark.parametrize(("old", "new"), [(b'"mo"', b'"mt"'), (b'"id"', b'"x"'), (b'"recipient"', b'"y"')])
def test_what_is_no_incoming_sms_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(BadParameter):
        codec.parse_incoming(INCOMING.replace(old, new))


def test_the_newest_status_of_a_message_is_the_one_reported() -> None:
    newer, older = (
        {"created": "2018-10-23T17:44:19Z", "code": 202},
        {"created": "2018-10-23T17:43:19Z", "code": 102},
    )
    messages = [
        {"id": "a", "batchId": "b", "recipient": PHONE, "statuses": [newer, older]},
        {"id": "c", "batchId": "b", "recipient": OTHER_PHONE, "statuses": []},
    ]
    report, without = codec.parse_statuses(msgspec.json.encode(messages))
    assert report is not None
    assert without is None
    assert report.status.code == UpstreamStatus(202)


def test_a_refund_does_not_hide_the_failure_before_it() -> None:
    failed = {"code": 304, "created": "2026-11-21T12:00:00Z"}
    refunded = {"code": 104, "created": "2026-11-21T12:00:01Z"}
    messages = [{"id": "a", "batchId": "b", "recipient": PHONE, "statuses": [refunded, failed]}]
    (report,) = codec.parse_statuses(msgspec.json.encode(messages))
    assert report is not None
    assert report.status.code == UpstreamStatus(304)


def test_a_time_outside_of_the_calendar_cannot_be_read() -> None:
    report = {"id": "a", "batchId": "b", "recipient": PHONE, "code": 201, "created": "0001-01-01T00:00:00+01:00"}
    with pytest.raises(BadParameter):
        codec.parse_delivery_report(msgspec.json.encode(report))


def test_the_balance_is_read() -> None:
    balance = codec.parse_balance(b'{"Account":"ip1-12345","Type":"swedish","Balance":12.5,"Currency":"SEK"}')
    assert (balance.account_id, balance.amount, balance.currency) == ("ip1-12345", 12.5, "SEK")


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (None, None),
        ('<https://a/?start=0>; rel="first", <https://a/?start=50>; rel="next"', True),
        ('<https://a/?start=0> rel="first", <https://a/?start=50> rel="next"', True),
        ('<https://a/?start=0>; rel="self", <https://a/?rel=next>; rel="last"', False),
        ("", False),
    ],
)
def test_a_next_page_is_seen_in_both_spellings_of_the_link_header(link: str | None, expected: bool | None) -> None:
    assert codec.parse_has_next(link) is expected
