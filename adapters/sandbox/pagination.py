"""Pages of a collection, and the Link header that leads through them.

Facts (contract/v2.md): `start` (0), `limit` (50), `order` (ASC); rels self, first, prev, next, last.
The limit's own limit, 1000, is inferred.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from yarl import URL

from adapters.sandbox.errors import Refused

_LARGEST_LIMIT: Final = 1000
_ORDERS: Final = ("ASC", "DESC")

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Which part of a collection a request asks for."""

    start: int = 0
    limit: int = 50
    order: str = "ASC"

    def cut(self, collection: Sequence[T]) -> Sequence[T]:
        """Give the page of a collection that is in ascending order."""
        if self.order == "ASC":
            return collection[self.start : self.start + self.limit]
        end = max(0, len(collection) - self.start)
        return collection[max(0, end - self.limit) : end][::-1]

    def render_link(self, url: URL, total: int) -> str:
        """Render the Link header; prev and next only where there is such a page."""
        offset = self.start % self.limit  # documented: from start=201, limit=100 the last page starts at 4901
        last = offset + max(0, total - 1 - offset) // self.limit * self.limit
        starts = {"self": self.start, "first": 0}
        if self.start > 0:
            starts["prev"] = max(0, self.start - self.limit)
        if self.start + self.limit < total:
            starts["next"] = self.start + self.limit
        starts["last"] = last
        return ", ".join(f'<{self._address(url, start)}>; rel="{rel}"' for rel, start in starts.items())

    def _address(self, url: URL, start: int) -> URL:
        return url.update_query(start=str(start), limit=str(self.limit), order=self.order)


def parse_page(query: Mapping[str, str]) -> Page:
    """Read `start`, `limit` and `order`. Raises Refused."""
    errors: dict[str, str] = {}
    start = _parse_number(query.get("start", "0"))
    limit = _parse_number(query.get("limit", "50"))
    order = query.get("order", "ASC").upper()
    if start is None:
        errors["start"] = "The start is a number from 0 on."
    if limit is None or not 1 <= limit <= _LARGEST_LIMIT:
        errors["limit"] = f"The limit is a number from 1 to {_LARGEST_LIMIT}."
    if order not in _ORDERS:
        errors["order"] = "The order is ASC or DESC."
    if errors or start is None or limit is None:
        raise Refused(errors)
    return Page(start=start, limit=limit, order=order)


def _parse_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
