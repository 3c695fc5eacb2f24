"""Accounts and their credentials."""

from collections.abc import Sequence

from adapters.store import rows
from adapters.store.statements import Operation, query
from gateway.domain.account import Account


def save_account(account: Account) -> Operation[None]:
    """Add or replace an account."""
    yield query("save_account", *rows.from_account(account))


def delete_account(account_id: str) -> Operation[bool]:
    """Remove an account."""
    deleted = yield query("delete_account", rows.account_key(account_id))
    return bool(deleted)


def find_account(account_id: str) -> Operation[Account | None]:
    """An account by id."""
    found = yield query("find_account", rows.account_key(account_id))
    return rows.to_account(found[0]) if found else None


def find_account_by_token(fingerprint: bytes) -> Operation[Account | None]:
    """An account by its token's fingerprint."""
    found = yield query("find_account_by_token", fingerprint)
    return rows.to_account(found[0]) if found else None


def list_accounts() -> Operation[Sequence[Account]]:
    """All accounts."""
    found = yield query("list_accounts")
    return [rows.to_account(row) for row in found]
