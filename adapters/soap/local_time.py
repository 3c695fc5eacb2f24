"""Moments as old programs write them: local time without a zone, in whatever form their language prints."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from gateway.domain.errors import BadParameter

# What ISO 8601 does not cover. All inferred: the old service's own form is lost (asmx-facts N4).
_FORMS = ("%Y-%m-%d %H.%M", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S")

_UNSET = "0001-01-01T00:00:00"  # how a .NET client writes a DateTime that nobody has set


def parse_moment(written: str | None, zone: ZoneInfo, *, parameter: str) -> datetime | None:
    """The moment, in UTC; None where nothing is written. Raises BadParameter.

    Without an offset it is local time in `zone`. In the hour that an autumn night has twice the first is meant;
    one that a spring night skips is moved on by the hour that was skipped, as clocks are.
    """
    text = (written or "").strip()
    if not text or text.startswith(_UNSET):
        return None
    try:
        moment = _read(text)
        local = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadParameter(parameter, "is not a time; write it as 2026-12-24 15:00") from None


def _read(text: str) -> datetime:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  (the caller gives it its zone)
        except ValueError:
            continue
    return datetime.fromisoformat(text)
