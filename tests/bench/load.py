"""The load generators: wrk as fast as callers can go, and `tests.bench.open_loop` at a fixed rate."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.request import urlopen

import msgspec

HERE = Path(__file__).parent

L = TypeVar("L", bound="Load")


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What callers saw. Times in microseconds; `failed` were answered above 399, `broken` not at all."""

    requests: int
    seconds: float
    mean: float
    p50: float
    p99: float
    p999: float
    failed: int = 0
    broken: int = 0


class PacedLoad(Load, frozen=True, kw_only=True):
    """The same at a fixed rate; and of the generator, how late it began the calls and the processors it took."""

    late_p99: float
    processors: float


def wrk_command(ports: Sequence[int], kind: str, *arguments: str, callers: int, seconds: float) -> list[str]:
    """`callers` connections spread over the ports, a thread for each port."""
    command = ["wrk", "--threads", str(len(ports)), "--connections", str(callers)]
    whole = max(round(seconds), 1)  # wrk knows no parts of a second
    command += ["--duration", f"{whole}s", "--timeout", "30s", "--script", str(HERE / "load.lua")]
    return [*command, f"http://127.0.0.1:{ports[0]}", "--", kind, *arguments]


def wrk_environment(ports: Sequence[int]) -> Mapping[str, str]:
    """What load.lua reads the ports from: wrk hands its arguments to no thread before that has its address."""
    return os.environ | {"BENCH_PORTS": ",".join(map(str, ports))}


def run_wrk(ports: Sequence[int], kind: str, *arguments: str, callers: int, seconds: float) -> Load:
    """Closed loop: each of `callers` connections calls again as soon as it is answered."""
    command = wrk_command(ports, kind, *arguments, callers=callers, seconds=seconds)
    return read_load(_run(command, environment=wrk_environment(ports)), Load)


def run_open_loop(port: int, kind: str, *, per_second: float, seconds: float) -> PacedLoad:
    """Open loop: calls begin at fixed times, whether or not earlier ones have been answered."""
    command = [sys.executable, "-m", "tests.bench.open_loop", str(port), kind, str(per_second), str(seconds)]
    return read_load(_run(command), PacedLoad)


def count_arrived(stub_port: int) -> int:
    """How many batches have reached the stub."""
    return _ask_stub(stub_port, "count")


def count_recipients(stub_port: int) -> int:
    """How many recipients they had, all together; of a stub that was told to count them."""
    return _ask_stub(stub_port, "recipients")


def _ask_stub(port: int, what: str) -> int:
    with urlopen(f"http://127.0.0.1:{port}/{what}", timeout=10) as answer:
        return int(answer.read())


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def read_load(printed: str, kind: type[L]) -> L:
    """What a generator printed as its last line."""
    return msgspec.json.decode(printed.splitlines()[-1], type=kind)
