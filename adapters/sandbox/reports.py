"""News that the sandbox posts to its customers: delivery reports and incoming SMS.

Facts (contract/v2.md): POST; 200 means taken; anything else and the news is sent again every ten minutes,
at most ten times, then dropped.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import aiohttp
import msgspec

from adapters.sandbox.faults import Faults, Kind
from adapters.sandbox.schedule import Clock, Schedule

_WORKERS: Final = 16
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_HEADERS: Final = {"Content-Type": "application/json; charset=utf-8"}
_TAKEN: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """Something to post. News with the same topic (a message's id) is posted in order, retries aside."""

    topic: str
    url: str
    document: dict[str, Any]
    is_last: bool
    attempts: int = 0


class Postman:
    """A fixed number of workers, each with its own queue; a topic always goes to the same worker."""

    def __init__(
        self, *, schedule: Schedule, clock: Clock, faults: Faults, retry_seconds: float, attempts: int
    ) -> None:
        self._schedule = schedule
        self._clock = clock
        self._faults = faults
        self._retry_seconds = retry_seconds
        self._attempts = attempts
        self._queues: list[asyncio.Queue[News]] = [asyncio.Queue() for _ in range(_WORKERS)]
        self._kept_back: defaultdict[str, list[News]] = defaultdict(list)

    def offer(self, news: News) -> None:
        """Post this soon, as the armed faults allow."""
        if not news.is_last and self._faults.take_for_report(Kind.REORDER_REPORTS):
            self._kept_back[news.topic].append(news)
            return
        older = reversed(self._kept_back.pop(news.topic, [])) if news.is_last else ()
        for item in (news, *older):
            times = 2 if self._faults.take_for_report(Kind.DUPLICATE_REPORTS) else 1
            for _ in range(times):
                self._enqueue(item)

    def _enqueue(self, news: News) -> None:
        self._queues[hash(news.topic) % _WORKERS].put_nowait(news)

    async def run(self) -> None:
        """Post what is offered, until cancelled."""
        async with _open_session() as session, asyncio.TaskGroup() as group:
            for number, queue in enumerate(self._queues):
                group.create_task(self._work(session, queue), name=f"sandbox-postman-{number}")

    async def _work(self, session: aiohttp.ClientSession, queue: asyncio.Queue[News]) -> None:
        while True:
            news = await queue.get()
            if not await _post(session, news):
                self._try_again_later(news)

    def _try_again_later(self, news: News) -> None:
        again = replace(news, attempts=news.attempts + 1)
        if again.attempts < self._attempts:
            self._schedule.add(self._clock().timestamp() + self._retry_seconds, partial(self._enqueue, again))


async def _post(session: aiohttp.ClientSession, news: News) -> bool:
    body = msgspec.json.encode(news.document)
    try:
        async with session.post(news.url, data=body, allow_redirects=False) as answer:
            return answer.status == _TAKEN
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return False


def _open_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=_TIMEOUT, headers=_HEADERS, cookie_jar=aiohttp.DummyCookieJar())
