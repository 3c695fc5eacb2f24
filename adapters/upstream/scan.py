"""Reading v2's list of batches whole, newest first, while others add to its front. No I/O.

Facts (v2.md, Pagination): `start`, `limit`, `order=DESC`, and a Link header that names the next page. Ids are 24
hex digits; the first 8 are the second of creation (MongoDB's ObjectId, inferred from the provider's samples).
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.errors import UpstreamUnavailable

BATCHES_PER_PAGE: Final = 100
_MARGIN: Final = timedelta(hours=1)  # our clock may differ from v2's
_OBJECT_ID: Final = re.compile(r"[0-9a-fA-F]{24}")


class Scan:
    """Which page to ask for next, and whether all that matters has been seen.

    Each page begins with the last batch of the one before: where it does not, the list has moved otherwise than by
    growing at its front, and an absence proves nothing. Such a scan raises UpstreamUnavailable.
    """

    def __init__(self, not_before: datetime) -> None:
        self.start = 0
        self.is_complete = False
        self._not_before = (not_before - _MARGIN).timestamp()
        self._newest: str | None = None
        self._seen: set[str] = set()

    def add(self, batch_ids: Sequence[str], *, has_next: bool | None) -> None:
        """Take the ids of the page at `start` in; `has_next` is None where v2 did not say."""
        if self.start:
            self._require_overlap(batch_ids)
        news = [batch_id for batch_id in batch_ids if batch_id not in self._seen]
        self._newest = self._newest or next(iter(batch_ids), None)
        self._seen.update(news)
        is_end = not has_next if has_next is not None else not news
        self.is_complete = is_end or self._is_past(batch_ids)
        if not self.is_complete and len(batch_ids) < 2:
            raise UpstreamUnavailable("v2's list of batches names a next page that cannot be reached")
        self.start += len(batch_ids) - 1

    def _require_overlap(self, batch_ids: Sequence[str]) -> None:
        if not batch_ids or batch_ids[0] not in self._seen:
            raise UpstreamUnavailable("v2's list of batches changed while it was read")
        if batch_ids[0] == self._newest:
            raise UpstreamUnavailable("v2's list of batches shows its first page again")

    def _is_past(self, batch_ids: Sequence[str]) -> bool:
        """Whether this page ends too long ago to go on. Only where the list is seen to descend."""
        created, newest = _created(batch_ids[-1] if batch_ids else ""), _created(self._newest or "")
        return created is not None and newest is not None and created < newest and created < self._not_before


def _created(batch_id: str) -> int | None:
    return int(batch_id[:8], 16) if _OBJECT_ID.fullmatch(batch_id) else None
