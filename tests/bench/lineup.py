"""The contenders, each started with one upstream, all in one session."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

import uvloop

from gateway.config import load_config
from tests.bench.processes import Group
from tests.system import add_account, choose_port, write_config

CONTENDERS = Path(__file__).parent / "contenders"
DELAY_MILLISECONDS = 50
SLOW_CALLERS = 256  # of the upstream that takes so long; the gateway gets as many connections to it
_SBIN = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One that is running; `stub_port` is its upstream, which counts what reaches it."""

    pid: int
    port: int
    stub_port: int
    group: Group
    ready_seconds: float
    idle_rss_bytes: int


class Lineup:
    """Starts contenders in folders of their own and ends them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.groups: list[Group] = []
        self.contenders: dict[str, Contender] = {}
        self._stub = self._start_stub("stub")
        self._slow_stub = self._start_stub("slow-stub", str(DELAY_MILLISECONDS))

    def _start_stub(self, name: str, *arguments: str) -> int:
        port = choose_port()
        command = [sys.executable, "-m", "tests.bench.stub", str(port), *arguments]
        self._add(name, self._group(name), command, port, port)
        return port

    def _group(self, name: str) -> Group:
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        group = Group(folder / "log")
        self.groups.append(group)
        return group

    def _add(
        self,
        name: str,
        group: Group,
        command: list[str],
        port: int,
        stub_port: int,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        seconds = group.start(command, port=port, environment=environment)
        self.contenders[name] = Contender(
            pid=group.first_pid,
            port=port,
            stub_port=stub_port,
            group=group,
            ready_seconds=seconds,
            idle_rss_bytes=group.usage().rss_bytes,
        )

    def start_bare(self, name: str = "bare", *, slow: bool = False, under: Sequence[str] = ()) -> None:
        """The floor. `under` is a command that runs it, such as valgrind."""
        port, stub = choose_port(), self._slow_stub if slow else self._stub
        command = [*under, sys.executable, "-m", "tests.bench.contenders.bare", str(port)]
        self._add(name, self._group(name), [*command, f"http://127.0.0.1:{stub}/v2/batches"], port, stub)

    def start_nginx(self) -> None:
        port = choose_port()
        group = self._group("nginx")
        path = self._write("nginx", "nginx.conf", port=port, upstream_port=self._stub)
        self._add("nginx", group, ["nginx", "-c", str(path)], port, self._stub, _SBIN)

    def start_newcomer(self) -> None:
        port = choose_port()
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "32"]
        command += ["--log-level", "error", "tests.bench.contenders.newcomer:app"]
        upstream = {"UPSTREAM_URL": f"http://127.0.0.1:{self._stub}/v2/batches"}
        self._add("newcomer", self._group("newcomer"), command, port, self._stub, upstream)

    def start_kannel(self, name: str, *, pending: int, durable: bool) -> None:
        group = self._group(name)
        port, admin_port, box_port = choose_port(), choose_port(), choose_port()
        spool = self._folder / name / "spool"
        spool.mkdir()
        path = self._write(
            name,
            "kannel.conf",
            port=port,
            admin_port=admin_port,
            box_port=box_port,
            smsc_port=choose_port(),
            upstream_port=self._stub,
            pending=pending,
            store=f"store-type = spool\nstore-location = {spool}" if durable else "",
        )
        group.start(["bearerbox", "-v", "4", str(path)], port=box_port, environment=_SBIN)
        self._add(name, group, ["smsbox", "-v", "4", str(path)], port, self._stub, _SBIN)

    def start_gateway(self, name: str = "gateway", *, slow: bool = False, under: Sequence[str] = ()) -> None:
        """With everything on, as `smsgw serve` is by default; its log goes to a file."""
        group = self._group(name)
        port, stub = choose_port(), self._slow_stub if slow else self._stub
        path = write_config(self._folder / name, port=port, sandbox_port=stub)
        if slow:  # [upstream] comes last
            path.write_text(path.read_text() + f"pool_size = {SLOW_CALLERS}\n")
        uvloop.run(add_account(load_config(path, {})))
        command = [*under, sys.executable, "-m", "gateway", "serve", "--config", str(path)]
        self._add(name, group, command, port, stub)

    def _write(self, name: str, template: str, **values: object) -> Path:
        path = self._folder / name / template
        text = (CONTENDERS / template).read_text()
        # nginx has variables of its own; only ours are replaced.
        path.write_text(Template(text).safe_substitute(folder=self._folder / name, **values))
        return path

    def stop(self) -> None:
        for group in reversed(self.groups):
            group.stop()


@contextmanager
def lined_up(folder: Path) -> Iterator[Lineup]:
    """Every contender, started one after the other."""
    lineup = Lineup(folder)
    try:
        lineup.start_bare()
        lineup.start_bare("slow-bare", slow=True)
        lineup.start_nginx()
        lineup.start_newcomer()
        lineup.start_kannel("kannel-10", pending=10, durable=False)
        lineup.start_kannel("kannel-100", pending=100, durable=False)
        lineup.start_kannel("kannel-spool", pending=100, durable=True)
        lineup.start_gateway()
        lineup.start_gateway("slow-gateway", slow=True)
        yield lineup
    finally:
        lineup.stop()
