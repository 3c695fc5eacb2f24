"""What the sandbox has and the provider has not."""

import aiohttp
import pytest

from adapters.sandbox.keys import SANDBOX
from adapters.sandbox.request_log import Record, RequestLog
from tests.unit.sandbox.harness import (
    ACCOUNT,
    Customer,
    TurnedClock,
    arm,
    get,
    make_call,
    open_sandbox,
    send,
    until,
)

CALLBACK = "/v2/me/sms/settings/IncomingCallbackUrl"


async def test_the_index_says_what_this_is_and_lists_the_endpoints() -> None:
    async with open_sandbox(token=None) as client:
        index = await get(client, "/sandbox/")
        assert "stand-in" in index["what"]
        assert {"POST /v2/batches", "GET /api/me", "PUT /sandbox/faults"} <= set(index["endpoints"])
        assert "accept_then_drop" in index["faults"]


async def test_requests_are_listed_with_body_and_answer_and_without_token() -> None:
    async with open_sandbox() as client:
        await send(client, reference="mine")
        await get(client, "/v2/batches?limit=1")
        async with client.post("/v2/batches", data=b"{", headers={"Content-Type": "application/json"}):
            pass
        async with client.get("/api/me", headers={"Authorization": "Bearer wrong-token"}):
            pass
        async with client.get("/sandbox/requests") as answer:
            assert "token" not in await answer.text()
            requests = await answer.json()
        assert all(request.pop("at").endswith("Z") for request in requests)
        assert requests == [
            {
                "method": "POST",
                "path": "/v2/batches",
                "account": ACCOUNT,
                "body": make_call(reference="mine"),
                "status": 201,
            },
            {"method": "GET", "path": "/v2/batches?limit=1", "account": ACCOUNT, "body": None, "status": 200},
            {"method": "POST", "path": "/v2/batches", "account": ACCOUNT, "body": "{", "status": 400},
            {"method": "GET", "path": "/api/me", "account": None, "body": None, "status": 401},
        ]


async def test_a_request_that_got_no_answer_has_no_status() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "hang", "count": 1})
        with pytest.raises(TimeoutError):
            await client.get("/v2/batches", timeout=aiohttp.ClientTimeout(total=0.2))
        (request,) = await get(client, "/sandbox/requests")
        assert request["status"] is None


async def test_the_newest_requests_can_be_asked_for_and_all_forgotten() -> None:
    async with open_sandbox() as client:
        for path in ("/v2/batches", "/v2/me/senders", "/api/me"):
            await get(client, path)
        newest = await get(client, "/sandbox/requests?limit=2")
        assert [request["path"] for request in newest] == ["/v2/me/senders", "/api/me"]
        async with client.delete("/sandbox/requests") as answer:
            assert answer.status == 204
        assert await get(client, "/sandbox/requests") == []


def _make_record(path: str, body: bytes = b"") -> Record:
    return Record(at=TurnedClock().now, method="GET", path=path, account=None, body=body)


def test_the_log_keeps_the_newest_ten_thousand() -> None:
    log = RequestLog()
    for number in range(10_001):
        log.add(_make_record(str(number)))
    kept = log.render(limit=20_000)
    assert (len(kept), kept[0]["path"], kept[-1]["path"]) == (10_000, "1", "10000")


def test_the_log_keeps_a_bounded_number_of_bytes() -> None:
    log = RequestLog()
    for number in range(20):
        log.add(_make_record(str(number), b" " * 4 * 1024 * 1024))
    assert [entry["path"] for entry in log.render(limit=100)] == [str(number) for number in range(4, 20)]


async def test_an_sms_from_a_phone_is_posted_to_the_callback_and_kept_as_a_batch() -> None:
    customer = Customer()
    customer.answers = [500]
    async with customer.listen() as url, open_sandbox() as client:
        async with client.put(CALLBACK, json=url):
            pass
        sms = {"sender": "46701234567", "recipient": "46101606060", "body": "Hej på dig"}
        async with client.post("/sandbox/incoming", json=sms) as answer:
            assert answer.status == 201
            document = await answer.json()
        await until(lambda: customer.got == [document, document])
        assert document.items() >= (sms | {"direction": "mo", "owner": ACCOUNT, "segments": 1}).items()
        assert [status["code"] for status in document["statuses"]] == [201]
        (batch,) = await get(client, "/v2/batches")
        assert (batch["id"], batch["direction"], batch["status"]) == (document["batchId"], "MO", 201)


async def test_an_sms_can_be_meant_for_one_account() -> None:
    async with open_sandbox() as client:
        for token in ("demo-token", "other-token"):
            headers = {"Authorization": f"Bearer {token}"}
            async with client.put(CALLBACK, json="http://127.0.0.1:9/", headers=headers):
                pass
        sms = {"sender": "46701234567", "recipient": "46101606060", "body": "x", "account": "ip1-67890"}
        async with client.post("/sandbox/incoming", json=sms) as answer:
            assert (await answer.json())["owner"] == "ip1-67890"


async def test_an_sms_that_nobody_waits_for_is_409() -> None:
    sms = {"sender": "46701234567", "recipient": "46101606060", "body": "x"}
    async with open_sandbox() as client, client.post("/sandbox/incoming", json=sms) as answer:
        assert answer.status == 409
        assert "IncomingCallbackUrl" in (await answer.json())["message"]


@pytest.mark.parametrize(
    "sms",
    [{}, {"sender": "Bob", "recipient": "46101606060", "body": "x"}, {"sender": "1", "recipient": "2"}, []],
    ids=repr,
)
async def test_an_sms_that_no_phone_could_send_is_400(sms: object) -> None:
    async with open_sandbox() as client, client.post("/sandbox/incoming", json=sms) as answer:
        assert answer.status == 400


async def test_the_state_can_be_read_in_the_same_process() -> None:
    async with open_sandbox() as client:
        batch = await send(client)
        assert batch["id"] in client.server.app[SANDBOX].batches  # type: ignore[attr-defined]  # a TestServer's
