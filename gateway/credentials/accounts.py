"""Accounts as they are stored: made from what an operator gives, and their tokens opened again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from gateway.credentials.hashing import hash_api_key
from gateway.credentials.secret_key import NotSealedHere, SecretKey
from gateway.domain.account import Account
from gateway.domain.errors import ConfigurationError, TokenRefused


def build_account(
    account_id: str,
    *,
    api_key: str,
    token: str,
    secret_key: SecretKey,
    created_at: datetime,
    token_file: str | None = None,
) -> Account:
    """An account to be stored. With `token_file`, that file's name is kept and not the token that is in it."""
    account = Account(account_id=account_id, api_key_hash=hash_api_key(api_key), created_at=created_at)
    return replace_token(account, token=token, secret_key=secret_key, token_file=token_file)


def replace_token(account: Account, *, token: str, secret_key: SecretKey, token_file: str | None = None) -> Account:
    """The account with another v2 token."""
    return replace(
        account,
        token_sealed=None if token_file else secret_key.seal(token, account_id=account.account_id),
        token_file=token_file,
        token_fingerprint=secret_key.fingerprint(token),
    )


def open_token(account: Account, *, secret_key: SecretKey, read_secret: Callable[[str], str]) -> str:
    """The account's v2 token; `read_secret` gives the content of the file of that name.

    Raises TokenRefused where there is none to be had: the operator must set it again, the caller did nothing wrong.
    """
    try:
        if account.token_file:
            return read_secret(account.token_file)
        if account.token_sealed:
            return secret_key.unseal(account.token_sealed, account_id=account.account_id)
    except (NotSealedHere, ConfigurationError, OSError) as error:
        raise TokenRefused(f"the token of {account.account_id} cannot be read; {_HINT}") from error
    raise TokenRefused(f"{account.account_id} has no token; {_HINT}")


_HINT = "set it again with: smsgw accounts set-token"
