"""What old callers write, and what v2 is given for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import BadParameter, InvalidBody, InvalidRecipient, InvalidSender
from gateway.domain.sms import (
    Priority,
    mask_number,
    parse_body,
    parse_msisdn,
    parse_priority,
    parse_sender,
    render_body,
    split_recipients,
)


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("46701234567", "46701234567"),
        ("+46701234567", "46701234567"),
        (" 46701234567", "46701234567"),  # asmx-facts 1.13: an unescaped + arrives as a blank
        ("0046701234567", "46701234567"),
        ("070-123 45 67", "46701234567"),
        ("070\u201112345\u00a067", "46701234567"),
        ("+46 (0)70-123 45 67", "46701234567"),
        ("070/123.45.67", "46701234567"),
        ("46700000409", "46700000409"),
        ("+4790000000", "4790000000"),
    ],
)
def test_a_number_in_any_spelling_becomes_its_msisdn(written: str, digits: str) -> None:
    assert parse_msisdn(written, country_code="46") == digits


def test_a_national_number_gets_the_configured_country() -> None:
    assert parse_msisdn("040 123456", country_code="45") == "4540123456"


@pytest.mark.parametrize(
    "written", ["", "abc", "+", "070-12x4567", "1234567890123456", "12", "0", "٠٧٠١٢٣٤٥٦٧", "+-()"]
)
def test_what_is_no_number_is_refused_without_being_quoted(written: str) -> None:
    with pytest.raises(InvalidRecipient) as refusal:
        parse_msisdn(written, country_code="46")
    assert len(written) < 3 or written not in str(refusal.value)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(written: str) -> None:
    try:
        digits = parse_msisdn(written, country_code="46")
    except InvalidRecipient:
        return
    assert digits.isascii()
    assert digits.isdigit()
    assert len(digits) <= 15
    assert parse_msisdn("+" + digits, country_code="46") == digits


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("iP1", "iP1"),
        ("iP.1", "iP1"),
        ("Café Å", "CafeA"),
        ("Taxi Göteb", "TaxiGoteb"),
        ("46701234567", "46701234567"),
        ("+46 70-123 45 67", "46701234567"),
        ("0701234567", "46701234567"),
        ("72323", "72323"),
        ("123", "123"),
        ("12345678901", "12345678901"),
    ],
)
def test_a_legacy_sender_becomes_one_that_v2_takes(written: str, text: str) -> None:
    assert parse_sender(written, country_code="46") == text


@pytest.mark.parametrize("written", ["", "ab", "..", "abcdefghijkl", "1234567890123456", "00", "åä"])
def test_a_sender_that_v2_cannot_take_is_refused(written: str) -> None:
    with pytest.raises(InvalidSender):
        parse_sender(written, country_code="46")


@pytest.mark.parametrize("written", [" " * 1_000_000 + "x", "+" + "-" * 1_000_000, "1 " * 500_000 + "x"])
def test_a_sender_of_a_million_characters_is_refused_at_once(written: str) -> None:
    with pytest.raises(InvalidSender):
        parse_sender(written, country_code="46")


@given(st.text(max_size=30))
def test_any_text_is_a_sender_that_v2_takes_or_refused(written: str) -> None:
    try:
        text = parse_sender(written, country_code="46")
    except InvalidSender:
        return
    assert text.isascii()
    assert text.isalnum()
    assert 3 <= len(text) <= (15 if text.isdigit() else 11)


@pytest.mark.parametrize(
    ("written", "priority"),
    [("1", Priority.GROUP), ("2", Priority.NORMAL), ("3", Priority.URGENT), (" 3 ", Priority.URGENT)]
    + [(odd, Priority.NORMAL) for odd in (None, "", "0", "4", "abc", "1.0", "-1")],
)
def test_a_priority_that_nobody_documented_is_normal(written: str | None, priority: Priority) -> None:
    assert parse_priority(written) is priority


def test_a_text_of_2000_characters_is_sent_and_one_more_is_refused() -> None:
    assert parse_body("x" * 2000) == "x" * 2000
    with pytest.raises(InvalidBody, match="2001 characters"):
        parse_body("x" * 2001)


@pytest.mark.parametrize("written", ["", " ", "\r\n\t", "\u00a0"])
def test_a_blank_text_is_refused(written: str) -> None:
    with pytest.raises(InvalidBody):
        parse_body(written)


@pytest.mark.parametrize("written", ["Hej\x00", "Hej \ud83d"])
def test_a_text_that_no_phone_can_show_is_refused(written: str) -> None:
    with pytest.raises(InvalidBody, match="half a character"):
        parse_body(written)


def test_a_missing_text_is_a_missing_parameter() -> None:
    with pytest.raises(BadParameter):
        parse_body(None)


@pytest.mark.parametrize(
    ("written", "numbers"),
    [("1,2", ("1", "2")), ("1;2", ("1", "2")), ("1, ;2,", ("1", "2")), ("", ()), (None, ()), (" +46", (" +46",))],
)
def test_a_list_of_numbers_is_split_at_commas_and_semicolons(written: str | None, numbers: tuple[str, ...]) -> None:
    assert tuple(map(str.strip, split_recipients(written))) == tuple(map(str.strip, numbers))


VALUES = {"46701234567": {"name": "Åsa"}, "default": {"name": "you", "shop": "iP"}, "46707654321": {"code": "7"}}


@pytest.mark.parametrize(
    ("recipient", "text"),
    [
        ("46701234567", "Hi Åsa, iP {unknown} {Name} "),
        ("46707654321", "Hi you, iP {unknown} {Name} 7"),
        ("46700000000", "Hi you, iP {unknown} {Name} "),
    ],
)
def test_each_recipient_gets_his_own_value_else_the_default_else_nothing(recipient: str, text: str) -> None:
    assert render_body("Hi {name}, {shop} {unknown} {Name} {code}", recipient, VALUES) == text


def test_a_text_without_values_stays_as_it_is() -> None:
    assert render_body("Hi {name}", "46701234567", {}) == "Hi {name}"


def test_a_masked_number_shows_three_digits() -> None:
    assert mask_number("46701234567") == "…567"
