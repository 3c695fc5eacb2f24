"""The gateway and a sandbox that plays v2 in one process, with calls to paste and a line for every message."""

import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from rich.console import Console
from rich.text import Text
from structlog.typing import EventDict

from adapters.sandbox.app import build_sandbox
from gateway import logs
from gateway.bootstrap import open_store
from gateway.config import Config
from gateway.config.addresses import ListenAddress
from gateway.config.sections import Listen, UpstreamSection
from gateway.credentials import SecretKey, build_account
from gateway.domain.status import StatusTables, UpstreamStatus
from gateway.serving import listening, run_until_stopped, serve_gateway

ACCOUNT, API_KEY, TOKEN = "ip1-12345", "demo-key", "demo-token"

CALLS = """\
[bold]HTTP[/] (sendsms.aspx)
curl '{url}/sendsms.aspx?acc=ip1-12345&pass=demo-key&from=iP1&to=46712345678&msg=Hej+fr%C3%A5n+1999'

[bold]REST 1.0[/] (/api/sms/send)
curl -u ip1-12345:demo-key -H 'Content-Type: application/json' {url}/api/sms/send \\
     -d '{{"From": "iP.1", "Numbers": ["+46712345678", "46700000409"], "Message": "Hej från 2013"}}'

[bold]SOAP[/] (sendsms.asmx)
curl -H 'Content-Type: text/xml; charset=utf-8' {url}/sendsms/sendsms.asmx -d '<?xml version="1.0"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><sms xmlns="http://tempuri.org/">
<konto>ip1-12345</konto><passwd>demo-key</passwd><till>46712345678</till><from>iP1</from>
<meddelande>Hej från 2009</meddelande><prio>1</prio></sms></soap:Body></soap:Envelope>'

[bold]SOAP, with the PHP sample of the provider[/] (only the address is ours)
php -r '$client = new SoapClient("{url}/sendsms/sendsms.asmx?wsdl");
$result = $client->sms(array("konto" => "ip1-12345", "passwd" => "demo-key", "till" => "46712345678",
  "from" => "iP1", "meddelande" => "Hej från PHP", "prio" => "1"));
echo "Result of SMS: " . $result->smsResult . "\\n";'

A page for browsers:  {url}/sendsms/sendsms.asmx
Metrics and health:   {url}/metrics   {url}/readyz
What v2 received:     {sandbox_url}/sandbox/requests
Make v2 misbehave:    curl -X PUT {sandbox_url}/sandbox/faults -d '{{"kind":"status","status":503,"count":1}}'
"""


def run(*, host: str, port: int, sandbox_port: int, data_dir: Path) -> None:
    """`smsgw demo`, until it is stopped. Raises OSError where a port is taken."""
    console = Console(highlight=False, soft_wrap=True)
    config = choose_config(host=host, port=port, sandbox_port=sandbox_port, data_dir=data_dir)
    logs.configure("text", "info", stream=sys.stdout, render=LiveLines(console, config.status_tables))

    async def work(stopped: asyncio.Event) -> None:
        async with AsyncExitStack() as stack:
            sandbox = web.AppRunner(
                build_sandbox(tokens={TOKEN: ACCOUNT}, tempo_seconds=1.0), access_log=None, shutdown_timeout=1
            )
            await stack.enter_async_context(listening(sandbox, ListenAddress("127.0.0.1", sandbox_port)))
            await add_account(config)
            await stack.enter_async_context(serve_gateway(config))
            show_calls(console, config)
            await stopped.wait()
            console.print("Stopping.")

    run_until_stopped(work)


def choose_config(*, host: str, port: int, sandbox_port: int, data_dir: Path) -> Config:
    """What `smsgw demo --print-config` prints, as a configuration."""
    return Config(
        public_url=f"http://127.0.0.1:{port}",
        data_dir=data_dir,
        listen=Listen(host=host, port=port, shutdown_grace_seconds=5.0),
        upstream=UpstreamSection(base_url=f"http://127.0.0.1:{sandbox_port}"),
    )


async def add_account(config: Config) -> None:
    """The account of the printed calls."""
    account = build_account(
        ACCOUNT,
        api_key=API_KEY,
        token=TOKEN,
        secret_key=SecretKey.load_or_create(config.secret_key_path),
        created_at=datetime.now(UTC),
    )
    async with open_store(config) as store:
        await store.save_account(account)


def show_calls(console: Console, config: Config) -> None:
    """The calls to paste."""
    url = f"http://{config.listen.host}:{config.listen.port}"
    console.print(
        f"[bold green]The gateway is on {url}, a sandbox that plays REST v2 on {config.upstream.base_url}[/]"
    )
    console.print(
        "Account ip1-12345, API key demo-key. Nothing leaves this machine. Paste into another terminal:\n"
    )
    console.print(CALLS.format(url=url, sandbox_url=config.upstream.base_url))
    console.print("Messages appear here. Ctrl-C stops both.")


class LiveLines:
    """Renders log events for someone who watches: a line for each message and each change of its status."""

    def __init__(self, console: Console, tables: StatusTables) -> None:
        self._console = console
        self._tables = tables

    def __call__(self, event: EventDict) -> str:
        """The line."""
        words = {"send": self._send, "status": self._status}.get(str(event["event"]), self._other)(event)
        line = Text.assemble((f"{datetime.now():%H:%M:%S}  ", "dim"), *words)  # noqa: DTZ005 - for a person here
        with self._console.capture() as captured:
            self._console.print(line, end="")
        return captured.get()

    def _send(self, event: EventDict) -> list[str | tuple[str, str]]:
        several = f" and {event['messages'] - 1} more" if event["messages"] > 1 else ""
        accepted = event["outcome"] == "accepted"
        return [
            (f"{event['interface']:<5}", "bold"),
            f"{event['id']}  to {event['recipient']}{several}  ",
            (f"{event['outcome']} {event['reason'] or ''}", "green" if accepted else "red"),
        ]

    def _status(self, event: EventDict) -> list[str | tuple[str, str]]:
        status = UpstreamStatus(event["status"])
        row = self._tables.message.get(status)
        return [f"     {event['id']}  ", (f"{status} {row.name if row else 'unknown'}", "cyan")]

    def _other(self, event: EventDict) -> list[str | tuple[str, str]]:
        shown = {name: value for name, value in event.items() if name not in ("event", "level", "timestamp")}
        fields = "  ".join(f"{name}={value}" for name, value in shown.items())
        style = "dim" if event.get("level") == "info" else "red"
        return [(f"{event['event']}  {fields}", style)]
