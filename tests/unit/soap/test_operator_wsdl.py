"""An operator's own copy of the old WSDL: served, obeyed, and refused where it cannot be."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import zeep
from aiohttp import ClientSession

from adapters.soap.operator_wsdl import load_operator_wsdl
from adapters.soap.routes import soap_routes
from adapters.soap.settings import SoapSettings
from gateway.domain.errors import ConfigurationError
from tests.unit.soap.conftest import Gateway, SoapService, StartGateway

OLD_WSDL = Path(__file__).with_name("old.wsdl")
MAPPED: dict[str, Any] = {
    "operation_names": {"beskrivning": "beskrivKod"},
    "parameter_names": {"passord": "passwd"},
}


@pytest.fixture
async def obeying(start_gateway: StartGateway) -> Gateway:
    return await start_gateway(SoapSettings(wsdl=OLD_WSDL, **MAPPED))


def problems_of(settings: SoapSettings) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        soap_routes(SoapService(), settings)
    return refused.value.problems


def rewritten(tmp_path: Path, old: str, new: str) -> SoapSettings:
    """Settings with a changed copy of the WSDL."""
    path = tmp_path / "changed.wsdl"
    path.write_text(OLD_WSDL.read_text("latin-1").replace(old, new, 1), "latin-1")
    return SoapSettings(wsdl=path, **MAPPED)


async def test_it_is_served_with_only_its_addresses_changed(obeying: Gateway) -> None:
    async with ClientSession() as session, session.get(f"{obeying.url}?wsdl") as response:
        served = await response.text("utf-8")
    kept = OLD_WSDL.read_text("latin-1").replace("http://web.smscom.se/sendSms/sendSms.asmx", obeying.url)
    assert served == kept.replace("iso-8859-1", "utf-8")


async def test_its_names_are_obeyed(obeying: Gateway) -> None:
    client = await asyncio.to_thread(zeep.Client, f"{obeying.url}?wsdl")
    arguments: tuple[Any, ...] = ("ip1-12345", "demo-key", "46700000001", "Butik", "Hej", 1)
    assert await asyncio.to_thread(client.service.sms, *arguments) == "42500000"
    assert await asyncio.to_thread(client.service.beskrivKod, kod="22") == "Delivered to the phone"


async def test_its_actions_are_obeyed(obeying: Gateway) -> None:
    envelope = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        '<x xmlns="http://smscom.se/"><kod>22</kod></x></e:Body></e:Envelope>'
    )
    headers = {"Content-Type": "text/xml", "SOAPAction": '"urn:describe"'}
    async with ClientSession() as session, session.post(obeying.url, data=envelope, headers=headers) as response:
        assert "<beskrivKodResult>Delivered to the phone</beskrivKodResult>" in await response.text()


async def test_a_result_that_it_leaves_unqualified_is_in_no_namespace(
    start_gateway: StartGateway, tmp_path: Path
) -> None:
    # asmx-facts 2.52: strict clients read nothing else.
    gateway = await start_gateway(rewritten(tmp_path, 'elementFormDefault="qualified"', ""))
    client = await asyncio.to_thread(zeep.Client, f"{gateway.url}?wsdl")
    assert await asyncio.to_thread(client.service.beskrivKod, kod="22") == "Delivered to the phone"


async def test_the_page_shows_its_operations(obeying: Gateway) -> None:
    async with ClientSession() as session, session.get(f"{obeying.url}?op=sms") as response:
        page = await response.text()
    assert "&lt;passord&gt;string&lt;/passord&gt;" in page
    assert "SOAPAction: &#34;urn:send-it&#34;" in page


def test_unknown_names_are_told_with_the_line_that_would_map_them() -> None:
    unknown_parameter, unknown_operation = problems_of(SoapSettings(wsdl=OLD_WSDL))
    assert unknown_parameter == (
        'soap.wsdl: the parameter "passord" of "sms" is not known; the closest is "passwd": write '
        'soap.parameter_names.passord = "passwd", or "" to ignore it'
    )
    assert unknown_operation == (
        'soap.wsdl: the operation "beskrivKod" is not known; the closest is "beskrivning": write '
        'soap.operation_names.beskrivning = "beskrivKod", or leave it out with '
        'soap.ignored_operations = ["beskrivKod"]'
    )


def test_an_unknown_operation_can_be_left_out_and_an_unknown_parameter_ignored() -> None:
    settings = SoapSettings(wsdl=OLD_WSDL, parameter_names={"passord": ""}, ignored_operations=("beskrivKod",))
    assert soap_routes(SoapService(), settings)


def test_a_file_that_imports_another_is_refused(tmp_path: Path) -> None:
    imported = '<wsdl:import namespace="urn:x" location="http://127.0.0.1:1/x.wsdl" /><wsdl:types>'
    assert problems_of(rewritten(tmp_path, "<wsdl:types>", imported)) == [
        "soap.wsdl: the file imports http://127.0.0.1:1/x.wsdl; put all into one file"
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<wsdl:definitions ", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><wsdl:definitions '),
        ("</wsdl:definitions>", ""),
    ],
)
def test_a_file_that_is_no_safe_wsdl_is_refused(tmp_path: Path, old: str, new: str) -> None:
    (problem,) = problems_of(rewritten(tmp_path, old, new))
    assert problem.startswith(f"soap.wsdl: {tmp_path}/changed.wsdl is not a WSDL that can be used: ")
    assert "root:" not in problem


@pytest.mark.filterwarnings("ignore:The wsdl.operation 'sms' was not found")
def test_an_operation_that_is_described_in_part_is_refused(tmp_path: Path) -> None:
    assert problems_of(rewritten(tmp_path, "tns:smsSoapIn", "tns:nosuch")) == [
        'soap.wsdl: the operation "sms" is not described wholly'
    ]


def test_a_wsdl_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.wsdl"
    path.write_text('<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:x"/>')
    with pytest.raises(ConfigurationError, match="describes no SOAP port"):
        load_operator_wsdl(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert problems_of(SoapSettings(wsdl=tmp_path / "gone.wsdl")) == [
        f"soap.wsdl: {tmp_path}/gone.wsdl cannot be read: No such file or directory"
    ]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            SoapSettings(operation_names={"smsVidTiden": "x"}),
            'soap.operation_names.smsVidTiden: there is no operation "smsVidTiden"; the closest is "smsVidTid"',
        ),
        (
            SoapSettings(operation_names={"balans": "hämta saldo"}),
            'soap.operation_names.balans: "hämta saldo" cannot be the name of an XML element',
        ),
        (
            SoapSettings(operation_names={"balans": "SMS"}),
            'soap.operation_names: "balans" and "sms" have the same name, "SMS"',
        ),
        (
            SoapSettings(parameter_names={"nyckel": "passord"}),
            'soap.parameter_names.nyckel: there is no parameter "passord"; the closest is "passwd"',
        ),
    ],
)
def test_names_that_lead_nowhere_are_refused(settings: SoapSettings, problem: str) -> None:
    assert problems_of(settings) == [problem]
