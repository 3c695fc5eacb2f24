"""`smsgw callbacks`: what could not be forwarded to callers' own systems."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.commands.options import config_option, load
from gateway.commands.stores import with_store

if TYPE_CHECKING:
    from gateway.ports import Store

LISTED = 200


@click.group()
def callbacks() -> None:
    """List and replay dead letters: delivery reports and incoming SMS that a caller's system did not take.

    Each is tried for three days, with growing pauses, before it is given up.
    """


@callbacks.command("list")
@config_option
def list_callbacks(config_path: Path | None) -> None:
    """List dead letters, and why they died.

    \b
    Example:
      smsgw callbacks list
    """
    config = load(config_path)

    async def work(store: "Store") -> None:
        dead = await store.list_dead_forwards(limit=LISTED)
        if not dead:
            click.echo("There are no dead letters.")
            return
        from rich.console import Console
        from rich.table import Table

        table = Table("Letter", "Account", "About", "Tries", "Since (UTC)", "Problem", box=None, pad_edge=False)
        for letter in dead:
            since = f"{letter.created_at:%Y-%m-%d %H:%M}"
            about = f"{letter.kind} {letter.subject_id}"
            table.add_row(
                str(letter.id), letter.account_id, about, str(letter.attempts), since, letter.problem or ""
            )
        Console(highlight=False).print(table)
        click.echo("Send them again with: smsgw callbacks replay LETTER ..., or --all")

    with_store(config, work)


@callbacks.command()
@click.argument("letters", nargs=-1, type=int, metavar="[LETTER]...")
@config_option
@click.option("--all", "every", is_flag=True, help="Replay all of them.")
def replay(letters: tuple[int, ...], config_path: Path | None, every: bool) -> None:
    """Make dead letters due again; the running gateway sends them.

    \b
    Examples:
      smsgw callbacks replay 17 18
      smsgw callbacks replay --all
    """
    if bool(letters) == every:
        raise click.UsageError("name the letters to replay (see: smsgw callbacks list), or give --all")
    config = load(config_path)

    async def work(store: "Store") -> None:
        count = await store.replay_forwards(None if every else letters, now=datetime.now(UTC))
        if not count:
            raise click.ClickException("none of these is a dead letter; see them with: smsgw callbacks list")
        click.echo(f"{count} will be sent again within seconds, if a gateway is running.")

    with_store(config, work)
