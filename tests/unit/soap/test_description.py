"""WSDL, discovery and pages: read by the libraries and the browser that old callers use."""

import asyncio
import re
from typing import Any

import pytest
import suds.client
import zeep
from aiohttp import ClientSession
from lxml import etree
from playwright.async_api import async_playwright

from adapters.soap.settings import SoapSettings
from tests.unit.soap.conftest import Gateway, StartGateway

W = "{http://schemas.xmlsoap.org/wsdl/}"
S = "{http://www.w3.org/2001/XMLSchema}"


async def fetch(gateway: Gateway, query: str, **headers: str) -> tuple[int, str, str]:
    """Status, content type and text."""
    async with ClientSession() as session, session.get(gateway.url + query, headers=headers) as response:
        return response.status, response.headers["Content-Type"], await response.text("utf-8")


async def fetch_wsdl(gateway: Gateway, **headers: str) -> Any:
    status, content_type, text = await fetch(gateway, "?wsdl", **headers)
    assert (status, content_type) == (200, "text/xml; charset=utf-8")
    return etree.fromstring(text.encode())


def addresses(wsdl: Any) -> set[str]:
    return set(wsdl.xpath("//@location[starts-with(., 'http')]"))


def names(wsdl: Any, tag: str) -> list[str]:
    return [element.get("name") for element in wsdl.findall(W + tag)]


async def test_the_wsdl_has_the_old_platform_s_order_and_names(gateway: Gateway) -> None:
    # asmx-facts 2.1, 2.2
    wsdl = await fetch_wsdl(gateway)
    tags = [etree.QName(child).localname for child in wsdl]
    assert tags == sorted(tags, key=["types", "message", "portType", "binding", "service"].index)
    assert names(wsdl, "message")[:2] == ["smsSoapIn", "smsSoapOut"]
    assert names(wsdl, "portType") == ["sendSmsSoap"]
    assert names(wsdl, "binding") == ["sendSmsSoap", "sendSmsSoap12"]
    assert [port.get("name") for port in wsdl.iter(W + "port")] == ["sendSmsSoap", "sendSmsSoap12"]


async def test_the_wsdl_has_four_ports_where_the_http_bindings_are_on(start_gateway: StartGateway) -> None:
    # asmx-facts 2.1, 2.4
    wsdl = await fetch_wsdl(await start_gateway(SoapSettings(http_bindings=True)))
    kinds = ["Soap", "Soap12", "HttpGet", "HttpPost"]
    assert [port.get("name") for port in wsdl.iter(W + "port")] == [f"sendSms{kind}" for kind in kinds]
    assert names(wsdl, "portType") == ["sendSmsSoap", "sendSmsHttpGet", "sendSmsHttpPost"]
    assert wsdl.find(f".//{S}schema/{S}element[@name='string']").get("nillable") == "true"


async def test_every_parameter_is_an_optional_string_in_both_casings(gateway: Gateway) -> None:
    # asmx-facts 2.13, 2.14
    wsdl = await fetch_wsdl(gateway)
    declared = wsdl.findall(f".//{S}element[@name='sms']//{S}element")
    small = ["konto", "passwd", "till", "from", "meddelande", "prio"]
    assert [element.get("name") for element in declared] == small + [name.capitalize() for name in small]
    assert {(e.get("minOccurs"), e.get("maxOccurs"), e.get("type")) for e in declared} == {("0", "1", "s:string")}


async def test_the_action_is_the_namespace_and_the_name(start_gateway: StartGateway) -> None:
    # asmx-facts 2.7
    wsdl = await fetch_wsdl(await start_gateway(SoapSettings(namespace="urn:iP1")))
    assert "urn:iP1/sms" in wsdl.xpath("//@soapAction")
    assert wsdl.get("targetNamespace") == "urn:iP1"


@pytest.mark.parametrize("query", ["?WSDL", "?Wsdl&x=1", "?wsdl"])
async def test_the_keyword_has_no_case(gateway: Gateway, query: str) -> None:
    # asmx-facts 2.9
    assert "<wsdl:definitions " in (await fetch(gateway, query))[2]


async def test_the_address_is_the_one_that_was_asked(gateway: Gateway) -> None:
    # asmx-facts 2.8
    wsdl = await fetch_wsdl(gateway, Host="web.smscom.se")
    assert addresses(wsdl) == {"http://web.smscom.se/sendsms/sendsms.asmx"}


async def test_a_configured_address_wins(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(SoapSettings(public_url="https://sms.example.se/"))
    assert addresses(await fetch_wsdl(gateway)) == {"https://sms.example.se/sendsms/sendsms.asmx"}


async def test_a_host_cannot_break_out_of_the_wsdl_or_the_page(gateway: Gateway) -> None:
    hostile = 'a"><script>x'
    assert addresses(await fetch_wsdl(gateway, Host=hostile))
    assert "<script>x" not in (await fetch(gateway, "?op=sms", Host=hostile))[2]


async def test_renamed_operations_are_published_and_answered(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(SoapSettings(operation_names={"beskrivning": "statusText"}))
    client = await asyncio.to_thread(zeep.Client, f"{gateway.url}?wsdl")
    assert await asyncio.to_thread(client.service.statusText, kod="22") == "Delivered to the phone"


@pytest.mark.parametrize("port", ["sendSmsSoap", "sendSmsSoap12"])
async def test_zeep_sends_a_message_with_arguments_by_position(gateway: Gateway, port: str) -> None:
    client = await asyncio.to_thread(zeep.Client, f"{gateway.url}?wsdl", port_name=port)
    arguments = ("ip1-12345", "demo-key", "46700000001", "Butik", "Hej åäö €", "1")
    assert await asyncio.to_thread(client.service.sms, *arguments) == "42500000"
    assert [order.body for order in gateway.service.orders] == ["Hej åäö €"]


@pytest.mark.parametrize("casing", [str, str.capitalize])
async def test_suds_sends_a_message_under_either_casing(gateway: Gateway, casing: Any) -> None:
    client = await asyncio.to_thread(suds.client.Client, f"{gateway.url}?wsdl", cache=None)
    arguments = {
        "konto": "ip1-12345",
        "passwd": "demo-key",
        "till": "46700000001",
        "from": "Butik",
        "meddelande": "Hej åäö",
    }
    sent = {casing(name): value for name, value in arguments.items()}
    assert await asyncio.to_thread(lambda: client.service.sms(**sent)) == "42500000"
    assert [order.body for order in gateway.service.orders] == ["Hej åäö"]


async def test_the_page_lists_every_operation_and_says_what_is_original(gateway: Gateway) -> None:
    # asmx-facts 2.36, 2.37
    status, content_type, page = await fetch(gateway, "")
    assert (status, content_type) == (200, "text/html; charset=utf-8")
    assert "<title>sendSms Web Service</title>" in page
    assert '<link rel="alternate" type="text/xml" href="/sendsms/sendsms.asmx?disco" />' in page
    assert re.findall(r'\?op=(\w+)"', page) == [
        "sms",
        "balans",
        "smsVidTid",
        "bundleSms",
        "avbrytBundle",
        "beskrivning",
    ]
    assert "Sendsms Gateway in place of the original" in page


async def test_any_other_query_shows_the_page(gateway: Gateway) -> None:
    # asmx-facts 2.9
    for query in ("?singleWsdl", "?xsd=xsd0", "?op=nosuch", "?%FF"):
        assert "The following operations are supported." in (await fetch(gateway, query))[2]


async def test_a_sample_works_when_its_placeholders_are_replaced(gateway: Gateway) -> None:
    # asmx-facts 2.38
    page = etree.HTML((await fetch(gateway, "?op=sms"))[2])
    samples = [pre.text or "" for pre in page.iter("pre")]
    values = {"konto": "ip1-12345", "passwd": "demo-key", "till": "46700000001", "from": "Butik", "prio": "1"}
    for request, response in (samples[:2], samples[2:]):
        head, _, body = request.partition("\n\n")
        headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
        del headers["Content-Length"], headers["Host"]
        for name, value in {**values, "meddelande": "Hej"}.items():
            body = body.replace(f"<{name}>string</{name}>", f"<{name}>{value}</{name}>")
        async with ClientSession() as session, session.post(gateway.url, data=body, headers=headers) as answer:
            result = re.sub(r"\d{8}", "string", await answer.text("utf-8"))
        shown = response.partition("\n\n")[2].replace("soap12", "soap")
        assert etree.canonicalize(result) == etree.canonicalize(shown, strip_text=True)


async def test_the_form_works_in_a_browser(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(SoapSettings(http_bindings=True))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium")
        page = await browser.new_page()
        await page.goto(gateway.url)
        await page.click("a[href$='op=sms']")
        values = {"konto": "ip1-12345", "passwd": "demo-key", "till": "46700000001", "from": "Butik", "prio": "2"}
        for name, value in {**values, "meddelande": "Hej åäö €"}.items():
            await page.fill(f"#{name}", value)
        async with page.expect_response(gateway.url + "/sms") as answered:
            await page.click("input[type=submit]")
        assert "42500000" in await (await answered.value).text()
        await browser.close()
    assert [order.body for order in gateway.service.orders] == ["Hej åäö €"]


async def test_without_the_http_bindings_the_page_has_no_form(gateway: Gateway) -> None:
    # asmx-facts 2.38
    page = (await fetch(gateway, "?op=sms"))[2]
    assert "The test form is only available for requests from the local machine." in page
    assert "<form" not in page
