"""mms.asmx: the transcripts hold its answer; here are its description and its page."""

import asyncio

import pytest
import zeep
from aiohttp import ClientSession

from adapters.soap.settings import SoapSettings
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
