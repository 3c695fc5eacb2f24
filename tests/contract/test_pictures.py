"""What every store of pictures promises."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.pictures.disk import DiskPictures
from gateway.domain.picture import Picture, PictureName
from gateway.ports import PictureStore
from gateway.testing import MemoryPictures

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
GIF = Picture.parse(base64.b64decode("R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="))
PNG = Picture.parse(b"\x89PNG\r\n\x1a\n and more")
ONE, OTHER = PictureName("a" * 26), PictureName("b" * 26)

STORES: dict[str, Callable[[Path], PictureStore]] = {
    "memory": lambda _folder: MemoryPictures(),
    "disk": lambda folder: DiskPictures(folder / "new" / "pictures"),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PictureStore:
    return STORES[request.param](tmp_path)


def later(**by: float) -> datetime:
    return NOON + timedelta(**by)


async def test_a_picture_is_found_under_its_name_alone(store: PictureStore) -> None:
    assert await store.find(ONE, kept_after=later(hours=-1)) is None
    await store.keep(ONE, GIF, at=NOON)
    assert await store.find(ONE, kept_after=later(hours=-1)) == GIF
    assert await store.find(OTHER, kept_after=later(hours=-1)) is None


async def test_a_picture_is_not_found_once_it_is_too_old(store: PictureStore) -> None:
    await store.keep(ONE, GIF, at=NOON)
    assert await store.find(ONE, kept_after=later(microseconds=-1)) == GIF
    assert await store.find(ONE, kept_after=NOON) is None


async def test_a_picture_that_is_kept_again_is_young_again(store: PictureStore) -> None:
    await store.keep(ONE, GIF, at=NOON)
    await store.keep(ONE, PNG, at=later(hours=1))
    assert await store.find(ONE, kept_after=NOON) == PNG
    assert await store.erase(kept_until=NOON, limit=10) == 0


async def test_old_pictures_are_erased_in_steps(store: PictureStore) -> None:
    assert await store.erase(kept_until=NOON, limit=2) == 0
    names = [PictureName(letter * 26) for letter in "abcd"]
    for name in names[:3]:
        await store.keep(name, GIF, at=NOON)
    await store.keep(names[3], GIF, at=later(seconds=1))
    assert [await store.erase(kept_until=NOON, limit=2) for _ in range(3)] == [2, 1, 0]
    found = [await store.find(name, kept_after=later(hours=-1)) for name in names]
    assert found == [None, None, None, GIF]
