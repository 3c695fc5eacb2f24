"""What is the disk's own: rights, whole files, leftovers, and a folder that cannot be used."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.pictures.disk import DiskPictures
from gateway.domain.errors import StoreUnavailable
from gateway.domain.picture import Picture, PictureName

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
GIF = Picture.parse(b"GIF89a...")
NAME = PictureName("a" * 26)


async def test_only_this_user_can_read_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    await DiskPictures(folder).keep(NAME, GIF, at=NOON)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (file.name, file.read_bytes()) == (NAME, GIF.content)


async def test_a_picture_that_cannot_be_kept_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(StoreUnavailable):
        await DiskPictures(tmp_path).keep(NAME, GIF, at=NOON)
    assert names_in(tmp_path) == [NAME]


async def test_what_a_crash_left_behind_is_erased_in_time(tmp_path: Path) -> None:
    (tmp_path / f".{NAME}.0123456789abcdef").write_bytes(b"GIF8")
    store = DiskPictures(tmp_path)
    assert await store.erase(kept_until=datetime.now(UTC) - timedelta(hours=1), limit=10) == 0
    assert await store.erase(kept_until=datetime.now(UTC) + timedelta(hours=1), limit=10) == 1
    assert names_in(tmp_path) == []


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_folder_that_cannot_be_used_is_a_fault_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = DiskPictures(tmp_path / "file" / "pictures")
    with pytest.raises(StoreUnavailable):
        await store.keep(NAME, GIF, at=NOON)
    with pytest.raises(StoreUnavailable):
        await store.find(NAME, kept_after=NOON)
    with pytest.raises(StoreUnavailable):
        await store.erase(kept_until=NOON, limit=1)
