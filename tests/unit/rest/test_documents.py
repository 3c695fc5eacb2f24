"""What REST 1.0 shows of a message."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.rest.country import country_of
from adapters.rest.documents import DocumentMaker, problem_of, render_moment
from gateway.domain.account import AccountSettings
from gateway.domain.errors import BadParameter, InvalidBody, InvalidRecipient, InvalidSender, UpstreamUnavailable
from gateway.domain.intent import MessageRecord, Outcome, OutcomeKind, draft, plan_intents
from gateway.domain.report import IncomingMessage, StoredIncoming
from gateway.domain.sms import Interface, Order
from gateway.domain.status import MessageStatus, UpstreamStatus
from tests.recording import NOW, load_tables, records_of

MAKER = DocumentMaker(tables=load_tables(), now=lambda: NOW)


def make_record(body: str = "hi") -> MessageRecord:
    order = Order(interface=Interface.REST, sender="iP.1", recipients=("+46712345678",), body=body)
    (intent,) = plan_intents(
        draft(order, AccountSettings()),
        ids=range(42500000, 42500001),
        account_id="ip1-12345",
        store_id="0",
        now=NOW,
    )
    return records_of(intent)[0]


def test_moments_have_seven_decimals_and_an_offset() -> None:
    assert render_moment(NOW, UTC) == "2026-11-21T12:34:56.3333010+00:00"
    summer = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert render_moment(summer, ZoneInfo("Europe/Stockholm")) == "2026-07-01T14:00:00.0000000+02:00"


def test_a_price_that_is_not_known_yet_is_nothing_in_kronor() -> None:
    document = MAKER.created(make_record())
    assert (document.total_price, document.price, document.currency) == (0.0, 0.0, "SEK")


def test_the_price_of_a_message_is_shown_in_total_and_a_segment() -> None:
    record = replace(make_record(), price=0.125, currency="EUR", segments=2)
    document = MAKER.created(record)
    assert (document.total_price, document.price, document.currency, document.segments) == (0.125, 0.0625, "EUR", 2)


def test_the_average_of_the_batch_stands_in_for_a_price() -> None:
    outcome = Outcome(kind=OutcomeKind.ACCEPTED, price=0.5, currency="SEK")
    assert MAKER.created(replace(make_record(), outcome=outcome)).total_price == 0.5
    assert MAKER.created(replace(make_record(), outcome=outcome, price=0.0)).total_price == 0.0


@pytest.mark.parametrize(
    ("body", "encoding", "segments"),
    [("a" * 160, "GSM7", 1), ("å" * 161, "GSM7", 2), ("\N{GRINNING FACE}", "UCS2", 1)],
)
def test_encoding_and_segments_are_those_of_the_text(body: str, encoding: str, segments: int) -> None:
    document = MAKER.created(make_record(body))
    assert (document.encoding, document.segments) == (encoding, segments)


def test_each_recipient_sees_the_text_made_for_him() -> None:
    record = replace(
        make_record("Hello {title}!"), values={"46712345678": {"title": "Sir"}, "default": {"title": "you"}}
    )
    assert MAKER.created(record).body == "Hello Sir!"
    assert MAKER.created(replace(record, recipient="46700000000")).body == "Hello you!"
    assert MAKER.created(replace(record, values=None)).body == "Hello {title}!"
    assert MAKER.created(replace(record, body=None)).body is None


def test_a_text_that_was_erased_is_null() -> None:
    document = MAKER.read(replace(make_record(), body=None))
    assert (document.body, document.segments) == (None, 1)


def test_a_message_that_opens_later_is_delayed() -> None:
    record = replace(make_record(), opens_at=NOW + timedelta(hours=1))
    document = MAKER.created(record)
    assert (document.status, document.status_description) == (11, "Delayed delivery")
    later = replace(MAKER, now=lambda: NOW + timedelta(hours=2))
    assert later.read(record).status == 0


def test_a_read_shows_when_the_status_changed() -> None:
    delivered_at = NOW + timedelta(seconds=5)
    record = replace(make_record(), status=MessageStatus(code=UpstreamStatus(201), at=delivered_at))
    document = MAKER.read(record)
    assert (document.status, document.status_description) == (22, "Delivered to the phone")
    assert document.modified == document.updated_date == "2026-11-21T12:35:01.3333010+00:00"
    assert document.created == document.created_date == "2026-11-21T12:34:56.3333010+00:00"


def test_a_received_message_shows_the_phone_it_came_from() -> None:
    message = IncomingMessage(
        upstream_id="5bc86b6e85c7209830f96936",
        account_id="ip1-12345",
        sender="4791234567",
        recipient="46712345678",
        body="JA",
        segments=1,
        received_at=NOW,
    )
    document = MAKER.received(StoredIncoming(id=42500007, message=message))
    assert (document.id, document.sender, document.recipient) == (42500007, "4791234567", "46712345678")
    assert (document.body, document.country_code) == ("JA", "NO")


@pytest.mark.parametrize(
    ("msisdn", "country"),
    [
        ("46712345678", "SE"),
        ("4673055555", "SE"),
        ("447700900123", "GB"),
        ("14155552671", "US"),
        ("870773111632", None),
        ("77012345678", "KZ"),
        ("12425551234", "BS"),
        ("999123456", None),
        ("0461234567", None),
        ("nobody", None),
        ("", None),
    ],
)
def test_the_country_is_that_of_the_number(msisdn: str, country: str | None) -> None:
    assert country_of(msisdn) == country


def test_a_problem_names_the_field_as_rest_does() -> None:
    problem = problem_of(BadParameter("to", "is missing"))
    assert (problem.message, problem.model_state) == ("Numbers: is missing", {"Numbers": ["is missing"]})
    fields = [list(problem_of(make("x")).model_state) for make in (InvalidSender, InvalidRecipient, InvalidBody)]
    assert fields == [["From"], ["Numbers"], ["Message"]]
    assert problem_of(UpstreamUnavailable("v2 is down")).model_state == {}
