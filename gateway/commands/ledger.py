"""`smsgw ledger`: sends whose outcome is not known yet, and settling them by hand."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.commands.options import config_option, load
from gateway.commands.stores import with_store

if TYPE_CHECKING:
    from gateway.domain.intent import Outcome, StoredIntent
    from gateway.ports import Store

LISTED = 200

id_argument = click.argument("intent_id", type=click.IntRange(min=1), metavar="ID")


@click.group()
def ledger() -> None:
    """List the sends that are open, queued or unknown, and settle them by hand.

    A running gateway settles them by itself: it looks for each one's reference at v2. By hand it is only needed
    where v2 cannot be asked any more, such as after an account was closed there.
    """


@ledger.command("list")
@config_option
@click.option("--after", default=0, metavar="ID", help="Go on after this id.")
def list_ledger(config_path: Path | None, after: int) -> None:
    """List what is not settled, oldest first.

    \b
    Example:
      smsgw ledger list
    """
    config = load(config_path)

    async def work(store: "Store") -> None:
        _show(list(await store.list_pending(limit=LISTED, after=after)))

    with_store(config, work)


@ledger.command()
@id_argument
@config_option
@click.option("--batch", "batch_id", required=True, metavar="BATCH", help="v2's id of the batch, 24 hex digits.")
def accept(intent_id: int, config_path: Path | None, batch_id: str) -> None:
    """Settle ID as accepted: you have found its batch at v2. It is not sent again.

    \b
    Example:
      smsgw ledger accept 42500017 --batch 5bc86b6e85c7209830f96936
    """
    from gateway.domain.intent import Outcome, OutcomeKind

    _settle(intent_id, config_path, Outcome(kind=OutcomeKind.ACCEPTED, batch_id=batch_id))


@ledger.command()
@id_argument
@config_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def fail(intent_id: int, config_path: Path | None, yes: bool) -> None:
    """Settle ID as failed: it is not at v2, and shall not be sent any more. Its status becomes 42.

    \b
    Example:
      smsgw ledger fail 42500017
    """
    from gateway.domain.intent import Outcome, OutcomeKind
    from gateway.domain.status import INTERNAL_ERROR

    if not yes:
        click.confirm(f"Give up send {intent_id}, so that the gateway never sends it?", abort=True)
    _settle(intent_id, config_path, Outcome(kind=OutcomeKind.FAILED, reason=INTERNAL_ERROR))


def _settle(intent_id: int, config_path: Path | None, outcome: "Outcome") -> None:
    config = load(config_path)

    async def work(store: "Store") -> None:
        if await store.find_intent(intent_id) is None:
            raise click.ClickException(f"there is no send {intent_id}; see them with: smsgw ledger list")
        now = datetime.now(UTC)
        in_force = await store.record_outcome(intent_id, outcome, at=now, due_at=None)
        if in_force.kind is not outcome.kind:
            raise click.ClickException(f"send {intent_id} was settled already: {in_force.kind}")
        click.echo(f"Send {intent_id} is settled: {in_force.kind}.")

    with_store(config, work)


def _show(pending: "list[StoredIntent]") -> None:
    if not pending:
        click.echo("Every send is settled.")
        return
    from rich.console import Console
    from rich.table import Column, Table

    reference = Column("Reference at v2", no_wrap=True)  # whole, since one looks for it at v2
    table = Table("Id", "Account", "Messages", "Since (UTC)", "Outcome", reference, box=None, pad_edge=False)
    for stored in pending:
        intent = stored.intent
        since = f"{intent.created_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(
            str(intent.id),
            intent.account_id,
            str(len(intent.numbers)),
            since,
            stored.outcome.kind,
            intent.reference,
        )
    Console(highlight=False).print(table)
    if len(pending) == LISTED:
        click.echo(f"There may be more: smsgw ledger list --after {pending[-1].intent.id}")
