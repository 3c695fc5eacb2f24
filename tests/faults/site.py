"""One or several gateways and a sandbox that plays v2, each a process of its own, on free ports of loopback."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from gateway.config import Config, load_config
from tests.faults.processes import Process
from tests.system import add_account, choose_port

# Short times, so that a run takes seconds; half a claim is longer than one exchange with v2 may take.
CONFIGURATION = """\
public_url = "http://127.0.0.1:{port}"
data_dir = "{data_dir}"
store = "{store}"
[listen]
host = "127.0.0.1"
port = {port}
[credentials]
secret_key_file = "{data_dir}/secret.key"
[ids]
block_size = 20
[upstream]
base_url = "http://127.0.0.1:{sandbox_port}"
connect_timeout_seconds = 1.0
total_timeout_seconds = 2.5
retries = 1
[delivery]
patience_seconds = 1.5
claim_seconds = 6.0
absence_after_seconds = 3.0
reconcile_after_seconds = 1.5
drain_per_second = 200.0
[log]
format = "text"
level = "warning"
[defaults]
when_upstream_fails = "{when_upstream_fails}"
"""


@dataclass
class Node:
    """One gateway, which may be running."""

    config_path: Path
    config: Config
    process: Process | None = None

    @property
    def url(self) -> str:
        """Where callers reach it."""
        return f"http://127.0.0.1:{self.config.listen.port}"

    @property
    def running(self) -> Process:
        """Its process."""
        assert self.process is not None
        return self.process

    def launch(self) -> None:
        """Start it, and do not wait."""
        log = self.config_path.with_suffix(".log")
        self.process = Process("serve", "--config", str(self.config_path), log=log)

    async def start(self) -> None:
        """Start it, and wait until it serves."""
        self.launch()
        await self.running.wait_until_serving(f"{self.url}/healthz")

    def kill(self) -> None:
        """End it with kill -9."""
        self.running.kill()
        self.process = None

    async def stop(self) -> None:
        """End it with SIGTERM."""
        await self.running.stop()
        self.process = None


@dataclass
class Site:
    """Everything that runs."""

    nodes: list[Node]
    sandbox: Process
    sandbox_url: str
    session: ClientSession
    kills: int = 0

    @property
    def node(self) -> Node:
        """The first gateway."""
        return self.nodes[0]

    def kill(self, node: Node) -> None:
        """Kill -9, counted."""
        node.kill()
        self.kills += 1

    async def arm(self, *faults: Mapping[str, Any]) -> None:
        """Let v2 misbehave in these ways, and no others."""
        async with self.session.put(f"{self.sandbox_url}/sandbox/faults", json=list(faults)) as answer:
            assert answer.status == 200, await answer.text()


@asynccontextmanager
async def running_site(
    directory: Path, *, nodes: int = 1, store: str = "sqlite", when_upstream_fails: str = "refuse"
) -> AsyncIterator[Site]:
    """Gateways and a sandbox at work, with one account."""
    data_dir = directory / "data"
    data_dir.mkdir(exist_ok=True)
    sandbox_port = choose_port()
    sandbox_url = f"http://127.0.0.1:{sandbox_port}"
    made = []
    for number in range(nodes):
        path = directory / f"smsgw{number}.toml"
        path.write_text(
            CONFIGURATION.format(
                port=choose_port(),
                data_dir=data_dir,
                store=store,
                sandbox_port=sandbox_port,
                when_upstream_fails=when_upstream_fails,
            )
        )
        made.append(Node(path, load_config(path, {})))
    await add_account(made[0].config)
    sandbox = Process("sandbox", "--port", str(sandbox_port), "--tempo", "0", log=directory / "sandbox.log")
    try:
        await sandbox.wait_until_serving(f"{sandbox_url}/sandbox/faults")
        for node in made:
            await node.start()
        async with ClientSession() as session:
            yield Site(nodes=made, sandbox=sandbox, sandbox_url=sandbox_url, session=session)
    finally:
        for node in made:
            if node.process:
                node.kill()
        sandbox.kill()
