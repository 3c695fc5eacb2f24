"""The sandbox misbehaving on demand."""

import asyncio
from itertools import cycle
from typing import Any

import aiohttp
import pytest

from adapters.sandbox.faults import FAULT_HELP, REPORT_KINDS, Fault, Kind
from adapters.sandbox.misbehave import ACT_BY_KIND
from tests.unit.sandbox.harness import Client, arm, get, make_call, open_sandbox, send, until

SOON = aiohttp.ClientTimeout(total=0.3)


async def _count_batches(client: Client) -> int:
    return len(await get(client, "/v2/batches"))


async def test_an_armed_status_is_answered_so_many_times_and_nothing_is_done() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "status", "status": 429, "retry_after_seconds": 2, "count": 2})
        for _ in range(2):
            async with client.post("/v2/batches", json=make_call()) as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (429, "2")
                assert (await answer.json())["message"]
        assert await _count_batches(client) == 0
        await send(client)


async def test_a_delay_comes_before_the_usual_answer() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "delay", "delay_seconds": 5, "count": 1})
        with pytest.raises(TimeoutError):
            await client.post("/v2/batches", json=make_call(), timeout=SOON)
        await arm(client, {"kind": "delay", "delay_seconds": 0.01, "count": 1})
        await send(client)


async def test_a_reset_breaks_the_connection_and_nothing_is_done() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "reset", "count": 1})
        with pytest.raises(aiohttp.ClientOSError, match="reset"):
            await client.post("/v2/batches", json=make_call())
        assert await _count_batches(client) == 0


async def test_a_hang_never_answers_and_nothing_is_done() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "hang", "count": 1})
        with pytest.raises(TimeoutError):
            await client.post("/v2/batches", json=make_call(), timeout=SOON)
        assert await _count_batches(client) == 0


async def test_stopping_ends_those_that_hang() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "hang", "count": 1})
        hanging = asyncio.create_task(client.session.get(client.make_url("/v2/batches")))
        await until(lambda: _has_arrived(client))
        await client.server.close()
        with pytest.raises(aiohttp.ClientError):
            await hanging


async def _has_arrived(client: Client) -> bool:
    return len(await get(client, "/sandbox/requests")) == 1


async def test_garbage_is_200_and_not_json() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "garbage", "count": 1})
        async with client.post("/v2/batches", json=make_call()) as answer:
            assert (answer.status, answer.content_type) == (200, "application/json")
            with pytest.raises(ValueError, match="utf-8"):
                await answer.json()
        assert await _count_batches(client) == 0


async def test_an_oversize_answer_is_as_long_as_it_was_told() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "oversize", "size_bytes": 3_000_000, "count": 2})
        async with client.get("/v2/batches") as answer:
            assert answer.status == 200
            assert len(await answer.read()) >= 3_000_000
        async with client.get("/v2/batches") as answer:
            await answer.content.readexactly(1000)  # and hang up
        assert await _count_batches(client) == 0


async def test_accept_then_drop_takes_the_batch_and_gives_no_answer() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "accept_then_drop", "count": 1, "method": "POST"})
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await client.post("/v2/batches", json=make_call(reference="lost"))
        (batch,) = await get(client, "/v2/batches")
        assert batch["reference"] == "lost"


async def test_accept_then_hang_takes_the_batch_and_gives_no_answer() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "accept_then_hang", "count": 1})
        with pytest.raises(TimeoutError):
            await client.post("/v2/batches", json=make_call(), timeout=SOON)
        assert await _count_batches(client) == 1


async def test_accept_then_drop_still_answers_what_it_does_not_accept() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "accept_then_drop"})
        async with client.post("/v2/batches", json=make_call(body="")) as answer:
            assert answer.status == 400


async def test_a_rate_hits_as_chance_has_it() -> None:
    chances = cycle([0.1, 0.9])
    async with open_sandbox(chance=lambda: next(chances)) as client:
        await arm(client, {"kind": "status", "rate": 0.5})
        statuses = []
        for _ in range(4):
            async with client.get("/v2/batches") as answer:
                statuses.append(answer.status)
        assert statuses == [503, 200, 503, 200]


@pytest.mark.parametrize("rate", [0, 0.0])
async def test_a_rate_of_0_never_hits(rate: float) -> None:
    async with open_sandbox(chance=lambda: 0.0) as client:
        await arm(client, {"kind": "status", "rate": rate})
        assert await _count_batches(client) == 0


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({"method": "POST"}, False),
        ({"method": "GET"}, True),
        ({"path": "/v2/batches"}, True),
        ({"path": "/v2/me/*"}, False),
        ({"path": "/v2/*"}, True),
        ({"path": "/v2/batches", "method": "DELETE"}, False),
    ],
)
async def test_a_fault_hits_only_what_it_is_for(match: dict[str, str], hit: bool) -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "status", "status": 500} | match)
        async with client.get("/v2/batches?limit=1") as answer:
            assert answer.status == (500 if hit else 200)


async def test_of_several_faults_the_first_that_has_hits_left_comes() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "status", "status": 500, "count": 1}, {"kind": "status", "status": 502})
        await get(client, "/v2/batches", 500)
        await get(client, "/v2/batches", 502)


async def test_one_fault_needs_no_list_and_what_is_armed_is_shown_and_cleared() -> None:
    async with open_sandbox() as client:
        fault = {"kind": "status", "count": 3, "status": 500}
        async with client.put("/sandbox/faults", json=fault) as answer:
            assert await answer.json() == [fault | {"remaining": 3}]
        await get(client, "/v2/batches", 500)
        assert await get(client, "/sandbox/faults") == [fault | {"remaining": 2}]
        async with client.delete("/sandbox/faults") as answer:
            assert answer.status == 204
        assert await get(client, "/sandbox/faults") == []
        await get(client, "/v2/batches")


async def test_a_fault_can_be_armed_by_curl_which_calls_it_a_form() -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with (
        open_sandbox() as client,
        client.put("/sandbox/faults", data=b'{"kind": "status"}', headers=headers) as answer,
    ):
        assert await answer.json() == [{"kind": "status"}]


async def test_the_controls_are_never_hit() -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "status"})
        await get(client, "/sandbox/")


async def test_a_fault_comes_before_the_token_is_looked_at() -> None:
    async with open_sandbox(token=None) as client:
        await arm(client, {"kind": "status"})
        await get(client, "/v2/batches", 503)


WRONG: list[Any] = [
    {},
    {"kind": "explode"},
    {"kind": "status", "status": 200},
    {"kind": "status", "count": 0},
    {"kind": "status", "rate": 1.5},
    {"kind": "status", "seconds": 1},
    {"kind": "delay", "delay_seconds": -1},
    {"kind": "status", "method": "post"},
    [{"kind": "status"}, {"kind": "explode"}],
    "status",
]


@pytest.mark.parametrize("fault", WRONG, ids=repr)
async def test_a_wrong_fault_is_refused_with_what_is_allowed_and_the_armed_ones_stay(fault: Any) -> None:
    async with open_sandbox() as client:
        await arm(client, {"kind": "garbage"})
        async with client.put("/sandbox/faults", json=fault) as answer:
            document = await answer.json()
            assert answer.status == 400
            assert document["errors"]["fault"]
            assert document["allowed"] == FAULT_HELP
        assert await get(client, "/sandbox/faults") == [{"kind": "garbage"}]


def test_every_kind_is_acted_out_and_every_field_explained() -> None:
    assert set(ACT_BY_KIND) | REPORT_KINDS == set(Kind)
    assert set(Kind) < set(FAULT_HELP)
    explained = " ".join([*FAULT_HELP, *FAULT_HELP.values()])
    assert all(field in explained for field in Fault.__struct_fields__ if field != "kind")
