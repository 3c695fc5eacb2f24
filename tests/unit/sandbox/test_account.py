"""Credentials, money, senders, settings."""

import pytest

from tests.unit.sandbox.harness import ACCOUNT, Client, get, get_codes, open_sandbox, send, until


@pytest.mark.parametrize("credentials", [None, "Bearer wrong", "Bearer ", "Basic demo-token", "demo-token"])
@pytest.mark.parametrize("path", ["/v2/batches", "/v2/nothing", "/api/me"])
async def test_no_known_bearer_token_is_401(credentials: str | None, path: str) -> None:
    headers = {"Authorization": credentials} if credentials else {}
    async with open_sandbox(token=None) as client, client.get(path, headers=headers) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert await answer.json() == {"message": "Unauthorized"}


async def test_a_method_that_a_path_does_not_have_is_405_with_allow() -> None:
    async with open_sandbox() as client, client.put("/v2/batches", json={}) as answer:
        assert answer.status == 405
        assert {"GET", "POST"} <= set(answer.headers["Allow"].split(","))


async def test_api_me_says_who_and_how_much() -> None:
    async with open_sandbox(balance=12.5) as client:
        assert await get(client, "/api/me") == {
            "Account": ACCOUNT,
            "Organization": "Sandbox",
            "Type": "swedish",
            "Balance": 12.5,
            "Currency": "SEK",
        }


async def _balance_becomes(client: Client, balance: float) -> None:
    async def become() -> bool:
        return bool((await get(client, "/api/me"))["Balance"] == balance)

    await until(become)


async def test_sending_costs_and_priority_costs_more() -> None:
    async with open_sandbox(balance=10) as client:
        await send(client)
        await _balance_becomes(client, 9.61)
        await send(client, priority=2, body="x" * 161)
        await _balance_becomes(client, 8.63)


async def test_a_rejected_message_costs_nothing_and_a_failed_one_is_refunded() -> None:
    async with open_sandbox(balance=10) as client:
        rejected = await send(client, recipients=["46700000409"])
        failed = await send(client, recipients=["46700000104"])

        async def failed_and_refunded() -> bool:
            return (await get_codes(client, failed))[-2:] == [515, 104]

        await until(failed_and_refunded)
        assert await get_codes(client, rejected) == [101, 409]
        assert (await get(client, "/api/me"))["Balance"] == 10


async def test_what_the_balance_does_not_cover_ends_in_402() -> None:
    async with open_sandbox(balance=0.50) as client:
        batch = await send(client, recipients=["46701234567", "46701234568"])

        async def is_settled() -> bool:
            document = await get(client, f"/v2/batches/{batch['id']}")
            return set(document["messageSummary"]) == {"201", "402"}

        await until(is_settled)
        assert (await get(client, "/api/me"))["Balance"] == 0.11


async def test_senders_are_registered_listed_by_name_and_removed() -> None:
    async with open_sandbox() as client:
        for name, status in (("Zeta", 201), ("Alpha", 201), ("Zeta", 200)):
            async with client.put(f"/v2/me/senders/{name}") as answer:
                assert answer.status == status
                assert (await answer.json()).keys() == {"sender", "created"}
        assert [entry["sender"] for entry in await get(client, "/v2/me/senders")] == ["Alpha", "Zeta"]
        for status in (204, 404):
            async with client.delete("/v2/me/senders/Alpha") as answer:
                assert answer.status == status
        assert [entry["sender"] for entry in await get(client, "/v2/me/senders")] == ["Zeta"]


async def test_a_sender_that_could_not_send_is_not_registered() -> None:
    async with open_sandbox() as client, client.put("/v2/me/senders/iP.1") as answer:
        assert answer.status == 400
        assert list((await answer.json())["errors"]) == ["sender"]


async def test_an_unregistered_sender_ends_in_403_where_registration_is_required() -> None:
    async with open_sandbox(require_registered_senders=True) as client:
        batch = await send(client)

        async def is_rejected() -> bool:
            return await get_codes(client, batch) == [101, 403]

        await until(is_rejected)
        async with client.put("/v2/me/senders/iP1"):
            registered = await send(client)

        async def is_delivered() -> bool:
            return (await get_codes(client, registered))[-1] == 201

        await until(is_delivered)


async def test_the_setting_is_set_read_and_removed() -> None:
    path = "/v2/me/sms/settings/IncomingCallbackUrl"
    async with open_sandbox() as client:
        assert await get(client, path) is None
        async with client.put(path, json="https://example.com/incoming") as answer:
            assert answer.status == 200
        assert await get(client, path) == "https://example.com/incoming"
        assert await get(client, "/v2/me/sms/settings") == {"IncomingCallbackUrl": "https://example.com/incoming"}
        async with client.delete(path) as answer:
            assert answer.status == 204
        assert await get(client, "/v2/me/sms/settings") == {"IncomingCallbackUrl": None}


@pytest.mark.parametrize("value", ["nowhere", {"value": "https://example.com/"}, 7])
async def test_a_callback_that_is_no_url_is_refused(value: object) -> None:
    async with (
        open_sandbox() as client,
        client.put("/v2/me/sms/settings/IncomingCallbackUrl", json=value) as answer,
    ):
        assert answer.status == 400
        assert list((await answer.json())["errors"]) == ["IncomingCallbackUrl"]


async def test_an_unknown_setting_is_404() -> None:
    async with open_sandbox() as client:
        await get(client, "/v2/me/sms/settings/Colour", 404)
