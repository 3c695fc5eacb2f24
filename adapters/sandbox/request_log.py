"""What arrived at the provider's side of the sandbox, newest last, in bounded memory."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

import msgspec

from adapters.sandbox.documents import render_time

_MOST_REQUESTS: Final = 10_000
_MOST_BODY_BYTES: Final = 64 * 1024 * 1024


@dataclass(kw_only=True, slots=True)
class Record:
    """One request. No header of it is kept, so no token is."""

    at: datetime
    method: str
    path: str
    account: str | None
    body: bytes = b""
    answered: int | None = None

    def render(self) -> dict[str, Any]:
        """Show the request; `status` null means that it got no answer (yet)."""
        return {
            "at": render_time(self.at),
            "method": self.method,
            "path": self.path,
            "account": self.account,
            "body": _decode(self.body),
            "status": self.answered,
        }


def _decode(body: bytes) -> Any:
    """Give the JSON value; a text where it is not JSON; none where there is no body."""
    if not body:
        return None
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return body.decode(errors="replace")


class RequestLog:
    """The newest records: at most 10 000, and at most 64 MiB of bodies."""

    def __init__(self) -> None:
        self._records: deque[Record] = deque()
        self._body_bytes = 0

    def add(self, record: Record) -> None:
        """Keep a record, and let go of the oldest for it."""
        self._records.append(record)
        self._body_bytes += len(record.body)
        while len(self._records) > _MOST_REQUESTS or self._body_bytes > _MOST_BODY_BYTES:
            self._body_bytes -= len(self._records.popleft().body)

    def clear(self) -> None:
        """Forget all."""
        self._records.clear()
        self._body_bytes = 0

    def render(self, limit: int) -> list[dict[str, Any]]:
        """Show the newest `limit` records, oldest of them first."""
        return [record.render() for record in reversed(list(islice(reversed(self._records), limit)))]
