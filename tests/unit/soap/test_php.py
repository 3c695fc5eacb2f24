"""PHP's SoapClient, the client that most old programs use, against a running server."""

import asyncio
import json
import shutil
from typing import Any

import pytest

from tests.unit.soap.conftest import Gateway

SAMPLE_ARGUMENTS = """[
    'konto' => 'ip1-12345', 'passwd' => 'demo-key', 'till' => '+46700000001', 'from' => 'iP.1',
    'meddelande' => "Hej på dig, 10 € \\u{1F600}", 'prio' => 1,
]"""

WSDL_CLIENT = "(new SoapClient($url . '?wsdl', ['cache_wsdl' => WSDL_CACHE_NONE, 'soap_version' => SOAP_1_1]))"
WSDL_CLIENT_12 = "(new SoapClient($url . '?WSDL', ['cache_wsdl' => WSDL_CACHE_NONE, 'soap_version' => SOAP_1_2]))"
BARE_CLIENT = "(new SoapClient(null, ['location' => $url, 'uri' => 'http://se.smscom.web/', 'trace' => true]))"
BARE_CLIENT_12 = "(new SoapClient(null, ['location' => $url, 'uri' => 'urn:x', 'soap_version' => SOAP_1_2]))"


async def run_php(gateway: Gateway, code: str) -> Any:
    """What the code leaves in `$result`, by way of JSON."""
    php = shutil.which("php")
    assert php is not None, "the tests need PHP with its SOAP extension"
    script = f"$url = '{gateway.url}'; {code}; echo json_encode($result);"
    process = await asyncio.create_subprocess_exec(
        php, "-r", script, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode("utf-8", "replace")
    return json.loads(output)


@pytest.mark.parametrize("client", [WSDL_CLIENT, WSDL_CLIENT_12])
async def test_the_provider_s_sample_sends_a_message(gateway: Gateway, client: str) -> None:
    result = await run_php(gateway, f"$result = {client}->sms({SAMPLE_ARGUMENTS})->smsResult")
    assert result == "42500000"
    (order,) = gateway.service.orders
    assert (order.sender, order.recipients) == ("iP.1", ("+46700000001",))
    assert order.body == "Hej på dig, 10 € \N{GRINNING FACE}"


@pytest.mark.parametrize("client", [BARE_CLIENT, BARE_CLIENT_12])
async def test_a_client_without_a_wsdl_sends_a_message(gateway: Gateway, client: str) -> None:
    arguments = [
        ("konto", "ip1-12345"),
        ("passwd", "demo-key"),
        ("till", "0700000001"),
        ("from", "Butik"),
        ("meddelande", "Hej"),
    ]
    parameters = ", ".join(f"new SoapParam('{value}', '{name}')" for name, value in arguments)
    result = await run_php(gateway, f"$result = {client}->sms({parameters})")
    assert result == "42500000"
    (order,) = gateway.service.orders
    assert (order.sender, order.recipients, order.body) == ("Butik", ("0700000001",), "Hej")


@pytest.mark.parametrize("names", ["'konto' => $a, 'passwd' => $k", "'Konto' => $a, 'Passwd' => $k"])
async def test_the_balance_is_read_under_either_casing_of_its_parameters(gateway: Gateway, names: str) -> None:
    # asmx-facts 1.4, 2.14: PHP silently drops keys that the WSDL does not list.
    code = f"$a = 'ip1-12345'; $k = 'demo-key'; $result = {WSDL_CLIENT}->balans([{names}])->balansResult"
    assert await run_php(gateway, code) == "1234.50"


async def test_wrong_credentials_are_a_result_and_no_fault(gateway: Gateway) -> None:
    code = f"$result = {WSDL_CLIENT}->balans(['konto' => 'ip1-12345', 'passwd' => 'wrong'])->balansResult"
    assert await run_php(gateway, code) == "101"


async def test_an_unknown_operation_is_a_fault_that_php_reports(gateway: Gateway) -> None:
    code = (
        f"try {{ {BARE_CLIENT}->nosuch(); }} catch (SoapFault $e) {{ $result = [$e->faultcode, $e->faultstring]; }}"
    )
    assert await run_php(gateway, code) == [
        "soap:Client",
        "Server did not recognize the value of HTTP Header SOAPAction: http://se.smscom.web/#nosuch.",
    ]
