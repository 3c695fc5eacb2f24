"""The short form of the fault suite: nothing is lost and nothing is sent twice, whatever is killed or fails.

`make faults` runs the long form.
"""

import random
from pathlib import Path

import pytest

from tests.faults.run import run_scenario
from tests.faults.scenarios import SCENARIO_BY_NAME, Effort

SHORT = Effort(kills=4, calls=20)
# Those that hold most of what the others hold one by one.
NAMES = (
    "kill -9, v2 misbehaves",
    "v2 stands still",
    "v2 out of service, queue",
    "disk full",
    "PostgreSQL restarted",
    "one of two nodes killed",
)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", NAMES)
async def test_nothing_is_lost_and_nothing_is_sent_twice(name: str, tmp_path: Path) -> None:
    seed = random.randrange(1, 1_000_000)
    outcome = await run_scenario(SCENARIO_BY_NAME[name], tmp_path, effort=SHORT, seed=seed)
    print(f"{name}: seed {seed}, {outcome}")
    assert outcome.audit.problems == ()
    assert outcome.audit.ids > 0
