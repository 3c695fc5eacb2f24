"""`make count`: processor instructions for each call, compared with those in recorded.toml. CI runs it.

Counted, not timed: valgrind counts the instructions of the whole process, the interpreter's and those of SQLite,
the parsers and the libraries alike, so that a busy machine gives the same numbers; they differ by about one in a
hundred. What is recorded is how many times those of the bare pass-through in the same run they are: another build
of Python, or another version of aiohttp, changes both.

After a deliberate change: `python -m tests.bench.count --record`.
"""

import http.client
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

from tests.bench.calls import CALLS
from tests.bench.lineup import Contender, Lineup

RECORDED = Path(__file__).with_name("recorded.toml")
KINDS = ("aspx", "rest", "soap", "status")
MAY_GROW = 0.10
WARM_UP_CALLS, COUNTED_CALLS = 30, 40
IDLE_SECONDS = 2.0  # background work goes by the clock: what it does in the calls' time is taken off
_HEADER = "# Instructions of one call, in those of the bare pass-through: python -m tests.bench.count --record\n"


def main() -> None:
    counted = count_all()
    ratios = {kind: counted[kind] / counted["bare"] for kind in KINDS}
    if "--record" in sys.argv:
        RECORDED.write_text(_HEADER + "".join(f"{kind} = {ratio:.2f}\n" for kind, ratio in ratios.items()))
    recorded = tomllib.loads(RECORDED.read_text())
    for kind, ratio in ratios.items():
        change = f"{ratio / recorded[kind] - 1:+.1%} to what is recorded"
        print(f"{kind:8}{counted[kind]:6} thousand instructions a call, {ratio:.2f} times the bare: {change}")
    if grown := [kind for kind in KINDS if ratios[kind] > recorded[kind] * (1 + MAY_GROW)]:
        sys.exit(f"{', '.join(grown)}: more than a tenth above tests/bench/recorded.toml")


def count_all() -> dict[str, int]:
    """Thousands of instructions a call, of the gateway for each kind and of the bare pass-through."""
    with tempfile.TemporaryDirectory(prefix="smsgw-count-") as folder, Lineup(path := Path(folder)) as lineup:
        under = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={path}/%p"]
        lineup.start_gateway(under=under)
        lineup.start_bare(under=under)
        bare, gateway = lineup.contenders["bare"], lineup.contenders["gateway"]
        counted = {kind: _count(gateway, kind, path) for kind in KINDS}
        return {**counted, "bare": _count(bare, "aspx", path)}


def _count(contender: Contender, kind: str, folder: Path) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", contender.ports[0])
    _repeat(connection, kind, WARM_UP_CALLS)
    began = time.monotonic()
    counted = _count_while(contender, folder, lambda: _repeat(connection, kind, COUNTED_CALLS))
    seconds = time.monotonic() - began
    idle = _count_while(contender, folder, lambda: time.sleep(IDLE_SECONDS)) / IDLE_SECONDS
    connection.close()
    return round((counted - idle * seconds) / COUNTED_CALLS / 1000)


def _count_while(contender: Contender, folder: Path, work: Callable[[], None]) -> int:
    _control(contender, "--instr=on")
    work()
    _control(contender, "--instr=off")
    _control(contender, "--dump")
    return _read_total(contender, folder)


def _repeat(connection: http.client.HTTPConnection, kind: str, times: int) -> None:
    call = CALLS[kind]
    for _ in range(times):
        connection.request(call.method, call.path, call.body or None, dict(call.headers))
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{kind} was answered {answer.status}")


def _control(contender: Contender, order: str) -> None:
    subprocess.run(["callgrind_control", order, str(contender.pid)], check=True, capture_output=True)


def _read_total(contender: Contender, folder: Path) -> int:
    dump = max(folder.glob(f"{contender.pid}.*"), key=lambda file: int(file.suffix[1:]))
    total = re.search(r"^totals: (\d+)", dump.read_text(), re.MULTILINE)
    if total is None:
        raise RuntimeError(f"valgrind's dump has no total: {dump.name}")
    return int(total[1])


if __name__ == "__main__":
    main()
