"""Putting callers together who send the same text one recipient at a time.

Old programs send to a list by calling once for each recipient. Calls of one account with the same sender, text and
options that are open at the same moment go upstream as one batch; each caller gets his own message's id. The first
call goes at once. While it is under way the next ones gather, and go together when it has been answered. Only where
the last ones did gather does a first call wait a little for others: until as many have come as the last time, and
at most `coalesce_milliseconds`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field, replace

from gateway.credentials import Caller
from gateway.domain.account import AccountSettings
from gateway.domain.errors import CallerError, UpstreamRefused
from gateway.domain.intent import Draft
from gateway.domain.sms import RECIPIENTS_PER_BATCH
from gateway.receipt import Receipt
from gateway.tasks import Tasks

LANES_REMEMBERED = 1000

Send = Callable[[Draft, Caller, AccountSettings], Awaitable[Receipt]]


def can_coalesce(drafted: Draft, settings: AccountSettings) -> bool:
    """Whether a call may share its batch: one recipient, nothing of its own, and no repeats to be noticed."""
    alone = drafted.values or drafted.order.opens_at or settings.repeat_window_seconds
    return len(drafted.numbers) == 1 and not alone


@dataclass(eq=False)
class _Gathering:
    """Calls that will go together: who waits for the answer to which number, in the order of the batch."""

    waiting: dict[str, asyncio.Future[Receipt]] = field(default_factory=dict)
    complete: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class _Lane:
    """One account's calls with one text: what gathers, what is under way, and how many went together last."""

    gathering: _Gathering | None = None
    under_way: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    last_size: int = 1


class Coalescer:
    """Has calls of one kind share a batch. `send` sends a draft."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._lanes: dict[Hashable, _Lane] = {}
        self._tasks = Tasks()

    async def send(self, drafted: Draft, caller: Caller, settings: AccountSettings) -> Receipt:
        """Send one call's draft, together with others where there are any."""
        key = _key(drafted, caller)
        lane = self._lanes.get(key) or self._open_lane(key)
        recipient = drafted.numbers[0]
        gathering = lane.gathering
        if gathering is None or recipient in gathering.waiting:
            gathering = lane.gathering = _Gathering()
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        gathering.waiting[recipient] = answer
        size = len(gathering.waiting)
        if size == RECIPIENTS_PER_BATCH:
            lane.gathering = None
        if size >= lane.last_size > 1:
            gathering.complete.set()
        if size == 1:
            # A task of its own: a caller who leaves takes nobody else's answer with him.
            self._tasks.spawn(self._lead(lane, gathering, drafted, caller, settings), name="coalesce")
        try:
            return await answer
        except (CallerError, UpstreamRefused):
            if len(gathering.waiting) == 1:
                raise
            # What v2 minds of one caller shall harm nobody else: each is sent by itself, and hears his own fate.
            return await self._send(drafted, caller, settings)

    async def _lead(
        self, lane: _Lane, gathering: _Gathering, drafted: Draft, caller: Caller, settings: AccountSettings
    ) -> None:
        """Wait for others where there may be any, send for all of them, and tell each."""
        try:
            await self._gather(lane, gathering, settings.coalesce_milliseconds / 1000)
            if lane.gathering is gathering:
                lane.gathering = None
            lane.last_size = len(gathering.waiting)
            # No bundle: each caller has a message of his own.
            together = replace(drafted, numbers=tuple(gathering.waiting), id_count=len(gathering.waiting))
            receipt = await self._send_under_way(lane, together, caller, settings)
        except Exception as error:  # noqa: BLE001  it belongs to those who wait
            for answer in gathering.waiting.values():
                if not answer.done():
                    answer.set_exception(error)
        else:
            for position, answer in enumerate(gathering.waiting.values()):
                if not answer.done():
                    answer.set_result(receipt.share(position))

    async def _send_under_way(
        self, lane: _Lane, together: Draft, caller: Caller, settings: AccountSettings
    ) -> Receipt:
        lane.under_way += 1
        lane.idle.clear()
        try:
            return await self._send(together, caller, settings)
        finally:
            lane.under_way -= 1
            if not lane.under_way:
                lane.idle.set()

    async def _gather(self, lane: _Lane, gathering: _Gathering, seconds: float) -> None:
        gathered_before = lane.last_size > 1
        if not (lane.under_way or gathered_before):
            return
        waiting_for = gathering.complete if gathered_before else lane.idle
        try:
            async with asyncio.timeout(seconds):
                await waiting_for.wait()
        except TimeoutError:
            pass

    def _open_lane(self, key: Hashable) -> _Lane:
        if len(self._lanes) >= LANES_REMEMBERED:
            self._lanes = {known: lane for known, lane in self._lanes.items() if lane.under_way or lane.gathering}
        lane = self._lanes[key] = _Lane()
        return lane


def _key(drafted: Draft, caller: Caller) -> Hashable:
    order = drafted.order
    return (caller.account_id, caller.token, order.interface, drafted.sender, drafted.body, order.priority)
