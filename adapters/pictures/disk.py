"""Pictures in a folder: a file each, under its name; the file's time of modification is when it was kept."""

import asyncio
import os
import secrets
from datetime import datetime
from itertools import islice
from pathlib import Path

from adapters.errors import translated
from gateway.domain.errors import StoreUnavailable
from gateway.domain.picture import Picture, PictureName

NANOSECONDS = 1_000_000_000


class DiskPictures:
    """`gateway.ports.PictureStore`. The folder is made when the first picture comes.

    Several processes may share it. A draft that a crash left behind grows old and is erased like any picture.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, name: PictureName, picture: Picture, *, at: datetime) -> None:
        """Write it, readable by this user alone, and have it on disk before this returns."""
        with translated({OSError: StoreUnavailable("the folder of pictures cannot be written")}):
            await asyncio.to_thread(self._write, name, picture.content, _nanoseconds(at))

    async def find(self, name: PictureName, *, kept_after: datetime) -> Picture | None:
        """Read it, unless it is too old or was never there."""
        with translated({OSError: StoreUnavailable("the folder of pictures cannot be read")}):
            content = await asyncio.to_thread(self._read, name, _nanoseconds(kept_after))
        return None if content is None else Picture.parse(content)

    async def erase(self, *, kept_until: datetime, limit: int) -> int:
        """Delete files that old, in no order."""
        with translated({OSError: StoreUnavailable("the folder of pictures cannot be cleared")}):
            return await asyncio.to_thread(self._erase, _nanoseconds(kept_until), limit)

    def _write(self, name: PictureName, content: bytes, kept_at: int) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._folder / f".{name}.{secrets.token_hex(8)}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.utime(file.fileno(), ns=(kept_at, kept_at))
                os.fsync(file.fileno())
            draft.replace(self._folder / name)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(self._folder)

    def _read(self, name: PictureName, kept_after: int) -> bytes | None:
        try:
            with (self._folder / name).open("rb") as file:
                return file.read() if os.fstat(file.fileno()).st_mtime_ns > kept_after else None
        except FileNotFoundError:
            return None

    def _erase(self, kept_until: int, limit: int) -> int:
        erased = 0
        try:
            with os.scandir(self._folder) as entries:
                old = (Path(entry) for entry in entries if _is_old(entry, kept_until))
                for path in islice(old, limit):
                    path.unlink(missing_ok=True)
                    erased += 1
        except FileNotFoundError:  # no picture was ever kept
            pass
        return erased


def _is_old(entry: os.DirEntry[str], kept_until: int) -> bool:
    try:
        return entry.stat(follow_symlinks=False).st_mtime_ns <= kept_until
    except FileNotFoundError:  # another process erased it
        return False


def _sync_folder(folder: Path) -> None:
    """Have the names on disk too."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * NANOSECONDS)
