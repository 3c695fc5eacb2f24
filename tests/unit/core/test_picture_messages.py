"""Messages with pictures: what is promised before, with and after the SMS."""

from datetime import datetime

import pytest

from gateway.domain.account import AccountSettings
from gateway.domain.errors import (
    GatewayError,
    InvalidBody,
    InvalidSender,
    StoreUnavailable,
    TooLarge,
    WrongCredentials,
)
from gateway.domain.intent import Intent, Outcome
from gateway.domain.picture import Picture, PictureName, parse_picture_name
from gateway.domain.sms import BODY_MAX_CHARACTERS, Credentials
from gateway.picture_messages import STEP_PICTURES
from gateway.ports import PictureStore
from gateway.testing import FakeUpstream, FixedClock, MemoryPictures
from tests.unit.core.harness import ACCOUNT, CREDENTIALS, NOON, PICTURES, TOKEN, Node, order, start_node

GIF, PNG = Picture.parse(b"GIF89a..."), Picture.parse(b"\x89PNG\r\n\x1a\n...")
LINK_LENGTH = len(PICTURES.link_prefix) + 26


async def send(node: Node, *pictures: Picture, credentials: Credentials = CREDENTIALS, **changes: object) -> int:
    receipt = await node.service.send_with_pictures(order(**changes), pictures, credentials)
    return receipt.id


def texts(node: Node) -> list[str]:
    return [batch.intent.body or "" for batch in node.upstream.batches]


def name_in(link: str) -> PictureName:
    name = parse_picture_name(link.removeprefix(PICTURES.link_prefix))
    assert name is not None
    return name


async def test_each_picture_is_found_by_its_link() -> None:
    async with start_node() as node:
        await send(node, GIF, PNG, GIF)
        (text,) = texts(node)
        body, *links = text.split("\n")
        assert body == "Hej"
        assert [await node.service.find_picture(name_in(link)) for link in links] == [GIF, PNG]


async def test_a_picture_is_kept_before_v2_is_asked() -> None:
    class Watcher(FakeUpstream):
        async def send_batch(self, intent: Intent, *, token: str, within_seconds: float | None = None) -> Outcome:
            found.append(await node.service.find_picture(name_in((intent.body or "").split("\n")[1])))
            return await super().send_batch(intent, token=token)

    found: list[Picture | None] = []
    clock = FixedClock(NOON)
    upstream = Watcher(clock=clock, tokens={TOKEN: ACCOUNT})
    async with start_node(clock=clock, upstream=upstream) as node:
        await send(node, GIF)
    assert found == [GIF]


async def test_nothing_is_sent_where_a_picture_cannot_be_kept() -> None:
    class FullDisk(MemoryPictures):
        async def keep(self, name: PictureName, picture: Picture, *, at: datetime) -> None:
            raise StoreUnavailable("the disk is full")

    async with start_node(picture_store=FullDisk()) as node:
        with pytest.raises(StoreUnavailable):
            await send(node, GIF)
        assert texts(node) == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"credentials": Credentials(account_id=ACCOUNT, api_key="wrong")}, WrongCredentials),
        ({"sender": "!"}, InvalidSender),
        ({"body": "x" * (BODY_MAX_CHARACTERS - LINK_LENGTH)}, InvalidBody),
    ],
)
async def test_a_message_that_is_refused_leaves_no_picture(
    changes: dict[str, object], error: type[GatewayError]
) -> None:
    store: PictureStore = MemoryPictures()
    async with start_node(picture_store=store) as node:
        with pytest.raises(error):
            await send(node, GIF, **changes)  # type: ignore[arg-type]  # a test's shorthand
    assert await store.erase(kept_until=NOON, limit=1) == 0


async def test_text_and_link_may_fill_an_sms_of_2000_characters() -> None:
    async with start_node() as node:
        await send(node, GIF, body="x" * (BODY_MAX_CHARACTERS - LINK_LENGTH - 1))
        assert [len(text) for text in texts(node)] == [BODY_MAX_CHARACTERS]


async def test_a_picture_that_is_too_large_is_refused() -> None:
    async with start_node() as node:
        largest = GIF.content.ljust(PICTURES.max_bytes, b".")
        await send(node, Picture.parse(largest))
        with pytest.raises(TooLarge):
            await send(node, Picture.parse(largest + b"."))


async def test_a_repeat_with_the_same_picture_is_a_repeat() -> None:
    async with start_node(AccountSettings(repeat_window_seconds=60)) as node:
        first = await send(node, GIF)
        assert await send(node, GIF) == first
        assert await send(node, PNG) != first
        assert len(texts(node)) == 2


async def test_a_picture_is_shown_for_its_time_and_then_erased() -> None:
    store: PictureStore = MemoryPictures()
    async with start_node(picture_store=store) as node:
        await send(node, GIF)
        name = name_in(texts(node)[0].split("\n")[1])
        node.later(hours=71.9)
        assert await node.core.pictures.step() is False
        assert await node.service.find_picture(name) == GIF
        node.later(hours=0.1)
        assert await node.service.find_picture(name) is None
        assert await store.find(name, kept_after=NOON.min.replace(tzinfo=NOON.tzinfo)) == GIF
        await node.core.pictures.step()
        assert await store.find(name, kept_after=NOON.min.replace(tzinfo=NOON.tzinfo)) is None


async def test_the_same_picture_has_another_link_after_its_time() -> None:
    async with start_node() as node:
        await send(node, GIF)
        node.later(hours=72)
        await send(node, GIF)
        assert len(set(texts(node))) == 2


async def test_many_old_pictures_are_erased_in_several_steps() -> None:
    async with start_node() as node:
        for number in range(STEP_PICTURES + 1):
            await send(node, Picture.parse(b"GIF89a%d" % number))
        node.later(hours=72)
        assert [await node.core.pictures.step() for _ in range(2)] == [True, False]
