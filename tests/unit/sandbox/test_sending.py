"""A batch from the call to the phone, as a client of v2 sees it."""

import re

from tests.unit.sandbox.harness import (
    ACCOUNT,
    OTHER_PHONE,
    PHONE,
    SLOW,
    Client,
    get,
    get_codes,
    make_call,
    open_sandbox,
    send,
    until,
)


async def test_a_batch_is_answered_201_with_its_address_and_document() -> None:
    call = make_call(
        recipients=[PHONE, OTHER_PHONE],
        deliveryReportUrl="http://127.0.0.1:9/news",
        reference="custom-id-123",
        tags=["auth"],
        deliveryWindows=[{"opens": "2020-01-01T12:00:00+01:00", "closes": "2099-01-01T12:00:00Z"}],
    )
    async with open_sandbox(tempo_seconds=SLOW) as client, client.post("/v2/batches", json=call) as answer:
        document = await answer.json()
        assert answer.status == 201
        assert answer.headers["Location"] == str(client.make_url(f"/v2/batches/{document['id']}"))
        assert re.fullmatch("[0-9a-f]{24}", document.pop("id"))
        assert document == {
            "sender": "iP1",
            "body": "A very nice message",
            "owner": ACCOUNT,
            "direction": "MT",
            "type": "sms",
            "datacoding": "UCS",
            "priority": 1,
            "templated": False,
            "deliveryWindows": [{"opens": "2020-01-01T11:00:00Z", "closes": "2099-01-01T12:00:00Z"}],
            "status": 111,
            "deliveryReportUrl": "http://127.0.0.1:9/news",
            "reference": "custom-id-123",
            "tags": ["auth"],
            "priceSummary": {"total": 0.78, "currency": "SEK", "average": 0.39},
            "messageSummary": {"101": {"messages": 2, "sms": 2}},
        }


async def test_the_address_of_a_batch_leads_to_it_and_the_list_leaves_the_summaries_out() -> None:
    async with open_sandbox(tempo_seconds=SLOW) as client:
        batch = await send(client)
        assert await get(client, f"/v2/batches/{batch['id']}") == batch
        del batch["messageSummary"], batch["priceSummary"]
        assert await get(client, "/v2/batches") == [batch]


async def test_a_message_shows_its_latest_status_in_the_list_and_its_history_alone() -> None:
    async with open_sandbox() as client:
        batch = await send(client, type="flash", priority=2, reference="mine")
        await until(lambda: _is_sent(client, batch["id"]))
        (message,) = await get(client, f"/v2/batches/{batch['id']}/messages")
        assert [(status["code"], status["duration"]) for status in message["statuses"]] == [(201, 1)]
        whole = await get(client, f"/v2/batches/{batch['id']}/messages/{message['id']}")
        assert [status["code"] for status in whole["statuses"]] == [101, 102, 103, 110, 111, 112, 113, 201]
        assert whole["statuses"][0]["duration"] == 0
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", whole["modified"])
        del whole["statuses"], whole["modified"], whole["id"]
        assert whole == {
            "batchId": batch["id"],
            "owner": ACCOUNT,
            "sender": "iP1",
            "recipient": PHONE,
            "body": "A very nice message",
            "direction": "mt",
            "segments": 1,
            "type": "FLASH",
            "datacoding": "GSM",
            "priority": 2,
            "price": 0.49,
            "currency": "SEK",
            "reference": "mine",
            "mcc": None,
            "mnc": None,
        }


async def _is_sent(client: Client, batch_id: str) -> bool:
    document = await get(client, f"/v2/batches/{batch_id}")
    return bool(document["status"] == 112)


async def test_statuses_come_one_by_one_at_the_tempo() -> None:
    async with open_sandbox(tempo_seconds=0.05) as client:
        batch = await send(client)
        seen: list[list[int]] = []

        async def arrives() -> bool:
            seen.append(await get_codes(client, batch))
            return seen[-1][-1] == 201

        await until(arrives)
        assert any(1 < len(codes) < 8 for codes in seen)
        assert all(codes == seen[-1][: len(codes)] for codes in seen)


async def test_names_in_braces_become_each_recipients_values() -> None:
    recipients = {
        PHONE: {"name": "Åsa", "sign": "Bob"},
        OTHER_PHONE: {},
        "46701234569": None,
        "default": {"name": "you", "unused": "x"},
    }
    async with open_sandbox(tempo_seconds=SLOW) as client:
        batch = await send(client, recipients=recipients, body="Hi {name}, {sign} {Name}")
        assert batch["templated"] is True
        assert batch["body"] == "Hi {name}, {sign} {Name}"
        messages = await get(client, f"/v2/batches/{batch['id']}/messages")
        assert {message["recipient"]: message["body"] for message in messages} == {
            PHONE: "Hi Åsa, Bob {Name}",
            OTHER_PHONE: "Hi you, {sign} {Name}",
            "46701234569": "Hi you, {sign} {Name}",
        }


async def test_a_value_is_not_searched_for_names() -> None:
    async with open_sandbox(tempo_seconds=SLOW) as client:
        batch = await send(client, recipients={PHONE: {"a": "{b}", "b": "no"}}, body="{a}")
        (message,) = await get(client, f"/v2/batches/{batch['id']}/messages")
        assert message["body"] == "{b}"


async def test_long_texts_and_other_alphabets_cost_more_segments() -> None:
    async with open_sandbox(tempo_seconds=SLOW) as client:
        batch = await send(client, body="å" * 161)
        assert batch["messageSummary"] == {"101": {"messages": 1, "sms": 2}}
        assert batch["priceSummary"]["total"] == 0.78
        batch = await send(client, body="😀" * 36)
        assert batch["messageSummary"] == {"101": {"messages": 1, "sms": 2}}


async def test_field_names_are_read_in_any_case_and_unknown_ones_ignored() -> None:
    call = {"Sender": "iP1", "Recipients": [PHONE], "Body": "x", "Colour": "blue"}
    async with open_sandbox() as client, client.post("/v2/batches", json=call) as answer:
        assert answer.status == 201


async def test_five_hundred_recipients_become_as_many_messages() -> None:
    recipients = [f"4670{number:07d}" for number in range(5_000_001, 5_000_501)]
    async with open_sandbox(tempo_seconds=SLOW) as client:
        batch = await send(client, recipients=recipients)
        messages = await get(client, f"/v2/batches/{batch['id']}/messages?limit=1000")
        assert [message["recipient"] for message in messages] == recipients
        assert len({message["id"] for message in messages}) == 500


async def test_another_account_does_not_see_a_batch() -> None:
    async with open_sandbox() as client:
        batch = await send(client)
        for path in (f"/v2/batches/{batch['id']}", f"/v2/batches/{batch['id']}/messages"):
            async with client.get(path, headers={"Authorization": "Bearer other-token"}) as answer:
                assert answer.status == 404
        async with client.get("/v2/batches", headers={"Authorization": "Bearer other-token"}) as answer:
            assert await answer.json() == []


async def test_two_tokens_of_one_account_see_the_same() -> None:
    async with open_sandbox() as client:
        batch = await send(client)
        async with client.get(
            f"/v2/batches/{batch['id']}", headers={"Authorization": "bearer second-token"}
        ) as answer:
            assert answer.status == 200


async def test_an_unknown_batch_or_message_is_404_with_a_message() -> None:
    async with open_sandbox() as client:
        batch = await send(client)
        for path in ("/v2/batches/no", f"/v2/batches/{batch['id']}/messages/no", "/v2/nothing", "/api/nothing"):
            assert await get(client, path, 404) == {"message": "Not Found"}
