"""`smsgw check-config`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.commands.options import config_option, load

if TYPE_CHECKING:
    from gateway.config import Config


@click.command("check-config")
@config_option
@click.option("--print-example", is_flag=True, help="Print a smsgw.toml with every key explained, and stop.")
@click.option("--print-reference", is_flag=True, help="Print the table of all keys (Markdown), and stop.")
def check_config(config_path: Path | None, print_example: bool, print_reference: bool) -> None:
    """Check the configuration; name every problem.

    All problems are named at once, each with what to write instead; your own WSDL is read too. Exit status 2 where
    it cannot be used.

    \b
    Examples:
      smsgw check-config --print-example > smsgw.toml
      smsgw check-config --config smsgw.toml
    """
    from gateway.config import render_example, render_reference

    if print_example or print_reference:
        click.echo(render_example() if print_example else render_reference(), nl=False)
        return
    from gateway.domain.errors import ConfigurationError
    from gateway.preflight import find_problems

    config = load(config_path)
    problems = find_problems(config)
    if problems:
        raise ConfigurationError(problems)
    _show(config)


def _show(config: "Config") -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    console.print("[green]The configuration can be used.[/]")
    admin = config.admin_address
    store = f"SQLite, {config.database_path}" if config.database_path else "PostgreSQL"
    for name, value in (
        ("callers", f"http://{config.listen.host}:{config.listen.port}"),
        ("monitoring", f"http://{admin.host}:{admin.port}" if admin else "on the same port"),
        ("v2", config.upstream.base_url),
        ("store", store),
    ):
        console.print(f"  {name:<11} ", end="")
        console.print(value, markup=False)
    for warning in config.warnings():
        console.print("[yellow]warning:[/] ", end="")
        console.print(warning, markup=False)
