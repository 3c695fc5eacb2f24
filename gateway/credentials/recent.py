"""A small memory with a limit of size and age."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """What was kept under a digest within the last `seconds`, for the newest `size` digests."""

    def __init__(self, *, seconds: float, size: int, monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._size = size
        self._monotonic = monotonic
        self._kept: dict[bytes, tuple[float, T]] = {}

    def find(self, digest: bytes) -> T | None:
        """What is kept there and has not expired."""
        kept = self._kept.get(digest)
        return kept[1] if kept and kept[0] > self._monotonic() else None

    def find_expired(self, digest: bytes) -> T | None:
        """What was kept there, expired or not, as long as there was room for it."""
        kept = self._kept.get(digest)
        return kept[1] if kept else None

    def keep(self, digest: bytes, value: T) -> None:
        """Keep it from now on."""
        self._kept.pop(digest, None)
        self._kept[digest] = (self._monotonic() + self._seconds, value)
        if len(self._kept) > self._size:
            del self._kept[next(iter(self._kept))]

    def drop(self, digest: bytes) -> None:
        """Forget what is kept there."""
        self._kept.pop(digest, None)

    def drop_where(self, condition: Callable[[T], bool]) -> None:
        """Forget every value that meets a condition."""
        self._kept = {digest: kept for digest, kept in self._kept.items() if not condition(kept[1])}
