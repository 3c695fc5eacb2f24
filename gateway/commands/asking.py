"""Secrets, read from a file, from standard input, or asked for at the terminal without showing them."""

import sys
from pathlib import Path

import click

STDIN = "-"


def read_api_key(file: str | None) -> str:
    """The API key; `file` None asks for it, "-" takes the next line of standard input."""
    return _read("API key", file, "--api-key-file")


def read_token(file: str | None) -> str:
    """The v2 token, likewise."""
    token = _read("v2 token", file, "--token-file")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise click.UsageError("the v2 token holds a character that no token has; paste it alone, on one line")
    return token


def choose_kept_file(file: str | None, *, keep: bool) -> str | None:
    """The name of the token file that is to be stored, if that is wanted."""
    if not keep:
        return None
    if file in (None, STDIN):
        raise click.UsageError("--keep-token-file needs --token-file with the name of a file")
    return str(Path(file or "").absolute())


def _read(what: str, file: str | None, option: str) -> str:
    from gateway.config import read_secret

    if file == STDIN:
        secret = sys.stdin.readline().rstrip("\r\n")
    elif file is not None:
        secret = read_secret(Path(file))
    elif sys.stdin.isatty():
        secret = click.prompt(what, hide_input=True, type=str)
    else:
        raise click.UsageError(
            f"there is no terminal to ask for the {what}; give {option} FILE, or - to read a line of standard input"
        )
    if not secret:
        raise click.UsageError(f"the {what} is empty")
    return secret
