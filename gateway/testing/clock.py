"""A clock that stands until it is told to go on."""

from datetime import UTC, datetime, timedelta


class FixedClock:
    """`gateway.ports.Clock`."""

    def __init__(self, moment: datetime = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """The moment it stands at."""
        return self._moment

    def advance(self, seconds: float) -> datetime:
        """Go on; returns the new moment."""
        self._moment += timedelta(seconds=seconds)
        return self._moment
