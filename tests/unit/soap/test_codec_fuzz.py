"""Whatever comes in, the codec reads a call or says what the platform would have said."""

from xml.parsers import expat

from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.soap import answers, codec
from adapters.soap.answers import FaultCode, SoapVersion
from adapters.soap.decoding import to_utf8
from adapters.soap.envelope import Unreadable
from tests.unit.soap.envelopes import TABLE, Envelope, envelopes

HEADERS = st.none() | st.sampled_from(["", '""', '"urn:x/sms"', "text/xml; charset=utf-16"]) | st.text(max_size=40)
CONTENT_TYPES = HEADERS | st.sampled_from(
    ["text/xml", "application/soap+xml;action=x", 'text/xml; charset="utf-7"']
)
PLAIN = Envelope(operation="sms", arguments={}, ways=frozenset())


def read(body: bytes, content_type: str | None, soap_action: str | None) -> codec.SoapCall | answers.Answer:
    try:
        return codec.parse(body, content_type=content_type, soap_action=soap_action, table=TABLE)
    except Unreadable as refusal:
        return refusal.answer


def check(read: codec.SoapCall | answers.Answer) -> None:
    answer = codec.render_result(read, "42500000") if isinstance(read, codec.SoapCall) else read
    assert answer.status in (200, 400, 415, 500)
    assert bool(answer.body) == (answer.status in (200, 500))
    if answer.body:
        # Not lxml, which takes no namespace that is no URI, nor ElementTree, which takes none with a brace.
        expat.ParserCreate(namespace_separator="").Parse(answer.body, True)


@given(body=st.binary(max_size=300), content_type=CONTENT_TYPES, soap_action=HEADERS)
@example(body=b"<?xml version='1.0' encoding='hex'?><a/>", content_type="text/xml", soap_action=None)
@settings(max_examples=500, deadline=None)
def test_any_bytes_get_an_answer(body: bytes, content_type: str | None, soap_action: str | None) -> None:
    check(read(body, content_type, soap_action))


@given(
    envelope=envelopes(),
    at=st.integers(min_value=0, max_value=600),
    junk=st.binary(max_size=8),
    cut=st.integers(min_value=0, max_value=8),
    content_type=CONTENT_TYPES,
    soap_action=HEADERS,
)
@example(
    envelope=PLAIN,
    at=PLAIN.render().index(b"http://tempuri.org/"),
    junk=b"}",
    cut=0,
    content_type="text/xml",
    soap_action=None,
)
@settings(max_examples=1000, deadline=None)
def test_a_damaged_envelope_gets_an_answer(
    envelope: Envelope, at: int, junk: bytes, cut: int, content_type: str | None, soap_action: str | None
) -> None:
    whole = envelope.render()
    check(read(whole[:at] + junk + whole[at + cut :], content_type, soap_action))


@given(text=st.text(), version=st.sampled_from(SoapVersion))
def test_any_text_of_a_fault_makes_well_formed_xml(text: str, version: SoapVersion) -> None:
    assert etree.fromstring(answers.render_fault(version, FaultCode.CALLER, text).body) is not None


@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\ufffe\uffff", exclude_categories=["Cc"])))
def test_a_result_reaches_its_caller_unchanged(text: str) -> None:
    # asmx-facts 2.44
    call = read(PLAIN.render(), "text/xml", '""')
    assert isinstance(call, codec.SoapCall)
    answer = etree.fromstring(codec.render_result(call, text).body)
    assert (answer.findtext("{*}Body/{*}smsResponse/{*}smsResult") or "") == text


XML_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(text=XML_TEXTS, encoding=st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]))
def test_a_byte_order_mark_is_enough(text: str, encoding: str) -> None:
    # asmx-facts 2.28
    assert to_utf8(text.encode(encoding), "iso-8859-1").decode() == text


@given(document=st.binary(max_size=200), charset=st.none() | st.text(max_size=12))
def test_any_bytes_become_utf8(document: bytes, charset: str | None) -> None:
    to_utf8(document, charset).decode("utf-8")
