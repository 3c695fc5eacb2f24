"""The words of this package: a caller who has proved who he is, and how that is looked at."""

from dataclasses import dataclass, field
from enum import StrEnum


class Mode(StrEnum):
    """What proves who a caller is."""

    ACCOUNTS = "accounts"  # an API key that the operator added
    TOKEN_IS_KEY = "token_is_key"  # noqa: S105 - a mode: the key he sends is v2's token, so v2 is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is calling: his account, as it is spelled where it is kept, and its v2 token."""

    account_id: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSettings:
    """`[credentials]` of smsgw.toml.

    `cache_seconds`: how long a success is remembered. `wrong_keys_per_minute`: how many wrong API keys of one
    account are looked at. `hash_threads`: how many are at the same time, of all accounts; `max_waiting_checks`: how
    many wait for that.
    """

    mode: Mode = Mode.ACCOUNTS
    cache_seconds: float = 300.0
    wrong_keys_per_minute: float = 30.0
    hash_threads: int = 1
    max_waiting_checks: int = 100
