"""Runs one scenario: site, callers, story, then peace until everything is settled, then the audit."""

import asyncio
import random
import time
from dataclasses import dataclass
from pathlib import Path

from gateway.bootstrap import open_store
from gateway.ports import Store
from tests.faults.auditor import Audit, audit, read_books, wait_until_settled
from tests.faults.callers import Callers
from tests.faults.scenarios import Effort, Scenario, Stage
from tests.faults.site import Site, running_site

REPORTS_SECONDS = 3.0  # by then reports that will come by themselves have come
SETTLED_LIMIT_SECONDS = 90.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A run and its audit."""

    audit: Audit
    kills: int
    seconds: float


async def run_scenario(scenario: Scenario, directory: Path, *, effort: Effort, seed: int) -> Outcome:
    """Run it in an empty directory."""
    started = time.monotonic()
    chance = random.Random(seed)
    store = await scenario.choose_store()
    with scenario.open_disk(directory / "data") as disk:
        async with running_site(
            directory, nodes=scenario.nodes, store=store, when_upstream_fails=scenario.when_upstream_fails
        ) as site:
            callers = Callers(site, chance)
            async with callers.calling():
                await scenario.tell(Stage(site=site, callers=callers, chance=chance, effort=effort, disk=disk))
            await site.arm()
            async with open_store(site.node.config, beside_gateway=True) as opened:
                await _settle(site, opened)
                found = audit(callers.log, await read_books(opened, site))
    return Outcome(audit=found, kills=site.kills, seconds=time.monotonic() - started)


async def _settle(site: Site, store: Store) -> None:
    """Wait for peace. Reports that v2 could not deliver are asked for, at once where a gateway starts."""
    if await wait_until_settled(store, limit_seconds=REPORTS_SECONDS):
        return
    await _wait_until_nothing_is_pending(store)
    await asyncio.sleep(site.node.config.delivery.reconcile_after_seconds)
    await site.node.stop()
    await site.node.start()
    await wait_until_settled(store, limit_seconds=SETTLED_LIMIT_SECONDS)


async def _wait_until_nothing_is_pending(store: Store) -> None:
    try:
        async with asyncio.timeout(SETTLED_LIMIT_SECONDS):
            while any((await store.count_pending()).values()):
                await asyncio.sleep(0.2)
    except TimeoutError:
        pass  # the audit says so
