"""The load generators: wrk as fast as callers can go, and `tests.bench.open_loop` at a fixed rate."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import msgspec

HERE = Path(__file__).parent


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


def run_wrk(port: int, kind: str, *arguments: str, callers: int, seconds: float) -> Load:
    """Closed loop: each of `callers` connections calls again as soon as it is answered."""
    command = ["wrk", "--threads", "1", "--connections", str(callers), "--duration", f"{round(seconds)}s"]
    command += ["--timeout", "30s", "--script", str(HERE / "load.lua"), f"http://127.0.0.1:{port}", "--"]
    return _read_load(_run([*command, kind, *arguments]))


def run_open_loop(port: int, kind: str, *, per_second: float, seconds: float) -> Load:
    """Open loop: calls begin at fixed times, whether or not earlier ones have been answered."""
    command = [sys.executable, "-m", "tests.bench.open_loop", str(port), kind, str(per_second), str(seconds)]
    return _read_load(_run(command))


def count_arrived(stub_port: int) -> int:
    """How many batches have reached the stub."""
    with urlopen(f"http://127.0.0.1:{stub_port}/count", timeout=10) as answer:
        return int(answer.read())


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _read_load(printed: str) -> Load:
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return msgspec.convert(found, Load)
