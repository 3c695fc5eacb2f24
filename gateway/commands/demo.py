"""`smsgw demo`."""

from pathlib import Path

import click

from gateway.commands.refusals import explained_port

PORT = click.IntRange(1, 65535)  # no 0: the calls to paste are written before a port is taken


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, type=PORT, metavar="PORT", show_default=True, help="Port of the gateway.")
@click.option(
    "--sandbox-port",
    default=8081,
    type=PORT,
    metavar="PORT",
    show_default=True,
    help="Port of the sandbox that plays REST v2.",
)
@click.option(
    "--data",
    "data_dir",
    metavar="DIR",
    default=Path("smsgw-data"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory for the store; it is kept.",
)
@click.option("--print-config", is_flag=True, help="Print the smsgw.toml that does the same, and stop.")
def demo(host: str, port: int, sandbox_port: int, data_dir: Path, print_config: bool) -> None:
    """Try it: a gateway, a sandbox, and calls to paste.

    The sandbox plays REST v2; nothing leaves this machine. Account ip1-12345, API key demo-key, v2 token
    demo-token. A number that ends in 0 and a v2 status ends in that status: 46700000409. Ctrl-C stops both.

    \b
    Examples:
      smsgw demo
      smsgw demo --port 9080 --sandbox-port 9081
      smsgw demo --print-config > smsgw.toml
    """
    if print_config:
        click.echo(_render_config(host, port, sandbox_port, data_dir), nl=False)
        return
    from gateway import demonstration

    with explained_port("with --host, --port or --sandbox-port"):
        demonstration.run(host=host, port=port, sandbox_port=sandbox_port, data_dir=data_dir)


_CONFIG = """\
# What `smsgw demo` does, in two terminals:
#   smsgw sandbox --port {sandbox_port}
#   smsgw serve --config smsgw.toml
# Before that, once, the account; the prompts ask for its API key (demo-key) and its v2 token (demo-token):
#   smsgw accounts add ip1-12345 --config smsgw.toml

public_url = "http://127.0.0.1:{port}"
data_dir = {data_dir}

[listen]
host = "{host}"
port = {port}
shutdown_grace_seconds = 5

[upstream]
base_url = "http://127.0.0.1:{sandbox_port}"
"""


def _render_config(host: str, port: int, sandbox_port: int, data_dir: Path) -> str:
    import json

    quoted = json.dumps(str(data_dir), ensure_ascii=False)
    return _CONFIG.format(host=host, port=port, sandbox_port=sandbox_port, data_dir=quoted)
