"""What the routes do with errors, sizes and counts."""

import pytest
from aiohttp import ClientSession

from adapters.soap.settings import SoapSettings
from gateway.domain.errors import (
    GatewayError,
    InsufficientCredits,
    StoreUnavailable,
    TokenRefused,
    UpstreamUnavailable,
)
from gateway.domain.sms import Interface
from tests.unit.soap.conftest import SCHEDULED_ID, Gateway, StartGateway
from tests.unit.soap.envelopes import Envelope

CREDENTIALS = {"konto": "ip1-12345", "passwd": "demo-key"}
SMS = {**CREDENTIALS, "till": "46700000001", "from": "Butik", "meddelande": "Hej"}


async def post(gateway: Gateway, body: bytes) -> tuple[int, str]:
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
    async with ClientSession() as session, session.post(gateway.url, data=body, headers=headers) as response:
        return response.status, await response.text()


async def call(gateway: Gateway, operation: str, **arguments: str) -> str:
    """The result of a call that is answered 200."""
    body = Envelope(operation=operation, arguments=arguments, ways=frozenset()).render()
    status, text = await post(gateway, body)
    assert status == 200
    return text.partition(f"<{operation}Result>")[2].partition("<")[0]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InsufficientCredits("no credits"), "100"),
        (TokenRefused("refused"), "1"),
        (UpstreamUnavailable("down"), "42"),
        (StoreUnavailable("disk full"), "42"),
        (RuntimeError("a bug"), "42"),
    ],
)
async def test_an_error_is_a_code_in_the_result_s_place(
    gateway: Gateway, error: GatewayError | Exception, code: str
) -> None:
    gateway.service.error = error
    assert await call(gateway, "sms", **SMS) == code


async def test_a_call_is_counted_under_its_declared_name(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(SoapSettings(operation_names={"sms": "skicka"}))
    assert await call(gateway, "skicka", **SMS) == "42500000"
    await post(gateway, b"junk")
    assert gateway.service.metrics.calls == [
        (Interface.SOAP, "sms", "ok"),
        (Interface.SOAP, "unknown", "missing_or_bad_parameter"),
    ]


async def test_a_scheduled_bundle_is_cancelled_once(gateway: Gateway) -> None:
    # asmx-facts 1.7
    assert await call(gateway, "avbrytBundle", **CREDENTIALS, id=str(SCHEDULED_ID)) == "0"
    assert await call(gateway, "avbrytBundle", **CREDENTIALS, id=str(SCHEDULED_ID)) == "110"
    assert gateway.service.canceled == [SCHEDULED_ID]


async def test_a_time_becomes_a_moment(gateway: Gateway) -> None:
    assert await call(gateway, "smsVidTid", **SMS, tid="2026-12-24 15:00") == "42500000"
    (order,) = gateway.service.orders
    assert order.opens_at is not None
    assert order.opens_at.isoformat() == "2026-12-24T14:00:00+00:00"


async def test_missing_credentials_are_wrong_ones_and_no_bearer_token(gateway: Gateway) -> None:
    assert await call(gateway, "balans", passwd="demo-token") == "101"


async def test_a_request_that_is_too_large_has_status_413_and_no_body(gateway: Gateway) -> None:
    assert await post(gateway, b" " * (5 * 1024 * 1024)) == (413, "")
