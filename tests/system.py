"""A whole system on loopback for tests: a gateway and a sandbox that plays v2, each on real sockets."""

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web

from adapters.sandbox.app import build_sandbox
from gateway.bootstrap import open_store
from gateway.config import Config, load_config
from gateway.config.addresses import ListenAddress
from gateway.credentials import SecretKey, build_account
from gateway.serving import listening, serve_gateway

ACCOUNT, API_KEY, TOKEN = "ip1-12345", "demo-key", "demo-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Where the parts are, and a session to talk to them with."""

    url: str
    sandbox_url: str
    config: Config
    session: ClientSession

    async def arm(self, *faults: Mapping[str, Any]) -> None:
        """Make v2 misbehave."""
        async with self.session.put(f"{self.sandbox_url}/sandbox/faults", json=list(faults)) as answer:
            assert answer.status == 200, await answer.text()

    async def received(self) -> list[dict[str, Any]]:
        """The bodies of every `POST /v2/batches` that reached v2, oldest first."""
        async with self.session.get(f"{self.sandbox_url}/sandbox/requests") as answer:
            requests = await answer.json()
        return [
            request["body"]
            for request in requests
            if request["method"] == "POST" and "/v2/batches" in request["path"]
        ]


def choose_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_config(directory: Path, *, port: int, sandbox_port: int, more: str = "", listen: str = "") -> Path:
    """A smsgw.toml for the two; `more` begins with keys of the top level, `listen` is more of that section."""
    path = directory / "smsgw.toml"
    path.write_text(
        f'''public_url = "http://127.0.0.1:{port}"
data_dir = "{directory / "data"}"
{more}
[listen]
host = "127.0.0.1"
port = {port}
{listen}
[upstream]
base_url = "http://127.0.0.1:{sandbox_port}"
''',
        encoding="utf-8",
    )
    return path


async def add_account(
    config: Config, account_id: str = ACCOUNT, api_key: str = API_KEY, token: str = TOKEN
) -> None:
    """Put an account into the store that the configuration names."""
    secret_key = SecretKey.load_or_create(config.secret_key_path)
    account = build_account(
        account_id, api_key=api_key, token=token, secret_key=secret_key, created_at=datetime.now(UTC)
    )
    async with open_store(config, beside_gateway=True) as store:
        await store.save_account(account)


@asynccontextmanager
async def running_system(
    directory: Path, *, tempo_seconds: float = 0.0, more: str = "", listen: str = ""
) -> AsyncIterator[System]:
    """A gateway with one account, and its v2, in this process."""
    port, sandbox_port = choose_port(), choose_port()
    path = write_config(directory, port=port, sandbox_port=sandbox_port, more=more, listen=listen)
    config = load_config(path, {})
    await add_account(config)
    sandbox = web.AppRunner(
        build_sandbox(tokens={TOKEN: ACCOUNT}, tempo_seconds=tempo_seconds), access_log=None, shutdown_timeout=1
    )
    async with (
        listening(sandbox, ListenAddress("127.0.0.1", sandbox_port)),
        serve_gateway(config),
        ClientSession() as session,
    ):
        yield System(
            url=f"http://127.0.0.1:{port}",
            sandbox_url=f"http://127.0.0.1:{sandbox_port}",
            config=config,
            session=session,
        )
