"""`smsgw serve`."""

from pathlib import Path

import click

from gateway.commands.options import config_option, load
from gateway.commands.refusals import explained_port


@click.command()
@config_option
@click.option("--worker", type=click.IntRange(min=1), hidden=True, help="Be one of several; `smsgw serve` sets it.")
def serve(config_path: Path | None, worker: int | None) -> None:
    """Run the gateway until it is stopped.

    Ctrl-C or SIGTERM stop it; calls in flight are finished first.

    \b
    Examples:
      smsgw serve --config smsgw.toml
      SMSGW_LISTEN__PORT=9000 smsgw serve
    """
    from gateway import logs, serving, workers

    config = load(config_path)
    logs.configure(config.log.format, config.log.level)
    with explained_port("with listen or admin.listen in smsgw.toml, or SMSGW_LISTEN__PORT"):
        if worker is not None:
            workers.run_worker(config, worker)
        elif config.listen.workers > 1:
            workers.run_workers(config, config_path)
        else:
            serving.run(config)
