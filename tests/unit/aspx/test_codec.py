"""What callers of sendsms.aspx write, and what is read from it."""

from contextlib import suppress
from urllib.parse import quote_from_bytes, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import queries
from adapters.aspx import codec
from gateway.domain.errors import BadParameter, GatewayError, WrongCredentials
from gateway.domain.sms import Credentials, Order, Priority, parse_msisdn

CALL = b"acc=ip1-12345&pass=demo-key&from=iP1&to=46712345678&prio=1&type=&msg="


def parse(
    query: bytes = b"", body: bytes = b"", content_type: str | None = None, *, pinned: str | None = None
) -> tuple[Credentials, Order]:
    return codec.parse_call(query, body, content_type, codec_of_account=lambda account_id: pinned)


def body_of(message: bytes, *, pinned: str | None = None) -> str | None:
    return parse(CALL + message, pinned=pinned)[1].body


def test_a_documented_call_is_read() -> None:
    credentials, order = parse(CALL + b"Test+message")
    assert credentials == Credentials(account_id="ip1-12345", api_key="demo-key")
    assert (order.sender, order.recipients, order.body) == ("iP1", ("46712345678",), "Test message")
    assert order.priority is Priority.GROUP


def test_names_are_taken_in_any_case() -> None:
    _, order = parse(b"ACC=ip1-12345&Pass=demo-key&From=iP1&tO=46712345678&MSG=hi")
    assert (order.sender, order.recipients, order.body) == ("iP1", ("46712345678",), "hi")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b"r%C3%A4ksm%C3%B6rg%C3%A5s", "räksmörgås"),
        (b"r%E4ksm%F6rg%E5s", "räksmörgås"),
        (b"%80uro", "€uro"),
        (b"%81", "\x81"),
        (b"%u20AC+%E5", "€ å"),
        (b"%uD83D%uDE00", "\N{GRINNING FACE}"),
        (b"%F0%9F%98%80", "\N{GRINNING FACE}"),
        (b"%uD83D!", "\N{REPLACEMENT CHARACTER}!"),
        (b"100%", "100%"),
        (b"%u", "%u"),
        (b"%zz%u12", "%zz%u12"),
        (b"%25u20AC", "%u20AC"),
        (b"a%00b", "ab"),
        (b"a=b==c", "a=b==c"),
        (b"%26%3D%2B+%20", "&=+  "),
        (b"one%0D%0Atwo", "one\r\ntwo"),
        (b"<b>%26%23</b>", "<b>&#</b>"),
    ],
)
def test_escapes_are_resolved_as_the_old_platform_did(written: bytes, text: str) -> None:
    assert body_of(written) == text


def test_an_account_can_pin_its_encoding() -> None:
    twice_encoded = b"%C3%A5"
    assert body_of(twice_encoded) == "å"
    assert body_of(twice_encoded, pinned="cp1252") == "Ã¥"


def test_the_pinned_encoding_is_that_of_the_calling_account() -> None:
    asked = []

    def codec_of_account(account_id: str) -> str | None:
        asked.append(account_id)
        return "cp1252"

    _, order = codec.parse_call(CALL + b"%C3%A5", b"", None, codec_of_account=codec_of_account)
    assert (asked, order.body) == (["ip1-12345"], "Ã¥")


@pytest.mark.parametrize(
    "to", [b"+46701234567", b"%2B46701234567", b" 46701234567", b"0046701234567", b"0701234567"]
)
def test_an_unescaped_plus_means_the_country_code(to: bytes) -> None:
    _, order = parse(CALL.replace(b"46712345678", to) + b"hi")
    numbers = [parse_msisdn(number, country_code="46") for number in order.recipients]
    assert numbers == ["46701234567"]


@pytest.mark.parametrize(
    "to", [b"46701234567,46701234568", b"46701234567;46701234568;", b"46701234567&to=46701234568"]
)
def test_several_recipients_are_listed_or_repeated(to: bytes) -> None:
    _, order = parse(CALL.replace(b"46712345678", to) + b"hi")
    assert order.recipients == ("46701234567", "46701234568")


def test_the_query_wins_over_the_form_name_by_name() -> None:
    query = b"acc=ip1-12345&pass=demo-key&from=&to=46712345678"
    _, order = parse(query, b"from=iP1&to=46700000000&msg=from+the+form", queries.FORM)
    assert (order.sender, order.recipients, order.body) == ("", ("46712345678",), "from the form")


def test_a_form_sent_with_the_same_query_doubles_nothing() -> None:
    _, order = parse(CALL + b"hi", CALL + b"hi\r\n", queries.FORM)
    assert (order.recipients, order.body) == (("46712345678",), "hi")


def test_a_charset_of_the_form_counts_for_the_form() -> None:
    _, order = parse(b"from=%C3%A5", CALL + b"%C3%A5", f'{queries.FORM}; charset="ISO-8859-1"')
    assert (order.sender, order.body) == ("å", "Ã¥")


def test_a_body_that_is_no_form_counts_for_nothing() -> None:
    _, order = parse(CALL + b"hi", b'{"msg": "something else"}', "application/json; charset=utf-8")
    assert order.body == "hi"
    assert parse(CALL.removesuffix(b"&msg="), b"&msg=hi", "text/plain")[1].body is None


def test_a_multipart_form_is_read() -> None:
    boundary = "------------------------d74496d66958873e"
    fields = {"acc": "ip1-12345", "pass": "demo-key", "from": "iP1", "to": "46712345678", "msg": "två\r\nrader"}
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    _, order = parse(b"", f"{parts}--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}")
    assert (order.recipients, order.body) == (("46712345678",), "två\r\nrader")


@pytest.mark.parametrize("query", [b"", b"acc=ip1-12345", b"pass=demo-key", b"acc=&pass=", b"acc", b"&&=&"])
def test_missing_credentials_are_wrong_credentials(query: bytes) -> None:
    with pytest.raises(WrongCredentials):
        parse(query)


def test_missing_parameters_are_left_to_the_service() -> None:
    _, order = parse(b"acc=ip1-12345&pass=demo-key")
    assert (order.sender, order.recipients, order.body) == (None, (), None)


def test_too_many_parameters_are_refused_and_none_is_lost() -> None:
    full = CALL + b"hi" + b"&to=46700000000" * (queries.MAX_PARAMETERS - 7)
    assert len(parse(full)[1].recipients) == queries.MAX_PARAMETERS - 6
    with pytest.raises(BadParameter):
        parse(full + b"&to=46700000000" * 10)


@given(
    st.binary(),
    st.binary(),
    st.sampled_from([None, queries.FORM, "multipart/form-data; boundary=x", "text/plain; charset=zip"]),
)
def test_no_bytes_break_the_decoder(query: bytes, body: bytes, content_type: str | None) -> None:
    with suppress(GatewayError):
        parse(query, body, content_type)


@given(
    st.lists(st.sampled_from([b"%", b"u", b"%u", b"d8", b"3D", b"%uDE00", b"+", b"&", b"=", b"msg", b"\xe5", b";"]))
)
def test_no_pieces_of_escapes_break_the_decoder(pieces: list[bytes]) -> None:
    body_of(b"".join(pieces))


# PostgreSQL and an SMS know no NUL; lone surrogates are no text.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(TEXT)
def test_what_is_escaped_as_utf_8_comes_back(text: str) -> None:
    assert body_of(quote_plus(text).encode("ascii")) == text


@given(TEXT)
def test_what_is_escaped_as_utf_16_units_comes_back(text: str) -> None:
    units = text.encode("utf-16-be").hex()
    assert body_of("".join(f"%u{units[at : at + 4]}" for at in range(0, len(units), 4)).encode()) == text


@given(st.text(st.sampled_from("abc åäöÅÄÖéü€")))
def test_swedish_text_in_windows_1252_comes_back(text: str) -> None:
    assert body_of(quote_from_bytes(text.encode("cp1252")).encode(), pinned="cp1252") == text
