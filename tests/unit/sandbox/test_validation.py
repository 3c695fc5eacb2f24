"""What a call is refused for: each row one wrong field of a call that is right otherwise."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sandbox.errors import Refused
from adapters.sandbox.validation import parse_draft
from tests.unit.sandbox.harness import OTHER_PHONE, PHONE, TurnedClock, make_call, open_sandbox

REFUSED: list[tuple[str, Any, str]] = [
    # field, value, part of the text
    ("sender", None, "required"),
    ("sender", "", "15 digits"),
    ("sender", 46701234567, "15 digits"),
    ("sender", "1234567890123456", "15 digits"),
    ("sender", "+46701234567", "15 digits"),
    ("sender", "ab", "3 to 11"),
    ("sender", "TwelveLetter", "3 to 11"),
    ("sender", "iP.1", "3 to 11"),
    ("sender", "Räksmörgås", "3 to 11"),
    ("sender", "two words", "3 to 11"),
    ("sender", "iP1\n", "3 to 11"),
    ("recipients", None, "required"),
    ("recipients", PHONE, "required"),
    ("recipients", [], "At least one"),
    ("recipients", {}, "At least one"),
    ("recipients", {"default": {"name": "x"}}, "At least one"),
    ("recipients", [PHONE, "+46701234567"], "position 1"),
    ("recipients", ["070-123 45 67"], "position 0"),
    ("recipients", ["1234567890123456"], "position 0"),
    ("recipients", [""], "position 0"),
    ("recipients", [46701234567], "position 0"),
    ("recipients", ["٤٦٧٠١٢٣٤٥٦٧"], "position 0"),
    ("recipients", [[PHONE]], "position 0"),
    ("recipients", {"+46701234567": {}}, "position 0"),
    ("recipients", {PHONE: "Bob"}, "object of strings"),
    ("recipients", {PHONE: {"name": 1}}, "object of strings"),
    ("body", None, "required"),
    ("body", "", "blank"),
    ("body", " \r\n\t", "blank"),
    ("body", 1, "required"),
    ("body", "x" * 2001, "2000"),
    ("type", "mms", "sms or flash"),
    ("type", 1, "sms or flash"),
    ("datacoding", "latin1", "gsm or ucs"),
    ("datacoding", 7, "gsm or ucs"),
    ("priority", 0, "1 or 2"),
    ("priority", 3, "1 or 2"),
    ("priority", "1", "1 or 2"),
    ("priority", True, "1 or 2"),
    ("priority", 1.0, "1 or 2"),
    ("deliveryWindows", {}, "array"),
    ("deliveryWindows", ["2026-01-01"], "object"),
    ("deliveryWindows", [{"opens": "tomorrow"}], "ISO 8601"),
    ("deliveryWindows", [{"opens": 1}], "ISO 8601"),
    ("deliveryWindows", [{"opens": "0001-01-01T00:00:00+12:00"}], "ISO 8601"),
    ("deliveryWindows", [{"opens": "2026-01-02T00:00:00Z", "closes": "2026-01-01T00:00:00Z"}], "close after"),
    ("deliveryWindows", [{}, {}], "overlap"),
    (
        "deliveryWindows",
        [
            {"opens": "2099-01-05T00:00:00Z", "closes": "2099-01-06T00:00:00Z"},
            {"opens": "2099-01-03T00:00:00Z"},  # closes 72 hours later: the 6th
        ],
        "overlap",
    ),
    ("deliveryReportUrl", "ftp://example.com/", "http"),
    ("deliveryReportUrl", "/news", "http"),
    ("deliveryReportUrl", "http://", "http"),
    ("deliveryReportUrl", "http://[", "http"),
    ("deliveryReportUrl", 1, "http"),
    ("reference", "", "blank"),
    ("reference", "  ", "blank"),
    ("reference", "x" * 41, "40"),
    ("reference", 7, "40"),
    ("tags", "marketing", "array of strings"),
    ("tags", ["a", 1], "array of strings"),
]


@pytest.mark.parametrize(("field", "value", "text"), REFUSED, ids=lambda value: repr(value)[:40])
async def test_a_wrong_field_is_refused_by_its_name(field: str, value: Any, text: str) -> None:
    async with (
        open_sandbox() as client,
        client.post("/v2/batches", json=make_call(**{field: value})) as answer,
    ):
        document = await answer.json()
        assert answer.status == 400
        assert document["title"]
        assert list(document["errors"]) == [field]
        assert text in document["errors"][field][0]
        async with client.get("/v2/batches") as batches:
            assert await batches.json() == []


TAKEN: list[tuple[str, Any]] = [
    ("sender", "1"),
    ("sender", "123456789012345"),
    ("sender", "abc"),
    ("sender", "ElevenChars"),
    ("recipients", ["123456789012345"]),
    ("body", "x" * 2000),
    ("type", None),
    ("type", "Flash"),
    ("datacoding", None),
    ("datacoding", "gsm"),
    ("datacoding", "UCS"),
    ("priority", None),
    ("priority", 2),
    ("deliveryWindows", None),
    ("deliveryWindows", []),
    ("deliveryWindows", [{"opens": None, "closes": None}]),
    ("deliveryWindows", [{"opens": "9999-12-31T00:00:00Z"}]),
    ("deliveryWindows", [{"opens": "2099-01-01"}]),
    (
        "deliveryWindows",
        [
            {"opens": "2099-01-06T00:00:00Z"},
            {"opens": "2099-01-03T00:00:00Z", "closes": "2099-01-06T00:00:00Z"},
        ],
    ),
    ("deliveryReportUrl", None),
    ("reference", None),
    ("reference", "x" * 40),
    ("tags", None),
    ("tags", []),
]


@pytest.mark.parametrize(("field", "value"), TAKEN, ids=lambda value: repr(value)[:40])
async def test_a_field_at_the_edge_of_its_rule_is_taken(field: str, value: Any) -> None:
    async with (
        open_sandbox() as client,
        client.post("/v2/batches", json=make_call(**{field: value})) as answer,
    ):
        assert answer.status == 201, await answer.text()


async def test_all_wrong_fields_are_named_at_once() -> None:
    async with open_sandbox() as client, client.post("/v2/batches", json={"priority": 9}) as answer:
        assert set((await answer.json())["errors"]) == {"sender", "recipients", "body", "priority"}


@pytest.mark.parametrize(
    "call",
    [
        make_call(datacoding="gsm", body="Привет"),
        make_call(
            datacoding="GSM", body="Hi {name}", recipients={PHONE: {"name": "Bo"}, OTHER_PHONE: {"name": "Юра"}}
        ),
    ],
    ids=["in the body", "in a value"],
)
async def test_gsm_refuses_a_text_that_needs_ucs(call: dict[str, Any]) -> None:
    async with open_sandbox() as client, client.post("/v2/batches", json=call) as answer:
        assert answer.status == 400
        assert "gsm" in (await answer.json())["errors"]["body"][0]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"text"', b"null", b"\xff", b'{"a": 1} x', b"[" * 100_000],
    ids=lambda body: repr(body)[:20],
)
async def test_a_body_that_is_no_json_object_is_400(body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with open_sandbox() as client, client.post("/v2/batches", data=body, headers=headers) as answer:
        assert answer.status == 400
        assert list((await answer.json())["errors"]) == ["$"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_what_does_not_call_itself_json_is_415(content_type: str) -> None:
    headers = {"Content-Type": content_type}
    async with open_sandbox() as client, client.post("/v2/batches", data=b"{}", headers=headers) as answer:
        assert answer.status == 415


async def test_json_with_a_charset_is_json() -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    async with open_sandbox() as client, client.post("/v2/batches", data=b"{}", headers=headers) as answer:
        assert answer.status == 400


async def test_a_body_over_the_limit_is_413() -> None:
    async with (
        open_sandbox(largest_body_bytes=1000) as client,
        client.post("/v2/batches", json=make_call(body="x" * 1000)) as answer,
    ):
        assert answer.status == 413


_TEXTS = st.text("aé€😀 {}+01", max_size=12)
_TIMES = st.datetimes().map(lambda moment: moment.isoformat()) | st.none() | _TEXTS
_WINDOWS = st.lists(st.fixed_dictionaries({"opens": _TIMES, "closes": _TIMES}), max_size=3)
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner),
    max_leaves=8,
)
_CALLS = st.dictionaries(
    st.sampled_from([*dict.fromkeys(field for field, _, _ in REFUSED)]),
    _ANYTHING | _WINDOWS | st.sampled_from([value for _, value in TAKEN]),
)


@settings(deadline=None)
@given(fields=_CALLS, base=st.sampled_from([{}, make_call()]))
def test_any_json_is_taken_or_refused_by_field(fields: dict[str, Any], base: dict[str, Any]) -> None:
    assert _find_refused(base | fields) <= {"sender", "recipients", "body", *fields}


def _find_refused(call: dict[str, Any]) -> set[str]:
    try:
        parse_draft(call, TurnedClock()())
    except Refused as refused:
        return set(refused.errors)
    return set()
