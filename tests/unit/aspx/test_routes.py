"""sendsms.aspx over HTTP."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.aspx.routes import aspx_routes
from gateway.domain.errors import (
    GatewayError,
    GatewayOverloaded,
    InsufficientCredits,
    OutcomeUnknown,
    RateLimited,
    StoreUnavailable,
    TokenRefused,
    UpstreamRefused,
    UpstreamUnavailable,
)
from gateway.domain.sms import Interface
from tests.recording import RecordingService

CALL = "acc=ip1-12345&pass=demo-key&from=iP1&to=46712345678&msg=hi"
Client = TestClient[web.Request, web.Application]


@pytest.fixture
def service() -> RecordingService:
    return RecordingService()


@pytest.fixture
async def client(service: RecordingService) -> AsyncIterator[Client]:
    app = web.Application(client_max_size=1024 * 1024)
    app.add_routes(aspx_routes(service))
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    ["/sendsms.aspx", "/SendSms.ASPX", "/sendsms/sendsms.aspx", "/sendSms/sendSms.aspx", "/sendsms//sendsms.aspx/"],
)
async def test_the_page_is_found_however_it_is_written(client: Client, path: str) -> None:
    async with client.get(f"{path}?{CALL}") as answer:
        assert (answer.status, await answer.read()) == (200, b"42500000")


async def test_the_answer_has_the_captured_headers_and_no_newline(client: Client) -> None:
    async with client.get(f"/sendsms.aspx?{CALL.replace('demo-key', 'wrong')}") as answer:
        assert (answer.status, await answer.read()) == (200, b"101")
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Cache-Control"] == "private"
        assert answer.headers["Content-Length"] == "3"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InsufficientCredits("no money"), "100"),
        (TokenRefused("renew it"), "1"),
        (RateLimited("slow down"), "42"),
        (UpstreamUnavailable("down"), "42"),
        (OutcomeUnknown("lost"), "42"),
        (UpstreamRefused("what?"), "42"),
        (GatewayOverloaded("full"), "42"),
        (StoreUnavailable("disk"), "42"),
        (ZeroDivisionError("a bug"), "42"),
    ],
)
async def test_every_failure_is_a_code_with_status_200(
    client: Client, service: RecordingService, error: GatewayError | Exception, code: str
) -> None:
    service.error = error
    async with client.get(f"/sendsms.aspx?{CALL}") as answer:
        assert (answer.status, await answer.text()) == (200, code)
    assert service.metrics.codes == [(Interface.ASPX, code)]


async def test_a_body_of_5_mb_is_a_parameter_error(client: Client, service: RecordingService) -> None:
    async with client.post(f"/sendsms.aspx?{CALL}", data=b"x" * 5_000_000) as answer:
        assert (answer.status, await answer.text()) == (200, "110")
    assert service.orders == []


async def test_head_sends_nothing(client: Client, service: RecordingService) -> None:
    async with client.head(f"/sendsms.aspx?{CALL}") as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert service.credentials == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_other_methods_are_405_even_before_a_catch_all(service: RecordingService, method: str) -> None:
    app = web.Application()
    app.add_routes(aspx_routes(service))
    app.router.add_route("*", "/{rest:.*}", _catch_all)
    async with (
        TestClient(TestServer(app)) as client,
        client.request(method, f"/sendsms.aspx?{CALL}") as answer,
    ):
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert service.orders == []


async def _catch_all(_request: web.Request) -> web.Response:
    return web.Response(status=418)


async def test_the_settings_of_the_account_choose_the_encoding(client: Client, service: RecordingService) -> None:
    service.settings = type(service.settings)(aspx_encoding="cp1252")
    async with client.get(f"/sendsms.aspx?{CALL}%C3%A5") as answer:
        assert answer.status == 200
    assert service.orders[0].body == "hiÃ¥"
