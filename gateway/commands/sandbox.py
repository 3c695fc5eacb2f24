"""`smsgw sandbox`."""

import click

from gateway.commands.refusals import explained_port

TOKENS = {"demo-token": "ip1-12345"}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8081,
    type=click.IntRange(0, 65535),
    metavar="PORT",
    show_default=True,
    help="Port to listen on; 0 takes any free one.",
)
@click.option(
    "--tempo",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Time between two statuses of a message; 0 goes through all at once.",
)
def sandbox(host: str, port: int, tempo: float) -> None:
    """Play the provider's REST v2; no SMS is sent.

    It knows the token demo-token and keeps everything in memory. Useful to anyone who integrates with v2. It can
    be made to misbehave: see /sandbox/ in a browser.

    \b
    Examples:
      smsgw sandbox --tempo 0
      curl -H 'Authorization: Bearer demo-token' http://127.0.0.1:8081/api/me
      curl -X PUT http://127.0.0.1:8081/sandbox/faults -d '{"kind": "status", "count": 3}'
    """
    import asyncio

    from aiohttp import web

    from adapters.sandbox.app import build_sandbox
    from gateway import logs, serving
    from gateway.config.addresses import ListenAddress

    logs.configure("text", "info")

    async def work(stopped: asyncio.Event) -> None:
        runner = web.AppRunner(build_sandbox(tokens=TOKENS, tempo_seconds=tempo), access_log=None)
        async with serving.listening(runner, ListenAddress(host, port)) as taken:
            click.echo(f"REST v2, played on http://{host}:{taken} for token demo-token. Ctrl-C stops it.")
            await stopped.wait()

    with explained_port("with --host or --port"):
        serving.run_until_stopped(work)
