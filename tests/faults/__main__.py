"""`python -m tests.faults [scenario ...]`: the long form of the fault suite, with a table of what was found.

FAULTS_KILLS (30): kill -9 in each of the two scenarios about it. FAULTS_CALLS (300): calls in each phase of a
scenario. FAULTS_SEED (drawn): where chance begins; timing remains chance.
"""

import asyncio
import os
import random
import sys
import tempfile
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from tests.faults.run import Outcome, run_scenario
from tests.faults.scenarios import SCENARIO_BY_NAME, Effort

NUMBERS = (
    "calls",
    "ids",
    "refused",
    "unanswered",
    "messages",
    "batches",
    "duplicates",
    "lost",
    "pending",
    "not_final",
)
PROBLEMS_SHOWN = 10
PLAIN_WIDTH = 140  # columns, where the output is no terminal


def main(names: list[str]) -> int:
    """Run the scenarios; 1 where an audit found something."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PLAIN_WIDTH)
    if unknown := set(names) - set(SCENARIO_BY_NAME):
        console.print(f"No such scenario: {', '.join(unknown)}. There are: {', '.join(SCENARIO_BY_NAME)}")
        return 2
    effort = Effort(
        kills=int(os.environ.get("FAULTS_KILLS", "30")), calls=int(os.environ.get("FAULTS_CALLS", "300"))
    )
    seed = int(os.environ.get("FAULTS_SEED", "0")) or random.randrange(1, 1_000_000)
    console.print(f"seed {seed}, {effort.kills} kills, {effort.calls} calls a phase")
    outcomes = {}
    for name in names or SCENARIO_BY_NAME:
        with console.status(name), tempfile.TemporaryDirectory(prefix="smsgw-faults-") as directory:
            scenario = SCENARIO_BY_NAME[name]
            outcomes[name] = asyncio.run(run_scenario(scenario, Path(directory), effort=effort, seed=seed))
        console.print(render_line(name, outcomes[name]))
        for problem in outcomes[name].audit.problems[:PROBLEMS_SHOWN]:
            console.print(f"  {problem}", style="red")
    console.print(render_table(outcomes))
    return int(any(outcome.audit.problems for outcome in outcomes.values()))


def render_line(name: str, outcome: Outcome) -> str:
    """One scenario that has ended."""
    verdict = f"{len(outcome.audit.problems)} problems" if outcome.audit.problems else "nothing lost, nothing twice"
    return f"{name}: {verdict} ({outcome.audit.calls} calls, {outcome.kills} kills, {outcome.seconds:.0f} s)"


def render_table(outcomes: dict[str, Outcome]) -> Table:
    """All numbers."""
    table = Table("scenario", box=box.SIMPLE, show_edge=False, padding=(0, 1, 0, 0))
    for heading in ("kills", *NUMBERS, "seconds"):
        table.add_column(heading.replace("_", " "), justify="right")
    for name, outcome in outcomes.items():
        numbers = (str(getattr(outcome.audit, number)) for number in NUMBERS)
        table.add_row(name, str(outcome.kills), *numbers, f"{outcome.seconds:.0f}")
    totals = [str(sum(getattr(outcome.audit, number) for outcome in outcomes.values())) for number in NUMBERS]
    kills = sum(outcome.kills for outcome in outcomes.values())
    seconds = sum(outcome.seconds for outcome in outcomes.values())
    table.add_section()
    table.add_row("all", str(kills), *totals, f"{seconds:.0f}")
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
