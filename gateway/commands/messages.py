"""`smsgw messages`: where one message is, and how it got there."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.commands.options import config_option, load
from gateway.commands.stores import with_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.domain.intent import MessageRecord
    from gateway.domain.report import DeliveryReport
    from gateway.domain.status import StatusTables
    from gateway.ports import Store


@click.command()
@click.argument("message_id", type=click.IntRange(min=1), metavar="ID")
@config_option
def messages(message_id: int, config_path: Path | None) -> None:
    """Show message ID's whole history: who sent it, what v2 said, and every delivery report.

    ID is what the old program was given. The text is not shown, and of the number the last three digits.

    \b
    Example:
      smsgw messages 42500017
    """
    config = load(config_path)

    async def work(store: "Store") -> None:
        record = await store.find_message(message_id, account_id=None)
        if record is None:
            raise click.ClickException(
                f"there is no message {message_id}; it may be older than retention.keep_rows_days, or the id of a "
                f"bundle, whose first message is {message_id + 1}"
            )
        _show(record, await store.list_history(message_id), config.status_tables)

    with_store(config, work)


_NOT_ASKED = "It went to no number: v2 was not asked to send it, only the others of its bundle."


def _was_refused_here(record: "MessageRecord") -> bool:
    """True of what was no number; asked of a message without reports, and v2's own refusals come as reports."""
    from gateway.domain.status import INVALID_RECIPIENT

    return record.status is not None and record.status.code == INVALID_RECIPIENT


def _show(record: "MessageRecord", history: "Sequence[DeliveryReport]", tables: "StatusTables") -> None:
    from rich.console import Console
    from rich.table import Table

    from gateway.domain.sms import mask_number

    console = Console(highlight=False)
    code = tables.legacy_status(record.upstream_status(tables), record.interface)
    facts = Table(show_header=False, box=None, pad_edge=False)
    rows = {
        "Message": str(record.id),
        "Bundle": str(record.bundle_id or "none"),
        "Account": record.account_id,
        "Interface": record.interface,
        "From": record.sender,
        "To": mask_number(record.recipient),
        "Received": f"{record.created_at:%Y-%m-%d %H:%M:%S} UTC",
        "Opens": f"{record.opens_at:%Y-%m-%d %H:%M:%S} UTC" if record.opens_at else "at once",
        "Outcome": f"{record.outcome.kind} {record.outcome.reason or ''}".strip(),
        "v2 batch": record.outcome.batch_id or "none",
        "Status": f"{code} {tables.text(code)}",
    }
    for name, value in rows.items():
        facts.add_row(f"[bold]{name}[/]", value)
    console.print(facts)
    if not history:
        console.print(_NOT_ASKED if _was_refused_here(record) else "No delivery report has come.")
        return
    reports = Table("At (UTC)", "v2 status", "", box=None, pad_edge=False)
    for report in history:
        row = tables.message.get(report.status.code)
        reports.add_row(
            f"{report.status.at:%Y-%m-%d %H:%M:%S}", str(report.status.code), row.name if row else "unknown"
        )
    console.print()
    console.print(reports)
