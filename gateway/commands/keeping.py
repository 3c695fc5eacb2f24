"""`smsgw migrate`, `backup` and `erase`: keeping the store in order."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.commands.options import config_option, load
from gateway.commands.stores import with_store

if TYPE_CHECKING:
    from gateway.ports import Store


@click.command()
@config_option
def migrate(config_path: Path | None) -> None:
    """Bring the store's schema up to date. There is no way back: make a backup first.

    `smsgw serve` does the same when it starts; this is for doing it beforehand. A store that is newer than the
    program is refused.

    \b
    Example:
      smsgw backup before.db && smsgw migrate
    """
    config = load(config_path)

    async def work(store: "Store") -> None:
        await store.ping()
        click.echo("The store is up to date.")

    with_store(config, work)


@click.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@config_option
def backup(target: Path, config_path: Path | None) -> None:
    """Copy the SQLite store into FILE, while the gateway runs. FILE is a store that can be opened.

    Keep the secret key too (secret.key in data_dir): without it the tokens in the copy cannot be read.
    PostgreSQL has its own tools, such as pg_dump.

    \b
    Example:
      smsgw backup /backups/smsgw-2026-01-31.db
    """
    config = load(config_path)

    async def work(store: "Store") -> None:
        from adapters.store.sqlite import SqliteStore

        if not isinstance(store, SqliteStore):
            raise click.ClickException("the store is PostgreSQL; back it up with pg_dump")
        await store.backup(target)
        click.echo(f"Copied to {target}. Keep {config.secret_key_path} with it, apart from it.")

    with_store(config, work)


@click.command()
@config_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(config_path: Path | None, yes: bool) -> None:
    """Erase now what retention would erase: old texts and numbers, and older rows. It cannot be undone.

    The days are retention.keep_text_days and retention.keep_rows_days. A running gateway does this every hour.

    \b
    Example:
      SMSGW_RETENTION__KEEP_TEXT_DAYS=30 smsgw erase
    """
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from gateway.bootstrap import SystemClock
    from gateway.retention import Retention, RetentionSettings

    config = load(config_path)
    days = config.retention
    if not yes:
        click.confirm(
            f"Erase texts and numbers older than {days.keep_text_days} days, and messages older than "
            f"{days.keep_rows_days}?",
            abort=True,
        )

    async def work(store: "Store") -> None:
        retention = Retention(store=store, clock=SystemClock(), settings=RetentionSettings(**days.model_dump()))
        columns = (SpinnerColumn(), TextColumn("{task.completed} done"), TimeElapsedColumn())
        with Progress(*columns, transient=True) as progress:
            task = progress.add_task("erasing", total=None)
            erased, deleted = await retention.run(lambda count: progress.advance(task, count))
        click.echo(f"Texts and numbers of {erased} sends are erased, {deleted} older ones are deleted.")

    with_store(config, work)
