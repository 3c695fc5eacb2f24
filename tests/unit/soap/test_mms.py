"""mms.asmx: the transcripts hold its answer; here are its description and its page, and how a call is read."""

import asyncio
from typing import Any

import pytest
import zeep
from aiohttp import ClientSession

from adapters.soap.settings import SoapSettings
from gateway.domain.sms import Priority
from tests.unit.soap.conftest import Gateway, StartGateway


def mms_url(gateway: Gateway) -> str:
    return f"http://{gateway.host}:{gateway.port}/mms/mms.asmx"


async def test_a_client_that_reads_the_wsdl_is_told_the_truth(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(SoapSettings(operation_names={"mms": "skickaMms"}))
    client = await asyncio.to_thread(zeep.Client, f"{mms_url(gateway)}?wsdl")
    with pytest.raises(zeep.exceptions.Fault, match="MMS cannot be sent any more"):
        await asyncio.to_thread(client.service.skickaMms, konto="ip1-12345", till="46700000001")
    assert gateway.service.orders == []


async def test_the_page_says_so_too(gateway: Gateway) -> None:
    async with ClientSession() as session, session.get(mms_url(gateway)) as response:
        page = await response.text()
    assert '<a href="mms.asmx?op=mms">mms</a>' in page
    assert "MMS cannot be sent any more, and every call is answered with a fault that says so." in page


async def test_with_links_the_page_says_what_becomes_of_an_mms(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(SoapSettings(mms_as_sms_link=True))
    async with ClientSession() as session, session.get(mms_url(gateway)) as response:
        page = await response.text()
    assert "Sends the text as an SMS with links to the pictures." in page
    assert "MMS cannot be sent any more: the text goes out as an SMS with links to the pictures." in page


async def test_with_links_a_call_is_an_order_with_pictures(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(SoapSettings(mms_as_sms_link=True))
    client = await asyncio.to_thread(zeep.Client, f"{mms_url(gateway)}?wsdl")
    arguments: tuple[Any, ...] = (
        "ip1-12345",
        "demo-key",
        "46700000001,46700000002",
        "Butik",
        "Rea",
        "Idag",
        "3",
        b"GIF89a",
        b"GIF87a",
    )
    assert await asyncio.to_thread(client.service.mms, *arguments) == "42500000"
    (order,) = gateway.service.orders
    assert order.recipients == ("46700000001", "46700000002")
    assert (order.sender, order.body, order.priority) == ("Butik", "Rea\nIdag", Priority.URGENT)
    assert [picture.content for picture in gateway.service.pictures] == [b"GIF89a", b"GIF87a"]


async def test_with_links_an_unknown_operation_and_broken_xml_are_answered_as_ever(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(SoapSettings(mms_as_sms_link=True))
    headers = {"Content-Type": "text/xml", "SOAPAction": '"urn:x"'}
    envelope = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><x/></e:Body></e:Envelope>'
    async with ClientSession() as session:
        async with session.post(mms_url(gateway), data=envelope, headers=headers) as response:
            assert response.status == 500
            assert "Server did not recognize the value of HTTP Header SOAPAction: urn:x." in await response.text()
        async with session.post(mms_url(gateway), data="<", headers=headers) as response:
            assert (response.status, await response.text()) == (400, "")
