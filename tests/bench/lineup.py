"""The contenders, each started with one upstream, all in one session."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import Template
from typing import Self

import uvloop

from gateway.config import load_config
from tests.bench.processes import Group
from tests.postgres import Server
from tests.system import add_account, choose_port, write_config

CONTENDERS = Path(__file__).parent / "contenders"
SLOW_CALLERS = 256  # of the upstream that takes 50 ms; the gateway gets as many connections to it
COALESCE_MILLISECONDS = 5
# The stub sends no delivery reports. By default every batch would be asked for after fifteen minutes, and the last
# rounds of a session would carry what no gateway has to that gets its reports.
RECONCILE_AFTER_SECONDS = 86_400
_SBIN = {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
STUBS: Mapping[str, tuple[str, ...]] = {
    "stub": (),
    "slow-stub": ("--delay-milliseconds", "50"),
    "counting-stub": ("--count-recipients",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a gateway differs from one that was only given its addresses: lines of smsgw.toml, by their sections.

    `nodes` share one PostgreSQL, and nothing else.
    """

    stub: str = "stub"
    nodes: int = 1
    on_postgres: bool = False
    listen: str = ""
    upstream: str = ""
    defaults: str = ""


GATEWAYS: Mapping[str, Settings] = {
    "gateway": Settings(),
    "slow-gateway": Settings(stub="slow-stub", upstream=f"pool_size = {SLOW_CALLERS}\n"),
    "coalescing-gateway": Settings(
        stub="counting-stub", defaults=f"coalesce_milliseconds = {COALESCE_MILLISECONDS}\n"
    ),
    "postgres-gateway": Settings(on_postgres=True),
    "workers-gateway": Settings(on_postgres=True, listen="workers = 2\n"),
    "nodes-gateway": Settings(on_postgres=True, nodes=2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One that is running; `stub_port` is its upstream, which counts what reaches it."""

    ports: Sequence[int]
    stub_port: int
    group: Group
    ready_seconds: float
    idle_rss_bytes: int

    @property
    def pid(self) -> int:
        """The process that was started first."""
        return self.group.first_pid


class Lineup:
    """Starts contenders in folders of their own, and ends them all when it is left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.groups: list[Group] = []
        self.contenders: dict[str, Contender] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        for group in reversed(self.groups):
            group.stop()

    def _stub(self, name: str = "stub") -> int:
        """The port of that stub, which is started when it is first asked for."""
        if name not in self.contenders:
            port = choose_port()
            command = [sys.executable, "-m", "tests.bench.stub", str(port), *STUBS[name]]
            self._add(name, self._group(name), command, port, port)
        return self.contenders[name].stub_port

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
        """Start one of a contender's processes that callers reach."""
        seconds = group.start(command, port=port, environment=environment)
        others = self.contenders[name].ports if name in self.contenders else ()
        self.contenders[name] = Contender(
            ports=(*others, port),
            stub_port=stub_port,
            group=group,
            ready_seconds=seconds,
            idle_rss_bytes=group.usage().rss_bytes,
        )

    def start_bare(
        self, name: str = "bare", *, stub: str = "stub", processes: int = 1, under: Sequence[str] = ()
    ) -> None:
        """The floor. `under` is a command that runs it, such as valgrind."""
        group, stub_port = self._group(name), self._stub(stub)
        for _ in range(processes):
            port = choose_port()
            command = [*under, sys.executable, "-m", "tests.bench.contenders.bare", str(port)]
            self._add(name, group, [*command, f"http://127.0.0.1:{stub_port}/v2/batches"], port, stub_port)

    def start_nginx(self, name: str) -> None:
        port = choose_port()
        group = self._group(name)
        path = self._write(name, "nginx.conf", port=port, upstream_port=self._stub())
        self._add(name, group, ["nginx", "-c", str(path)], port, self._stub(), _SBIN)

    def start_newcomer(self, name: str) -> None:
        """Without gunicorn's own watch over its workers, which takes one that stood still for dead."""
        port = choose_port()
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "32"]
        command += ["--timeout", "0"]
        command += ["--log-level", "error", "tests.bench.contenders.newcomer:app"]
        upstream = {"UPSTREAM_URL": f"http://127.0.0.1:{self._stub()}/v2/batches"}
        self._add(name, self._group(name), command, port, self._stub(), upstream)

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
            upstream_port=self._stub(),
            pending=pending,
            store=f"store-type = spool\nstore-location = {spool}" if durable else "",
        )
        group.start(["bearerbox", "-v", "4", str(path)], port=box_port, environment=_SBIN)
        self._add(name, group, ["smsbox", "-v", "4", str(path)], port, self._stub(), _SBIN)

    def start_gateway(self, name: str = "gateway", *, under: Sequence[str] = ()) -> None:
        """With everything on, as `smsgw serve` is by default; its log goes to a file."""
        settings = GATEWAYS[name]
        group = self._group(name)
        store = _start_postgres(group) if settings.on_postgres else "sqlite"
        ports = tuple(choose_port() for _ in range(settings.nodes))
        paths = [self._configure(self._folder / name, port, store, settings) for port in ports]
        uvloop.run(add_account(load_config(paths[0], {})))
        for port, path in zip(ports, paths, strict=True):
            command = [*under, sys.executable, "-m", "gateway", "serve", "--config", str(path)]
            self._add(name, group, command, port, self._stub(settings.stub))

    def _configure(self, folder: Path, port: int, store: str, settings: Settings) -> Path:
        node = folder / str(port)
        node.mkdir()
        more = f"""store = "{store}"
[credentials]
secret_key_file = "{folder / "secret.key"}"
[delivery]
reconcile_after_seconds = {RECONCILE_AFTER_SECONDS}
[defaults]
{settings.defaults}"""
        stub_port = self._stub(settings.stub)
        path = write_config(node, port=port, sandbox_port=stub_port, more=more, listen=settings.listen)
        path.write_text(path.read_text() + settings.upstream)  # [upstream] comes last
        return path

    def _write(self, name: str, template: str, **values: object) -> Path:
        path = self._folder / name / template
        text = (CONTENDERS / template).read_text()
        # nginx has variables of its own; only ours are replaced.
        path.write_text(Template(text).safe_substitute(folder=self._folder / name, **values))
        return path


def _start_postgres(group: Group) -> str:
    """The address of a PostgreSQL of its own, as initdb makes it."""
    server = Server()
    group.join(server.pid)
    return server.address


START_BY_CONTENDER: Mapping[str, Callable[[Lineup, str], None]] = {
    "bare": Lineup.start_bare,
    "two-bare": partial(Lineup.start_bare, processes=2),
    "slow-bare": partial(Lineup.start_bare, stub="slow-stub"),
    "nginx": Lineup.start_nginx,
    "newcomer": Lineup.start_newcomer,
    "kannel-10": partial(Lineup.start_kannel, pending=10, durable=False),
    "kannel-100": partial(Lineup.start_kannel, pending=100, durable=False),
    "kannel-spool": partial(Lineup.start_kannel, pending=100, durable=True),
    **dict.fromkeys(GATEWAYS, Lineup.start_gateway),
}


@contextmanager
def lined_up(folder: Path, names: Iterable[str]) -> Iterator[Lineup]:
    """Those contenders, started one after the other; each stands still until it is measured."""
    with Lineup(folder) as lineup:
        for name in names:
            START_BY_CONTENDER[name](lineup, name)
            lineup.contenders[name].group.halt()
        yield lineup


@contextmanager
def lone_gateway() -> Iterator[Contender]:
    """A gateway and its upstream, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="smsgw-bench-") as folder, Lineup(Path(folder)) as lineup:
        lineup.start_gateway()
        yield lineup.contenders["gateway"]
