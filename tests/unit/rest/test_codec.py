"""What callers of REST 1.0 write, and what is read from it."""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.rest import codec
from gateway.domain.account import AccountSettings
from gateway.domain.errors import BadParameter, GatewayError, NotFound, WrongCredentials
from gateway.domain.sms import Credentials, Interface, Order, Priority

JSON = "application/json"
SWEDISH = {"From": "iP1", "Numbers": ["46712345678"], "Message": "räksmörgås"}


def parse(document: Any, content_type: str = JSON) -> Order:
    return codec.parse_order(json.dumps(document).encode(), content_type)


def refusal(document: Any) -> BadParameter:
    with pytest.raises(BadParameter) as caught:
        parse(document)
    return caught.value


def basic(pair: bytes) -> str:
    return "Basic " + base64.b64encode(pair).decode()


def credentials_of(header: str | None) -> Credentials:
    return codec.parse_credentials({} if header is None else {"Authorization": header})


# ---- credentials -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pair", "account_id", "api_key"),
    [
        (b"ip1-12345:cCnbXFfyTM5BTKh7uNV", "ip1-12345", "cCnbXFfyTM5BTKh7uNV"),
        (b"ip1-12345:a:b#c d", "ip1-12345", "a:b#c d"),
        ("ip1-12345:å".encode(), "ip1-12345", "å"),
        ("ip1-12345:å".encode("latin-1"), "ip1-12345", "å"),
    ],
)
def test_basic_credentials_are_read(pair: bytes, account_id: str, api_key: str) -> None:
    expected = Credentials(account_id=account_id, api_key=api_key)
    assert credentials_of(basic(pair)) == expected
    assert credentials_of(basic(pair).replace("Basic", "basic").rstrip("=")) == expected


def test_a_bearer_token_names_no_account() -> None:
    assert credentials_of(" Bearer  demo-token ") == Credentials(account_id=None, api_key="demo-token")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic ***",
        "Basic å",
        "Bearer ",
        "Digest x",
        basic(b"nokey"),
        basic(b":key"),
        basic(b"ip1-1:"),
    ],
)
def test_missing_or_garbled_credentials_are_wrong_credentials(header: str | None) -> None:
    with pytest.raises(WrongCredentials):
        credentials_of(header)


# ---- the order ---------------------------------------------------------------------------------------------


def test_the_documented_document_is_read() -> None:
    order = parse(
        {
            "Numbers": ["+14155552671", "+14155552672"],
            "Contacts": [],
            "Groups": None,
            "Email": True,
            "Prio": 1,
            "From": "iP.1",
            "Message": "Hello {title}",
            "Parameters": {"14155552671": {"title": "Sir"}, "default": {"title": "friend"}},
        }
    )
    assert order == Order(
        interface=Interface.REST,
        sender="iP.1",
        recipients=("+14155552671", "+14155552672"),
        body="Hello {title}",
        priority=Priority.GROUP,
        values={"14155552671": {"title": "Sir"}, "default": {"title": "friend"}},
        wants_email=True,
    )


@pytest.mark.parametrize(
    "document", [{}, dict.fromkeys(["From", "Numbers", "Message", "Prio", "Email", "Parameters"])]
)
def test_what_is_missing_or_null_is_left_to_the_service(document: dict[str, Any]) -> None:
    assert parse(document) == Order(interface=Interface.REST, sender=None, recipients=(), body=None)


def test_names_are_taken_in_any_case() -> None:
    order = parse({"from": "iP1", "NUMBERS": ["46712345678"], "mEssage": "hi"})
    assert (order.sender, order.recipients, order.body) == ("iP1", ("46712345678",), "hi")


def test_numbers_may_be_written_as_numbers() -> None:
    order = parse(
        {"From": 46701234567, "Numbers": [46712345678, "46712345679", None, ""], "Message": 1234, "Prio": "3"}
    )
    assert (order.sender, order.recipients, order.body) == ("46701234567", ("46712345678", "46712345679"), "1234")
    assert order.priority is Priority.URGENT


def test_template_values_become_text_as_written() -> None:
    document = (
        b'{"Parameters": {"default": {"a": 1.50, "b": 7, "c": true, "d": null, "e": "x\\u0000"}, "46": null}}'
    )
    order = codec.parse_order(document, JSON)
    assert order.values == {"default": {"a": "1.50", "b": "7", "c": "true", "d": "", "e": "x"}, "46": {}}


@pytest.mark.parametrize("empty", [[], {}, None])
def test_empty_parameters_are_none_even_as_php_writes_them(empty: Any) -> None:
    assert parse({"Parameters": empty}).values is None


@pytest.mark.parametrize("field", ["Contacts", "Groups"])
def test_ids_of_the_old_address_book_are_refused(field: str) -> None:
    error = refusal({**SWEDISH, field: [2314]})
    assert error.parameter == field
    assert "Numbers" in error.problem


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("From", ["iP1"]),
        ("From", True),
        ("Numbers", "46712345678"),
        ("Numbers", {"0": "46712345678"}),
        ("Numbers", [["46712345678"]]),
        ("Contacts", 1),
        ("Message", {"text": "hi"}),
        ("Prio", []),
        ("Email", "maybe"),
        ("Email", []),
        ("Parameters", "x"),
        ("Parameters", {"default": "x"}),
        ("Parameters", {"default": {"name": ["x"]}}),
    ],
)
def test_a_wrong_type_is_refused_by_the_fields_name(field: str, value: Any) -> None:
    assert refusal({**SWEDISH, field: value}).parameter == field


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"text"',
        b"1",
        b"{",
        b"{'From': 'iP1'}",
        b'{"From": "iP1",}',
        b"<sms/>",
        b"\0",
        b"From=iP1",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"From": ' + b"9" * 100_000 + b"}",
        b'{"Message": "\\ud800"}',
    ],
    ids=lambda body: body[:20].decode(),
)
def test_what_is_not_a_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadParameter) as caught:
        codec.parse_order(body, JSON)
    assert caught.value.parameter == "request"


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", JSON),
        ("utf-8", "application/json; utf8"),
        ("utf-8-sig", "application/json;charset=utf-8"),
        ("latin-1", JSON),
        ("latin-1", "application/json; charset=ISO-8859-1"),
        ("latin-1", "application/json; charset=zip"),
        ("utf-16", JSON),
        ("utf-16-le", "text/json; charset=utf-16le"),
    ],
)
def test_the_encoding_is_found(encoding: str, content_type: str) -> None:
    body = json.dumps(SWEDISH, ensure_ascii=False).encode(encoding)
    assert codec.is_json(content_type)
    assert codec.parse_order(body, content_type).body == "räksmörgås"


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/xml"]
)
def test_other_content_types_are_not_json(content_type: str | None) -> None:
    assert not codec.is_json(content_type)


# ---- paths and queries -------------------------------------------------------------------------------------


def test_an_id_is_a_whole_number() -> None:
    assert codec.parse_id("42500000") == 42500000


@pytest.mark.parametrize("written", ["", "abc", "-1", "1.0", "٣", "12345678901", "0x10", " 1"])
def test_any_other_id_is_not_found(written: str) -> None:
    with pytest.raises(NotFound):
        codec.parse_id(written)


@pytest.mark.parametrize(
    "query",
    [
        b"from[0]=iP.1&from[1]=0701234567&to[0]=%2B46712345678&to[1]=0712345679",
        b"from%5B0%5D=iP1&FROM=%2B46+70-123+45+67&to[]=+46712345678&To=46712345679",
    ],
)
def test_filters_are_spelled_as_stored(query: bytes) -> None:
    filters = codec.parse_filters(query, AccountSettings())
    assert list(filters.senders) == ["iP1", "46701234567"]
    assert list(filters.recipients) == ["46712345678", "46712345679"]


def test_a_filter_that_fits_nothing_still_filters() -> None:
    filters = codec.parse_filters(b"from[0]=%C3%A5&to[0]=nobody", AccountSettings())
    assert (len(filters.senders), list(filters.recipients)) == (1, ["nobody"])


@pytest.mark.parametrize(
    "query", [b"from[0]=Butiken+%C3%85", b"from[0]=Butiken%20%C5", b"from=Butiken+\xc5", b"FROM[0]=Butiken+%u00C5"]
)
def test_a_mapped_sender_is_looked_up_by_what_was_sent(query: bytes) -> None:
    # asmx-facts 1.12, 2.39
    settings = AccountSettings(senders={"Butiken Å": "Butiken"})
    assert list(codec.parse_filters(query, settings).senders) == ["Butiken"]


# ---- anything at all ---------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(["From", "numbers", "Contacts", "Groups", "Message", "PRIO", "Email", "Parameters", "x"])

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@unhurried
@given(st.dictionaries(FIELDS, VALUES))
def test_no_document_breaks_the_reader(document: dict[str, Any]) -> None:
    with suppress(GatewayError):
        parse(document)


@unhurried
@given(st.binary(), st.sampled_from([JSON, "application/json; charset=utf-16", "text/json; charset=latin1"]))
def test_no_bytes_break_the_reader(body: bytes, content_type: str) -> None:
    with suppress(GatewayError):
        codec.parse_order(body, content_type)


@unhurried
@given(st.text(st.characters(codec="latin-1")))
def test_no_header_breaks_the_credentials(header: str) -> None:
    for written in (header, f"Basic {header}", basic(header.encode("latin-1"))):
        with suppress(WrongCredentials):
            credentials_of(written)


@unhurried
@given(st.binary())
def test_no_query_breaks_the_filters(query: bytes) -> None:
    codec.parse_filters(query, AccountSettings())
