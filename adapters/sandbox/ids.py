"""Ids in the provider's form: 24 hex digits that sort by time."""

import secrets
from datetime import datetime
from typing import Final

_PROCESS_BYTES: Final = 5
_COUNTER_SIZE: Final = 1 << 24


class IdMaker:
    """Makes ids like an ObjectId's: four bytes of seconds, five of the process, three of a counter."""

    def __init__(self) -> None:
        self._process = secrets.token_hex(_PROCESS_BYTES)
        self._second = 0
        self._count = 0

    def make(self, now: datetime) -> str:
        """Give an id that no other call got and that sorts after all of them, even if the clock is set back."""
        self._second = max(self._second, int(now.timestamp()))
        self._count += 1
        if self._count == _COUNTER_SIZE:
            self._second, self._count = self._second + 1, 0
        return f"{self._second:08x}{self._process}{self._count:06x}"
