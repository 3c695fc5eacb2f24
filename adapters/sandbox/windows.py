"""Delivery windows: when a batch may be sent. Source: contract/v2.md, `deliveryWindows`."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from adapters.sandbox.model import Window

_LASTS: Final = timedelta(hours=72)
_LATEST: Final = datetime.max.replace(tzinfo=UTC)


def parse_windows(value: object, now: datetime) -> tuple[Window, ...]:
    """Read the windows in the order of the call; none given means one from now on. Raises ValueError."""
    if value is None or value == []:
        return (Window(now, now + _LASTS),)
    if not isinstance(value, list):
        raise ValueError("Delivery windows are an array of objects with opens and closes.")
    windows = tuple(_parse_window(entry, now) for entry in value)
    if any(later.opens_at < earlier.closes_at for earlier, later in pairwise(sorted(windows))):
        raise ValueError("Delivery windows must not overlap.")
    return windows


def _parse_window(entry: object, now: datetime) -> Window:
    if not isinstance(entry, dict):
        raise ValueError("A delivery window is an object with opens and closes.")
    opens_at = _parse_time(entry.get("opens")) or now
    closes_at = _parse_time(entry.get("closes")) or min(opens_at, _LATEST - _LASTS) + _LASTS
    if closes_at <= opens_at:
        raise ValueError("A delivery window must close after it opens.")
    return Window(opens_at, closes_at)


def _parse_time(value: object) -> datetime | None:
    """Read ISO 8601, as UTC; a time without an offset is UTC (inferred)."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)  # type: ignore[arg-type]  # anything else is the TypeError below
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):  # an offset can lead out of the years 1 to 9999
        raise ValueError("opens and closes must be null or ISO 8601 times.") from None


def choose_opening(windows: Sequence[Window], now: datetime) -> datetime | None:
    """Give the first moment, from now on, at which a window is open; none if all have closed."""
    return min((max(window.opens_at, now) for window in windows if window.closes_at > now), default=None)
