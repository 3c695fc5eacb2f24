"""Pictures on their way to phones: kept before the SMS with their links is sent, shown for a time, then erased."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from gateway.domain.errors import TooLarge
from gateway.domain.picture import Picture, PictureName, render_picture_name
from gateway.ports import Clock, PictureStore

log = structlog.get_logger()

STEP_PICTURES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSettings:
    """`link_prefix` is what comes before the name in a link; `name_key` is secret."""

    link_prefix: str
    name_key: bytes = field(repr=False)
    keep: timedelta = timedelta(hours=72)
    max_bytes: int = 2 * 1024 * 1024


class PictureDesk:
    """Keeps pictures, finds them, forgets them."""

    def __init__(self, store: PictureStore, *, clock: Clock, settings: PictureSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings

    def name(self, pictures: Iterable[Picture], *, account_id: str) -> dict[PictureName, Picture]:
        """The pictures, each under its name, doubles removed. Raises TooLarge."""
        # A name is never used again in a later period, so what is erased cannot be wanted again.
        period = int(self._clock.now().timestamp() // self._settings.keep.total_seconds())
        named: dict[PictureName, Picture] = {}
        for picture in pictures:
            if len(picture.content) > self._settings.max_bytes:
                raise TooLarge(f"a picture has more than {self._settings.max_bytes} bytes")
            key = self._settings.name_key
            named[render_picture_name(picture, key=key, account_id=account_id, period=period)] = picture
        return named

    def links(self, names: Iterable[PictureName]) -> list[str]:
        """The addresses that show the pictures."""
        return [self._settings.link_prefix + name for name in names]

    async def keep(self, named: Mapping[PictureName, Picture]) -> None:
        """Put them where they are found from now on. Raises StoreUnavailable."""
        for name, picture in named.items():
            await self._store.keep(name, picture, at=self._clock.now())

    async def find(self, name: PictureName) -> Picture | None:
        """The picture, while it is to be shown. Raises StoreUnavailable."""
        return await self._store.find(name, kept_after=self._clock.now() - self._settings.keep)

    async def step(self) -> bool:
        """Erase some whose time is over; whether there may be more."""
        erased = await self._store.erase(kept_until=self._clock.now() - self._settings.keep, limit=STEP_PICTURES)
        if erased:
            log.info("pictures erased", pictures=erased)
        return erased == STEP_PICTURES
