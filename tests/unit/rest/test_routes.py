"""REST 1.0 over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import encode_basic_auth, web
from aiohttp.test_utils import TestClient, TestServer

from adapters.rest.routes import RestSettings, rest_routes
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
from gateway.domain.report import IncomingMessage, StoredIncoming
from gateway.domain.sms import Credentials, Interface
from tests.recording import NOW, RecordingService

SMS = {"From": "iP1", "Numbers": ["46712345678"], "Message": "hi"}
KEY = {"Authorization": encode_basic_auth("ip1-12345", "demo-key")}
WRONG_KEY = {"Authorization": encode_basic_auth("ip1-12345", "wrong")}
Client = TestClient[web.Request, web.Application]


@pytest.fixture
def service() -> RecordingService:
    return RecordingService()


async def serve(service: RecordingService, settings: RestSettings) -> AsyncIterator[Client]:
    app = web.Application(client_max_size=1024 * 1024)
    app.add_routes(rest_routes(service, settings))
    app.router.add_route("*", "/{rest:.*}", _catch_all)
    async with TestClient(TestServer(app), headers=KEY) as client:
        yield client


async def _catch_all(_request: web.Request) -> web.Response:
    return web.Response(status=418)


@pytest.fixture
async def client(service: RecordingService) -> AsyncIterator[Client]:
    async for client in serve(service, RestSettings()):
        yield client


async def read(client: Client, path: str, status: int = 200, **options: Any) -> Any:
    async with client.get(path, **options) as answer:
        assert answer.status == status
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        return await answer.json()


async def test_one_message_is_created_and_can_be_read(client: Client) -> None:
    async with client.post("/api/sms/send", json=SMS) as answer:
        assert answer.status == 201
        (created,) = await answer.json()
    assert (created["ID"], created["BundleID"]) == (42500000, None)
    assert answer.headers["Location"] == "/api/sms/sent/42500000"
    found = await read(client, answer.headers["Location"])
    assert found == {**created, "Modified": created["Created"], "UpdatedDate": created["Created"]}


async def test_several_messages_are_a_bundle(client: Client) -> None:
    numbers = ["46712345678", "+46701234567", "0712345678"]
    async with client.post("/API/Sms/Send/", json={**SMS, "Numbers": numbers}) as answer:
        assert answer.status == 201
        created = await answer.json()
    assert [(one["ID"], one["BundleID"], one["To"]) for one in created] == [
        (42500001, 42500000, "46712345678"),
        (42500002, 42500000, "46701234567"),
    ]
    assert answer.headers["Location"] == "/api/sms/sent/bundle/42500000"
    assert [one["ID"] for one in await read(client, "/Api/SMS/Sent/Bundle/42500000")] == [42500001, 42500002]


async def test_a_send_can_be_answered_200(service: RecordingService) -> None:
    async for client in serve(service, RestSettings(created_status=200)):
        async with client.post("/api/sms/send", json=SMS) as answer:
            assert answer.status == 200


async def test_a_bearer_token_is_enough(service: RecordingService) -> None:
    app = web.Application()
    app.add_routes(rest_routes(service, RestSettings()))
    headers = {"Authorization": "Bearer demo-token"}
    async with (
        TestClient(TestServer(app)) as client,
        client.post("/api/sms/send", json=SMS, headers=headers) as answer,
    ):
        assert answer.status == 201
    assert service.credentials == [Credentials(account_id=None, api_key="demo-token")]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InsufficientCredits("no money"), 403),
        (TokenRefused("renew it"), 503),
        (RateLimited("slow down"), 503),
        (UpstreamUnavailable("down"), 503),
        (OutcomeUnknown("lost"), 503),
        (UpstreamRefused("what?"), 500),
        (GatewayOverloaded("full"), 503),
        (StoreUnavailable("disk"), 500),
        (ZeroDivisionError("a secret"), 500),
    ],
)
async def test_every_failure_has_its_status_and_says_why(
    client: Client, service: RecordingService, error: GatewayError | Exception, status: int
) -> None:
    service.error = error
    async with client.post("/api/sms/send", json=SMS) as answer:
        assert answer.status == status
        expected = str(error) if isinstance(error, GatewayError) else "internal error"
        assert await answer.json() == {"Message": expected}
        assert answer.headers.get("Retry-After") == ("30" if status == 503 else None)
    assert service.metrics.codes == [(Interface.REST, str(status))]


async def test_a_time_that_v2_named_is_passed_on(client: Client, service: RecordingService) -> None:
    service.error = RateLimited("slow down", retry_after_seconds=1.2)
    async with client.post("/api/sms/send", json=SMS) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "2")


async def test_wrong_credentials_are_challenged(client: Client) -> None:
    async with client.get("/api/sms/sent", headers=WRONG_KEY) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="api.ip1sms.com"'
        assert "Message" in await answer.json()


async def test_another_content_type_is_415(client: Client, service: RecordingService) -> None:
    for headers in ({"Content-Type": "text/plain"}, {"Content-Type": ""}):
        async with client.post("/api/sms/send", data=b"{}", headers=headers) as answer:
            assert answer.status == 415
            assert "application/json" in (await answer.json())["Message"]
    assert service.credentials == []


async def test_a_body_of_5_mb_is_too_large(client: Client) -> None:
    async with client.post("/api/sms/send", json={**SMS, "Message": "x" * 5_000_000}) as answer:
        assert answer.status == 413
        assert "Message" in await answer.json()


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/sms/send", "POST"),
        ("HEAD", "/api/sms/send", "POST"),
        ("OPTIONS", "/api/sms/send", "POST"),
        ("POST", "/api/sms/sent", "GET"),
        ("HEAD", "/api/sms/sent/42500000", "GET"),
        ("DELETE", "/api/sms/sent/bundle/42500000", "GET"),
        ("PUT", "/api/sms/received/42500000", "GET"),
    ],
)
async def test_other_methods_are_405_even_before_a_catch_all(
    client: Client, method: str, path: str, allowed: str
) -> None:
    async with client.request(method, path) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, allowed)


async def test_the_rest_of_the_api_is_left_to_others(client: Client) -> None:
    for path in ("/api/me", "/api/sms", "/api/sms/sent/1/2", "/v2/batches"):
        async with client.get(path) as answer:
            assert answer.status == 418


@pytest.mark.parametrize(
    "path",
    [
        "/api/sms/sent/1",
        "/api/sms/sent/abc",
        "/api/sms/sent/bundle",
        "/api/sms/sent/bundle/1",
        "/api/sms/received/1",
        "/api/sms/received/%C3%A5",
    ],
)
async def test_what_does_not_exist_is_404_with_a_message(client: Client, path: str) -> None:
    assert list(await read(client, path, status=404)) == ["Message"]


async def test_the_list_is_filtered_by_senders_and_recipients(client: Client, service: RecordingService) -> None:
    assert await read(client, "/api/sms/sent?from[0]=iP.1&to[0]=%2B46712345678&to[1]=0701234567") == []
    (query,) = service.queries
    assert (list(query.senders), list(query.recipients)) == (["iP1"], ["46712345678", "46701234567"])


async def test_received_messages_are_listed_filtered_and_read(client: Client, service: RecordingService) -> None:
    service.incoming = [make_incoming(42500001, "46701234567"), make_incoming(42500002, "46701234568")]
    assert [one["ID"] for one in await read(client, "/api/sms/received")] == [42500001, 42500002]
    assert [one["ID"] for one in await read(client, "/api/sms/received?from[0]=0701234568")] == [42500002]
    assert await read(client, "/api/sms/received?to[0]=0701234568") == []
    found = await read(client, "/api/sms/received/42500001")
    assert (found["ID"], found["From"], found["To"], found["Message"]) == (
        42500001,
        "46701234567",
        "46712345678",
        "JA",
    )


def make_incoming(message_id: int, sender: str) -> StoredIncoming:
    message = IncomingMessage(
        upstream_id=f"{message_id}",
        account_id="ip1-12345",
        sender=sender,
        recipient="46712345678",
        body="JA",
        segments=1,
        received_at=NOW,
    )
    return StoredIncoming(id=message_id, message=message)
