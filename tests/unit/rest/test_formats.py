"""JSON for everybody, XML for those who take nothing else."""

import msgspec
import pytest
from lxml import etree

from adapters.rest import formats
from adapters.rest.documents import DocumentMaker, Problem, ReceivedMessage, SentMessage
from tests.recording import NOW, load_tables
from tests.unit.rest.test_documents import make_record

MAKER = DocumentMaker(tables=load_tables(), now=lambda: NOW)


@pytest.mark.parametrize(
    "accept", ["application/xml", "text/xml;q=0.9, application/xml", "Application/XML; charset=utf-8"]
)
def test_xml_is_for_those_who_accept_nothing_else(accept: str) -> None:
    assert formats.choose_format(accept) == formats.XML


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "*/*",
        "application/json",
        "application/xml, application/json",
        "application/xml,",
        "application/xmlish",
        "text/html,application/xml;q=0.9,*/*;q=0.8",
    ],
)
def test_json_is_for_everybody_else(accept: str | None) -> None:
    assert formats.choose_format(accept) == formats.JSON


def test_a_sent_message_has_every_documented_field_in_order() -> None:
    body = formats.render([MAKER.read(make_record())], formats.JSON, of=SentMessage)
    assert body == (
        b'[{"Created":"2026-11-21T12:34:56.3333010+00:00","CreatedDate":"2026-11-21T12:34:56.3333010+00:00",'
        b'"Modified":"2026-11-21T12:34:56.3333010+00:00","UpdatedDate":"2026-11-21T12:34:56.3333010+00:00",'
        b'"ID":42500000,"BundleID":null,"Status":0,"StatusDescription":"Delivered to gateway","To":"46712345678",'
        b'"CountryCode":"SE","Currency":"SEK","TotalPrice":0.0,"Price":0.0,"Encoding":"GSM7","Segments":1,"Prio":2,'
        b'"From":"iP1","Message":"hi"}]'
    )


def test_a_new_message_has_no_modification_yet() -> None:
    document = msgspec.json.decode(formats.render(MAKER.created(make_record()), formats.JSON, of=SentMessage))
    assert not {"Modified", "UpdatedDate"} & set(document)


def test_xml_is_written_as_the_old_serializer_did() -> None:
    body = formats.render([MAKER.created(make_record("a<b & åäö \x1b"))], formats.XML, of=SentMessage)
    assert body.decode() == (
        '<ArrayOfProcessedSms xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
        ' xmlns="http://schemas.datacontract.org/2004/07/"><ProcessedSms><BundleID i:nil="true"/>'
        "<CountryCode>SE</CountryCode><Created>2026-11-21T12:34:56.3333010+00:00</Created>"
        "<CreatedDate>2026-11-21T12:34:56.3333010+00:00</CreatedDate><Currency>SEK</Currency><Encoding>UCS2</Encoding>"
        "<From>iP1</From><ID>42500000</ID><Message>a&lt;b &amp; åäö </Message><Price>0.0</Price><Prio>2</Prio>"
        "<Segments>1</Segments><Status>0</Status><StatusDescription>Delivered to gateway</StatusDescription>"
        "<To>46712345678</To><TotalPrice>0.0</TotalPrice></ProcessedSms></ArrayOfProcessedSms>"
    )


def test_an_empty_list_and_a_single_document_are_xml_too() -> None:
    assert etree.fromstring(formats.render([], formats.XML, of=ReceivedMessage)).tag.endswith("}ArrayOfReceivedSms")
    assert etree.fromstring(formats.render(MAKER.created(make_record()), formats.XML, of=SentMessage)).tag.endswith(
        "}ProcessedSms"
    )


def test_an_error_is_xml_in_no_namespace() -> None:
    problem = Problem(message="Numbers: is missing", model_state={"Numbers": ["is missing"]})
    assert formats.render(problem, formats.XML, of=Problem) == (
        b"<Error><Message>Numbers: is missing</Message>"
        b"<ModelState><Numbers>is missing</Numbers></ModelState></Error>"
    )
