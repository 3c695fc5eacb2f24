"""Walking through collections."""

import re
from typing import Any

import pytest

from tests.unit.sandbox.harness import SLOW, Client, get, open_sandbox, send


async def _fill(client: Client) -> list[str]:
    return [(await send(client, tags=["even"] if number % 2 == 0 else []))["id"] for number in range(5)]


async def _ids(client: Client, path: str) -> list[str]:
    return [document["id"] for document in await get(client, path)]


async def test_batches_come_oldest_first_and_their_ids_sort_so() -> None:
    async with open_sandbox(tempo_seconds=SLOW) as client:
        made = await _fill(client)
        assert made == sorted(set(made))
        assert await _ids(client, "/v2/batches") == made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("start=0&limit=2&order=DESC", [4, 3]),
        ("start=2&limit=2&order=DESC", [2, 1]),
        ("start=4&limit=2&order=desc", [0]),
        ("start=9&order=DESC", []),
        ("start=1&limit=3", [1, 2, 3]),
        ("start=5", []),
        ("tags=even", [0, 2, 4]),
        ("tags=even&start=1&limit=1&order=DESC", [2]),
        ("tags=even&tags=odd", []),
    ],
)
async def test_a_page_is_cut_from(query: str, expected: list[int]) -> None:
    async with open_sandbox(tempo_seconds=SLOW) as client:
        made = await _fill(client)
        assert await _ids(client, f"/v2/batches?{query}") == [made[place] for place in expected]


LINKS: list[tuple[str, dict[str, int]]] = [
    ("limit=2", {"self": 0, "first": 0, "next": 2, "last": 4}),
    ("start=2&limit=2", {"self": 2, "first": 0, "prev": 0, "next": 4, "last": 4}),
    ("start=4&limit=2", {"self": 4, "first": 0, "prev": 2, "last": 4}),
    ("start=1&limit=2", {"self": 1, "first": 0, "prev": 0, "next": 3, "last": 3}),
    ("start=50&limit=2", {"self": 50, "first": 0, "prev": 48, "last": 4}),
    ("", {"self": 0, "first": 0, "last": 0}),
]


@pytest.mark.parametrize(("query", "expected"), LINKS)
async def test_the_link_header_leads_on_from(query: str, expected: dict[str, int]) -> None:
    async with open_sandbox(tempo_seconds=SLOW) as client:
        await _fill(client)
        async with client.get(f"/v2/batches?{query}") as answer:
            links = {
                rel: int(start)
                for start, rel in re.findall(r'<[^>]*[?&]start=(\d+)[^>]*>; rel="(\w+)"', answer.headers["Link"])
            }
        assert links == expected


async def test_following_next_visits_everything_once_and_keeps_the_filter() -> None:
    async with open_sandbox(tempo_seconds=SLOW) as client:
        made = await _fill(client)
        visited: list[str] = []
        address: Any = client.make_url("/v2/batches?tags=even&limit=1&order=DESC")
        while address:
            async with client.session.get(address, headers={"Authorization": "Bearer demo-token"}) as answer:
                visited += [document["id"] for document in await answer.json()]
                address = answer.links["next"]["url"] if "next" in answer.links else None
        assert visited == [made[4], made[2], made[0]]


async def test_messages_are_paged_too() -> None:
    async with open_sandbox(tempo_seconds=SLOW) as client:
        batch = await send(client, recipients=["46701", "46702", "46703"])
        async with client.get(f"/v2/batches/{batch['id']}/messages?limit=2&order=DESC") as answer:
            assert [message["recipient"] for message in await answer.json()] == ["46703", "46702"]
            assert 'rel="next"' in answer.headers["Link"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=-1", "start"),
        ("start=x", "start"),
        ("start=" + "9" * 5000, "start"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("order=UP", "order"),
    ],
    ids=lambda value: value[:20],
)
async def test_a_wrong_page_is_400(query: str, field: str) -> None:
    async with open_sandbox() as client:
        assert list((await get(client, f"/v2/batches?{query}", 400))["errors"]) == [field]
