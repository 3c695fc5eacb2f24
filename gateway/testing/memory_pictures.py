"""Pictures in memory."""

from datetime import datetime

from gateway.domain.picture import Picture, PictureName


class MemoryPictures:
    """`gateway.ports.PictureStore`."""

    def __init__(self) -> None:
        self._kept: dict[PictureName, tuple[datetime, Picture]] = {}

    async def keep(self, name: PictureName, picture: Picture, *, at: datetime) -> None:
        """Keep it."""
        self._kept[name] = (at, picture)

    async def find(self, name: PictureName, *, kept_after: datetime) -> Picture | None:
        """Find it."""
        kept_at, picture = self._kept.get(name, (kept_after, None))
        return picture if kept_at > kept_after else None

    async def erase(self, *, kept_until: datetime, limit: int) -> int:
        """Erase old ones."""
        old = [name for name, (kept_at, _) in self._kept.items() if kept_at <= kept_until][:limit]
        for name in old:
            del self._kept[name]
        return len(old)
