"""Batches for later, and second thoughts."""

from tests.unit.sandbox.harness import (
    Client,
    Customer,
    Document,
    TurnedClock,
    get,
    get_codes,
    open_sandbox,
    send,
    until,
)

TOMORROW = [{"opens": "2026-03-02T12:00:00Z", "closes": "2026-03-02T13:00:00Z"}]


async def _codes_become(client: Client, batch: Document, codes: list[int]) -> None:
    async def become() -> bool:
        return await get_codes(client, batch) == codes

    await until(become)


async def test_a_batch_waits_for_its_window_and_then_goes_on() -> None:
    clock = TurnedClock()
    async with open_sandbox(clock=clock) as client:
        batch = await send(client, deliveryWindows=TOMORROW)
        now = await send(client)
        await _codes_become(client, now, [101, 102, 103, 110, 111, 112, 113, 201])
        assert batch["status"] == 101
        assert await get_codes(client, batch) == [101]
        clock.turn(hours=24)
        await _codes_become(client, batch, [101, 102, 103, 110, 111, 112, 113, 201])
        assert (await get(client, f"/v2/batches/{batch['id']}"))["status"] == 112


async def test_no_window_is_one_from_now_on_for_72_hours() -> None:
    async with open_sandbox(clock=TurnedClock()) as client:
        batch = await send(client)
        assert batch["deliveryWindows"] == [{"opens": "2026-03-01T12:00:00Z", "closes": "2026-03-04T12:00:00Z"}]


async def test_the_first_window_that_has_not_closed_counts() -> None:
    windows = [*TOMORROW, {"opens": "2026-02-01T12:00:00Z", "closes": "2026-02-02T12:00:00Z"}]
    async with open_sandbox(clock=TurnedClock()) as client:
        assert (await send(client, deliveryWindows=windows))["status"] == 101


async def test_a_batch_whose_windows_have_all_closed_expires() -> None:
    windows = [{"opens": "2026-02-01T12:00:00Z", "closes": "2026-02-02T12:00:00Z"}]
    async with open_sandbox(clock=TurnedClock()) as client:
        await _codes_become(client, await send(client, deliveryWindows=windows), [101, 202])


async def test_a_planned_batch_can_be_canceled() -> None:
    clock, customer = TurnedClock(), Customer()
    async with customer.listen() as url, open_sandbox(clock=clock) as client:
        batch = await send(client, deliveryWindows=TOMORROW, deliveryReportUrl=url)
        async with client.delete(f"/v2/batches/{batch['id']}") as answer:
            assert answer.status == 204
        document = await get(client, f"/v2/batches/{batch['id']}")
        assert document["status"] == 203
        assert list(document["messageSummary"]) == ["203"]
        await until(lambda: customer.get_codes() == [203])
        clock.turn(hours=48)
        await _codes_become(client, await send(client), [101, 102, 103, 110, 111, 112, 113, 201])
        assert await get_codes(client, batch) == [101, 203]


async def test_a_batch_that_has_opened_or_is_canceled_can_not_be_canceled() -> None:
    async with open_sandbox(clock=TurnedClock()) as client:
        planned = await send(client, deliveryWindows=TOMORROW)
        for batch, status in ((await send(client), 409), (planned, 204), (planned, 409)):
            async with client.delete(f"/v2/batches/{batch['id']}") as answer:
                assert answer.status == status
        assert (await get(client, f"/v2/batches/{planned['id']}"))["status"] == 203


async def test_canceling_an_unknown_batch_is_404() -> None:
    async with open_sandbox() as client, client.delete("/v2/batches/5bc86b6e85c7209830f96936") as answer:
        assert answer.status == 404
