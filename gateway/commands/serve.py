"""`smsgw serve`."""

from pathlib import Path

import click

from gateway.commands.options import config_option, load
from gateway.commands.refusals import explained_port


@click.command()
@config_option
def serve(config_path: Path | None) -> None:
    """Run the gateway until it is stopped.

    Ctrl-C or SIGTERM stop it; calls in flight are finished first.

    \b
    Examples:
      smsgw serve --config smsgw.toml
      SMSGW_LISTEN__PORT=9000 smsgw serve
    """
    from gateway import logs, serving

    config = load(config_path)
    logs.configure(config.log.format, config.log.level)
    with explained_port("with listen.port in smsgw.toml, or SMSGW_LISTEN__PORT"):
        serving.run(config)
