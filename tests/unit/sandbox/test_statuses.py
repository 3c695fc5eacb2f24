"""Recipients that choose their own fate."""

import pytest

from adapters.sandbox.statuses import PATH_BY_FATE, Status, choose_fate
from tests.unit.sandbox.harness import Document, get, get_codes, open_sandbox, send, until

TO_THE_PHONE = [101, 102, 103, 110, 111, 112, 113]

FATES: list[tuple[int, list[int]]] = [
    (101, [101]),
    (102, [101, 102]),
    (103, [101, 102, 103]),
    (104, [101, 102, 103, 110, 515, 104]),
    (110, [101, 102, 103, 110]),
    (111, [101, 102, 103, 110, 111]),
    (112, [101, 102, 103, 110, 111, 112]),
    (113, TO_THE_PHONE),
    (114, [101, 102, 103, 110, 111, 114]),
    (201, [*TO_THE_PHONE, 201]),
    (202, [*TO_THE_PHONE, 202]),
    (203, [101, 203]),
    (402, [101, 402]),
    (403, [101, 403]),
    (404, [101, 404]),
    (405, [101, 405]),
    (406, [101, 406]),
    (407, [101, 407]),
    (408, [101, 408]),
    (409, [101, 409]),
    (410, [101, 410]),
    (500, [101, 102, 103, 110, 500]),
    (501, [101, 102, 103, 110, 111, 112, 501]),
    (502, [*TO_THE_PHONE, 502]),
    (503, [*TO_THE_PHONE, 503]),
    (511, [101, 102, 103, 110, 511]),
    (512, [101, 102, 103, 110, 111, 512]),
    (513, [101, 102, 103, 110, 111, 112, 513]),
    (514, [*TO_THE_PHONE, 514]),
    (515, [101, 102, 103, 110, 111, 112, 515]),
    (516, [101, 102, 103, 110, 111, 516]),
    (599, [*TO_THE_PHONE, 599]),
    (299, [*TO_THE_PHONE, 201]),  # no such status
]


@pytest.mark.parametrize(("code", "history"), FATES)
async def test_a_recipient_that_ends_in_0_and_a_status_goes_its_way(code: int, history: list[int]) -> None:
    async with open_sandbox() as client:
        batch = await send(client, recipients=[f"467000000{code}"])

        async def arrived() -> bool:
            return len(await get_codes(client, batch)) == len(history)

        await until(arrived)
        assert await get_codes(client, batch) == history


async def test_the_statuses_of_a_batch_are_summed_up() -> None:
    async with open_sandbox() as client:
        batch = await send(client, recipients=["46701234567", "46701234568", "46700000409"], body="x" * 161)

        async def is_done() -> bool:
            document: Document = await get(client, f"/v2/batches/{batch['id']}")
            summary: Document = document["messageSummary"]
            return summary == {"201": {"messages": 2, "sms": 4}, "409": {"messages": 1, "sms": 2}}

        await until(is_done)
        assert (await get(client, f"/v2/batches/{batch['id']}"))["status"] == 112


def test_every_fate_has_a_row_here() -> None:
    assert {code for code, _ in FATES} - {299} == set(Status)


def test_every_path_begins_with_101() -> None:
    assert {path[0] for path in PATH_BY_FATE.values()} == {Status.ACCEPTED}


@pytest.mark.parametrize("recipient", ["1", "409", "46701409", "467000004091"])
def test_other_endings_are_delivered(recipient: str) -> None:
    assert choose_fate(recipient) is Status.DELIVERED_TO_HANDSET
