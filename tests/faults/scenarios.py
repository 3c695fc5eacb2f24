"""What happens to gateways while programs call them: each scenario is a story, and its audit must find nothing."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import postgres
from tests.faults.callers import Callers, Told
from tests.faults.disk import Disk, small_disk
from tests.faults.site import Node, Site

Fault = dict[str, Any]

REFUSING: list[Fault] = [
    {"kind": "status", "status": 503, "rate": 0.3},
    {"kind": "status", "status": 429, "retry_after_seconds": 1, "rate": 0.1},
]
HANGING: list[Fault] = [
    {"kind": "hang", "rate": 0.1, "method": "POST"},
    {"kind": "accept_then_hang", "rate": 0.1, "method": "POST"},
]
DROPPING: list[Fault] = [
    {"kind": "accept_then_drop", "rate": 0.3, "method": "POST"},
    {"kind": "reset", "rate": 0.1},
]
GARBLING: list[Fault] = [
    {"kind": "garbage", "rate": 0.2},
    {"kind": "status", "status": 500, "rate": 0.1},
    {"kind": "oversize", "rate": 0.02, "size_bytes": 1_000_000},
]
REPORTING: list[Fault] = [
    {"kind": "duplicate_reports", "rate": 0.5},
    {"kind": "reorder_reports", "rate": 0.5},
]
OUT_OF_SERVICE: list[Fault] = [{"kind": "status", "status": 503}]


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How long a run is: kills, and calls in each phase of a story."""

    kills: int
    calls: int


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where a story takes place."""

    site: Site
    callers: Callers
    chance: random.Random
    effort: Effort
    disk: Disk | None


Tell = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A story, and the site it needs."""

    tell: Tell
    nodes: int = 1
    on_postgres: bool = False
    on_small_disk: bool = False
    when_upstream_fails: str = "refuse"

    async def choose_store(self) -> str:
        """The `store` of the configuration."""
        return await postgres.server().make_schema() if self.on_postgres else "sqlite"

    def open_disk(self, directory: Path) -> AbstractContextManager[Disk | None]:
        """The disk the data is on, if it is to be a small one."""
        return small_disk(directory) if self.on_small_disk else nullcontext()


async def _kill_and_start(stage: Stage, node: Node) -> None:
    stage.site.kill(node)
    await asyncio.sleep(stage.chance.uniform(0, 0.3))
    await node.start()


async def _kill_while_starting(stage: Stage, node: Node) -> None:
    stage.site.kill(node)
    node.launch()
    await asyncio.sleep(stage.chance.uniform(0, 1.5))
    await _kill_and_start(stage, node)


async def kill_at_random(stage: Stage) -> None:
    """Kill -9 at random moments under load, now and then while it starts."""
    while stage.site.kills < stage.effort.kills:
        await asyncio.sleep(stage.chance.uniform(0, 1.5))
        end = stage.chance.choice((_kill_and_start, _kill_and_start, _kill_and_start, _kill_while_starting))
        await end(stage, stage.site.node)
    await stage.callers.hear(stage.effort.calls)


async def kill_while_v2_misbehaves(stage: Stage) -> None:
    """The same, with a v2 that refuses, hangs, drops and garbles in turn, and reports twice and out of order."""
    turns = [REFUSING, HANGING, DROPPING, GARBLING]
    for number in range(stage.effort.kills):
        await stage.site.arm(*turns[number % len(turns)], *REPORTING)
        await asyncio.sleep(stage.chance.uniform(0, 2.0))
        await _kill_and_start(stage, stage.site.node)
    await stage.callers.hear(stage.effort.calls)


def misbehaving(*faults: Fault) -> Tell:
    """A v2 that misbehaves for one phase."""

    async def tell(stage: Stage) -> None:
        await stage.site.arm(*faults)
        await stage.callers.hear(stage.effort.calls)

    return tell


async def stand_still(stage: Stage) -> None:
    """v2 stands still with the requests it has, for longer than a batch must be missing, and goes on."""
    await stage.callers.hear(stage.effort.calls)
    stage.site.sandbox.pause()
    try:
        await stage.callers.hear(10)
        await asyncio.sleep(5)
    finally:
        stage.site.sandbox.resume()
    await stage.callers.hear(stage.effort.calls)


async def go_out_of_service(stage: Stage) -> None:
    """v2 is out of service, the gateway is killed meanwhile, and what was queued goes out when v2 is back."""
    await stage.site.arm(*OUT_OF_SERVICE)
    await stage.callers.hear(stage.effort.calls, Told.ID)
    await _kill_and_start(stage, stage.site.node)
    await stage.callers.hear(stage.effort.calls, Told.ID)
    await stage.site.arm()
    await stage.callers.hear(stage.effort.calls, Told.ID)


async def fill_the_disk(stage: Stage) -> None:
    """The disk is full for a while, and the gateway is killed on it."""
    assert stage.disk is not None
    await stage.callers.hear(stage.effort.calls)
    stage.disk.fill(stage.site.node.running)
    await stage.callers.hear(20, Told.REFUSAL)
    stage.disk.free(stage.site.node.process)
    await stage.callers.hear(stage.effort.calls, Told.ID)
    stage.disk.fill(stage.site.node.running)
    await stage.callers.hear(5, Told.REFUSAL)
    stage.site.kill(stage.site.node)
    stage.disk.free(stage.site.node.process)
    await stage.site.node.start()
    await stage.callers.hear(stage.effort.calls, Told.ID)


async def restart_postgres(stage: Stage) -> None:
    """PostgreSQL is restarted under load, with transactions under way."""
    for _ in range(2):
        await stage.callers.hear(stage.effort.calls, Told.ID)
        await asyncio.to_thread(postgres.server().restart)
    await stage.callers.hear(stage.effort.calls, Told.ID)


async def kill_one_of_two(stage: Stage) -> None:
    """Two nodes share PostgreSQL while v2 drops answers; one is killed for good, the other takes over."""
    await stage.site.arm(*DROPPING)
    await stage.callers.hear(stage.effort.calls)
    stage.site.kill(stage.site.nodes.pop())
    await stage.callers.hear(stage.effort.calls)


SCENARIO_BY_NAME: dict[str, Scenario] = {
    "kill -9": Scenario(tell=kill_at_random),
    "kill -9, v2 misbehaves": Scenario(tell=kill_while_v2_misbehaves),
    "v2 refuses": Scenario(tell=misbehaving(*REFUSING)),
    "v2 hangs": Scenario(tell=misbehaving(*HANGING)),
    "v2 drops answers": Scenario(tell=misbehaving(*DROPPING)),
    "v2 answers garbage": Scenario(tell=misbehaving(*GARBLING)),
    "v2 stands still": Scenario(tell=stand_still),
    "v2 out of service, queue": Scenario(tell=go_out_of_service, when_upstream_fails="queue"),
    "v2 misbehaves, queue": Scenario(tell=misbehaving(*REFUSING, *HANGING, *DROPPING), when_upstream_fails="queue"),
    "reports twice, out of order": Scenario(tell=misbehaving(*REPORTING)),
    "disk full": Scenario(tell=fill_the_disk, on_small_disk=True),
    "PostgreSQL restarted": Scenario(tell=restart_postgres, on_postgres=True),
    "one of two nodes killed": Scenario(tell=kill_one_of_two, on_postgres=True, nodes=2),
}
