"""The corners of the codec that no transcript shows."""

import pytest

from adapters.soap import answers, codec
from adapters.soap.answers import SoapVersion
from adapters.soap.decoding import to_utf8
from adapters.soap.envelope import parse_content_type
from tests.unit.soap.envelopes import TABLE, Envelope


def call_of(**arguments: str) -> codec.SoapCall:
    body = Envelope(operation="balans", arguments=arguments, ways=frozenset()).render()
    return codec.parse(body, content_type="text/xml", soap_action=None, table=TABLE)


def test_a_result_that_is_null_is_left_out() -> None:
    # asmx-facts 2.16: with a blank before the slash
    assert (
        b'<soap:Body><balansResponse xmlns="http://tempuri.org/" /></soap:Body>'
        in codec.render_result(call_of(), None).body
    )


def test_a_result_that_is_empty_is_an_empty_element() -> None:
    assert b"<balansResult /></balansResponse>" in codec.render_result(call_of(), "").body


def test_text_is_escaped_as_the_platform_s_writer_did() -> None:
    answer = answers.render_result(
        SoapVersion.SOAP11, response="r", result="t", namespace='a"&<b>', text='<&>"\r\x00'
    )
    assert b'<r xmlns="a&quot;&amp;&lt;b&gt;"><t>&lt;&amp;&gt;"&#xD;?</t></r>' in answer.body


def test_a_call_keeps_what_was_said_out_of_its_representation() -> None:
    assert "demo-key" not in repr(call_of(konto="ip1-12345", passwd="demo-key"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("text/xml", ("text/xml", None, None)),
        ("TEXT/XML;CHARSET=UTF-8", ("text/xml", "UTF-8", None)),
        ('text/xml ; charset = "utf-8"', ("text/xml", "utf-8", None)),
        ('application/soap+xml; action="urn:a;b"; charset=utf-8', ("application/soap+xml", "utf-8", "urn:a;b")),
        ("text/xml; charset", ("text/xml", None, None)),
        ("", ("", None, None)),
    ],
)
def test_a_content_type_is_read_however_it_is_written(
    written: str, read: tuple[str, str | None, str | None]
) -> None:
    # asmx-facts 2.28, 2.59, 2.62
    assert parse_content_type(written) == read


@pytest.mark.parametrize(
    "action", ["sms", "http://tempuri.org/sms", "urn:x#sms", "urn:x:sms", "http://x/sms/", "http://x/SMS"]
)
def test_an_action_names_an_operation_with_its_last_segment(action: str) -> None:
    # asmx-facts 2.53, 2.59
    assert TABLE.find_by_action(action) is TABLE.find("sms")


@pytest.mark.parametrize(
    ("document", "charset", "text"),
    [
        (b"\xe5 \x80\x81", None, "å €\x81"),
        (b"\xe5 \x80\x81", "utf-8", "å €\x81"),
        (b"<?xml version='1.0' encoding='windows-1251'?>\xcf", "utf-8", "П"),
        (b"<?xml version='1.0' encoding='windows-1251'?>\xcf", "idna", "П"),
        (b"<?xml version='1.0' encoding='US-ASCII'?>\xc3\xa5", None, "å"),
        ("<å".encode("utf-16-be"), None, "å"),
    ],
)
def test_a_document_is_read_by_the_first_encoding_that_fits_it(
    document: bytes, charset: str | None, text: str
) -> None:
    # asmx-facts 2.28
    assert to_utf8(document, charset).decode("utf-8").endswith(text)
