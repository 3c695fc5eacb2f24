"""What the core needs of the rest of the world: the time, pictures kept for a while, the callers' own systems."""

from datetime import datetime
from typing import Protocol

from gateway.domain.account import AccountSettings
from gateway.domain.picture import Picture, PictureName
from gateway.domain.report import (
    Notice,
)


class Clock(Protocol):
    """The time of day."""

    def now(self) -> datetime:
        """Now, aware, in UTC."""


class PictureStore(Protocol):
    """Keeps pictures for a time. Every method raises StoreUnavailable."""

    async def keep(self, name: PictureName, picture: Picture, *, at: datetime) -> None:
        """Have the picture on disk before this returns; under a name that is taken, from `at` on again."""

    async def find(self, name: PictureName, *, kept_after: datetime) -> Picture | None:
        """The picture of that name, if it was kept after that moment."""

    async def erase(self, *, kept_until: datetime, limit: int) -> int:
        """Erase up to `limit` pictures that were kept at that moment or before; returns how many."""


class Forwarder(Protocol):
    """Tells a caller's own system what happened."""

    async def deliver(self, notice: Notice, *, settings: AccountSettings) -> None:
        """Make one attempt. Raises ForwardFailed where it was not taken."""
