"""`smsgw accounts`: who may send."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.commands.asking import choose_kept_file, read_api_key, read_token
from gateway.commands.options import config_option, load
from gateway.commands.stores import with_store

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.credentials import SecretKey
    from gateway.domain.account import Account
    from gateway.ports import Store

ACCOUNT_ID_MAX_CHARACTERS = 64


def check_account_id(_ctx: click.Context, _param: click.Parameter, written: str) -> str:
    """The id unchanged, where it could be one that the old service gave."""
    plain = written.isprintable() and not any(character in ": " for character in written)
    if not (plain and 0 < len(written) <= ACCOUNT_ID_MAX_CHARACTERS):
        limits = f"1 to {ACCOUNT_ID_MAX_CHARACTERS} characters, no blank and no colon"
        raise click.BadParameter(f"an account id has {limits}, such as ip1-12345")
    return written


account_argument = click.argument("account_id", callback=check_account_id, metavar="ACCOUNT")
token_file_option = click.option(
    "--token-file",
    metavar="FILE",
    help="Read the v2 token from FILE (-: a line of standard input) instead of asking.",
)
keep_file_option = click.option(
    "--keep-token-file",
    is_flag=True,
    help="Store where the token file is, not its content; it is read whenever the token is needed.",
)


@click.group()
def accounts() -> None:
    """Add, list and remove the accounts that may send.

    Each has a legacy API key, the one that the old programs have built in, and a v2 token. The key is kept as an
    argon2id hash, the token encrypted. Both are asked for without showing them. A gateway may be running meanwhile.
    """


@accounts.command()
@account_argument
@config_option
@click.option(
    "--api-key-file",
    metavar="FILE",
    help="Read the API key from FILE (-: a line of standard input) instead of asking.",
)
@token_file_option
@keep_file_option
@click.option("--replace", is_flag=True, help="Replace the account if there is one of that id.")
def add(
    account_id: str,
    config_path: Path | None,
    api_key_file: str | None,
    token_file: str | None,
    keep_token_file: bool,
    replace: bool,
) -> None:
    """Add ACCOUNT, such as ip1-12345.

    \b
    Examples:
      smsgw accounts add ip1-12345
      smsgw accounts add ip1-12345 --api-key-file key.txt --token-file /run/secrets/token --keep-token-file
      printf 'demo-key\\ndemo-token\\n' | smsgw accounts add ip1-12345 --api-key-file - --token-file -
    """
    from gateway.credentials import build_account

    config = load(config_path)
    kept = choose_kept_file(token_file, keep=keep_token_file)
    api_key = read_api_key(api_key_file)
    token = read_token(token_file)

    async def work(store: "Store") -> None:
        if not replace and await store.find_account(account_id):
            raise click.ClickException(
                f"there is an account {account_id} already; change its token with: smsgw accounts set-token "
                f"{account_id}, or both secrets with --replace"
            )
        made = build_account(
            account_id,
            api_key=api_key,
            token=token,
            token_file=kept,
            secret_key=_secret_key(config),
            created_at=datetime.now(UTC),
        )
        await store.save_account(made)

    with_store(config, work)
    click.echo(f"Account {account_id} can send now, through a gateway that is running too.")
    if replace:
        seconds = f"{config.credentials.cache_seconds:g} seconds"
        click.echo(f"An API key that it had before is accepted for another {seconds}.")
    click.echo("Next: smsgw serve, if none is running; then point the old programs' host name at it.")


@accounts.command("set-token")
@account_argument
@config_option
@token_file_option
@keep_file_option
def set_token(account_id: str, config_path: Path | None, token_file: str | None, keep_token_file: bool) -> None:
    """Give ACCOUNT another v2 token; its API key stays.

    \b
    Examples:
      smsgw accounts set-token ip1-12345
      smsgw accounts set-token ip1-12345 --token-file /run/secrets/token --keep-token-file
    """
    from gateway.credentials import replace_token

    config = load(config_path)
    kept = choose_kept_file(token_file, keep=keep_token_file)
    token = read_token(token_file)

    async def work(store: "Store") -> None:
        found = await store.find_account(account_id)
        if found is None:
            raise _no_such_account(account_id)
        await store.save_account(replace_token(found, token=token, token_file=kept, secret_key=_secret_key(config)))

    with_store(config, work)
    click.echo(f"Account {account_id} has the new token; a running gateway uses it within ", nl=False)
    click.echo(f"{config.credentials.cache_seconds:g} seconds.")


@accounts.command()
@account_argument
@config_option
def receive(account_id: str, config_path: Path | None) -> None:
    """Have v2 post ACCOUNT's incoming SMS to this gateway, at public_url. It replaces an address set there before.

    They are shown to its programs at /api/sms/received, and forwarded to incoming_forward_url.

    \b
    Example:
      smsgw accounts receive ip1-12345
    """
    from gateway import bootstrap
    from gateway.credentials import open_token
    from gateway.domain.errors import TokenRefused, UpstreamError

    config = load(config_path)
    secret_key = _secret_key(config)
    address = bootstrap.incoming_address(config, secret_key)
    if address is None:
        raise click.ClickException("public_url is not set, so v2 cannot reach this gateway; set it in smsgw.toml")

    async def work(store: "Store") -> None:
        found = await store.find_account(account_id)
        if found is None:
            raise _no_such_account(account_id)
        token = open_token(found, secret_key=secret_key, read_secret=bootstrap.read_secret)
        async with bootstrap.open_upstream(config, secret_key) as upstream:
            await upstream.set_incoming_url(address, token=token)

    try:
        with_store(config, work)
    except TokenRefused as error:
        raise click.ClickException(f"{error}; change it with: smsgw accounts set-token {account_id}") from error
    except UpstreamError as error:
        raise click.ClickException(f"{error}; look at upstream.base_url in smsgw.toml, and try again") from error
    click.echo(f"v2 posts incoming SMS of {account_id} to {config.public_url} from now on.")


@accounts.command("list")
@config_option
def list_accounts(config_path: Path | None) -> None:
    """List the accounts: id, since when, and where the token is. Secrets are not shown.

    \b
    Example:
      smsgw accounts list --config smsgw.toml
    """
    config = load(config_path)
    found: list[Account] = []

    async def work(store: "Store") -> None:
        found.extend(await store.list_accounts())

    with_store(config, work)
    if not found:
        click.echo("There is no account. Add one with: smsgw accounts add ip1-12345")
        return
    _show(found)


@accounts.command()
@account_argument
@config_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(account_id: str, config_path: Path | None, yes: bool) -> None:
    """Remove ACCOUNT: its programs can send no more. Its messages stay.

    \b
    Example:
      smsgw accounts remove ip1-12345
    """
    config = load(config_path)
    if not yes:
        click.confirm(f"Remove account {account_id}, so that its programs can send no more?", abort=True)

    async def work(store: "Store") -> None:
        if not await store.delete_account(account_id):
            raise _no_such_account(account_id)

    with_store(config, work)
    click.echo(f"Account {account_id} is removed; a running gateway refuses it within ", nl=False)
    click.echo(f"{config.credentials.cache_seconds:g} seconds.")


# ---- what they share ---------------------------------------------------------------------------------------


def _secret_key(config: "Config") -> "SecretKey":
    from gateway.credentials import SecretKey

    return SecretKey.load_or_create(config.secret_key_path)


def _no_such_account(account_id: str) -> click.ClickException:
    return click.ClickException(f"there is no account {account_id}; see them with: smsgw accounts list")


def _show(found: "list[Account]") -> None:
    from rich.console import Console
    from rich.table import Column, Table

    table = Table("Account", "Added", Column("v2 token", overflow="fold"), box=None, pad_edge=False)
    for account in found:
        place = f"in {account.token_file}" if account.token_file else "encrypted in the store"
        table.add_row(account.account_id, f"{account.created_at:%Y-%m-%d %H:%M}", place)
    Console(highlight=False).print(table)
