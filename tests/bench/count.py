"""`make count`: processor instructions for each call, compared with those in recorded.toml. CI runs it.

Counted, not timed: valgrind counts the instructions of the whole process, the interpreter's and those of SQLite,
the parsers and the libraries alike, so that a busy machine gives the same numbers; they differ by about one in a
hundred. They do depend on the processor's kind and the versions of Python and the libraries: after a deliberate
change run `python -m tests.bench.count --record`.
"""

import http.client
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tests.bench.calls import CALLS
from tests.bench.lineup import Contender, Lineup

RECORDED = Path(__file__).with_name("recorded.toml")
KINDS = ("aspx", "rest", "soap", "status")
MAY_GROW = 0.10
WARM_UP_CALLS, COUNTED_CALLS = 30, 40
_HEADER = "# Thousands of instructions for one call; written by: python -m tests.bench.count --record\n"


def main() -> None:
    counted = count_all()
    if "--record" in sys.argv:
        RECORDED.write_text(_HEADER + "".join(f"{kind} = {count}\n" for kind, count in counted.items()))
    recorded = tomllib.loads(RECORDED.read_text())
    grown = [kind for kind in KINDS if counted[kind] > recorded[kind] * (1 + MAY_GROW)]
    for kind, count in counted.items():
        change = count / recorded[kind] - 1
        print(f"{kind:8}{count:6} thousand instructions a call, {change:+.1%} to what is recorded")
    if grown:
        sys.exit(f"{', '.join(grown)}: more than a tenth above tests/bench/recorded.toml")


def count_all() -> dict[str, int]:
    """Thousands of instructions a call, of the gateway for each kind and of the bare pass-through."""
    with tempfile.TemporaryDirectory(prefix="smsgw-count-") as folder:
        path = Path(folder)
        under = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={path}/%p"]
        lineup = Lineup(path)
        try:
            lineup.start_gateway(under=under)
            lineup.start_bare(under=under)
            bare, gateway = lineup.contenders["bare"], lineup.contenders["gateway"]
            counted = {kind: _count(gateway, kind, path) for kind in KINDS}
            return {**counted, "bare": _count(bare, "aspx", path)}
        finally:
            lineup.stop()


def _count(contender: Contender, kind: str, folder: Path) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", contender.port)
    _repeat(connection, kind, WARM_UP_CALLS)
    _control(contender, "--instr=on")
    _repeat(connection, kind, COUNTED_CALLS)
    _control(contender, "--instr=off")
    _control(contender, "--dump")
    connection.close()
    return round(_read_total(contender, folder) / COUNTED_CALLS / 1000)


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
