"""`make bench-million`: the gateway's memory over a million calls; makes the last part of docs/growth.md.

ENDURANCE_CALLS (1000000) comes from the environment.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console

from tests.bench.lineup import Contender, lone_gateway
from tests.bench.load import Load, count_arrived, read_load, wrk_command, wrk_environment
from tests.bench.rows import CALLERS

PATH = Path(__file__).with_name("endurance.json")
ALL_CALLS = 1_000_000
SAMPLE_CALLS = SETTLED_CALLS = 10_000
MAY_GROW = 0.10
LOOK_SECONDS = 0.05  # between two looks at how many calls there were
WRK_SECONDS = 86_400  # it is stopped before

console = Console(highlight=False)


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """The gateway's resident memory after so many calls."""

    calls: int
    rss_bytes: int


class Endurance(msgspec.Struct, frozen=True, kw_only=True):
    """One run. The first sample is from before the first call, the others follow every SAMPLE_CALLS calls."""

    measured_at: str
    seconds: float
    samples: Sequence[Sample]

    @property
    def calls(self) -> int:
        """How many it was about; a look finds a few more."""
        return (len(self.samples) - 1) * SAMPLE_CALLS

    @property
    def settled_mib(self) -> float:
        """After the first SETTLED_CALLS calls."""
        return self.samples[1].rss_bytes / 2**20

    @property
    def most_later_mib(self) -> float:
        return max(sample.rss_bytes for sample in self.samples[1:]) / 2**20

    @property
    def judged(self) -> str:
        """Whether it stayed flat, for as many calls as the goal says."""
        if self.most_later_mib > self.settled_mib * (1 + MAY_GROW):
            return "**missed**"
        return "reached" if self.calls >= ALL_CALLS else f"reached so far; the goal is for {ALL_CALLS:,} calls"


def load() -> Endurance:
    """The last run."""
    return msgspec.json.decode(PATH.read_bytes(), type=Endurance)


def measure(calls: int) -> Endurance:
    """Call a gateway of its own so many times."""
    began = time.monotonic()
    with lone_gateway() as gateway:
        samples = [_sample(gateway, 0)]
        with _called_all_the_time(gateway):
            for due in range(SAMPLE_CALLS, calls + 1, SAMPLE_CALLS):
                while (arrived := count_arrived(gateway.stub_port)) < due:
                    time.sleep(LOOK_SECONDS)
                samples.append(_sample(gateway, arrived))
                console.print(f"{arrived:10,} calls  {samples[-1].rss_bytes / 2**20:7.1f} MiB")
    return Endurance(
        measured_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        seconds=time.monotonic() - began,
        samples=samples,
    )


def _sample(gateway: Contender, calls: int) -> Sample:
    return Sample(calls=calls, rss_bytes=gateway.group.usage().rss_bytes)


@contextmanager
def _called_all_the_time(gateway: Contender) -> Iterator[None]:
    command = wrk_command(gateway.ports, "aspx", callers=CALLERS, seconds=WRK_SECONDS)
    environment = wrk_environment(gateway.ports)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as wrk:
        try:
            yield
        finally:
            wrk.send_signal(signal.SIGINT)  # it prints its results then
            printed, _ = wrk.communicate()
    load = read_load(printed, Load)
    if load.failed or load.broken:
        raise RuntimeError(f"{load.failed} calls were refused, {load.broken} not answered")


def main() -> None:
    found = measure(int(os.environ.get("ENDURANCE_CALLS", str(ALL_CALLS))))
    PATH.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")


if __name__ == "__main__":
    main()
