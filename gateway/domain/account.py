"""An account: who may send, and how its old programs want to be treated."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from gateway.domain.values import value


class WhenUpstreamFails(StrEnum):
    """What a caller gets while v2 is down."""

    REFUSE = "refuse"
    QUEUE = "queue"


class RepeatMode(StrEnum):
    """What the gateway does about a call that repeats another within the window."""

    JOIN = "join"
    WARN = "warn"


@value
class Account:
    """Credentials as stored.

    `api_key_hash` is an argon2id string. `token_sealed` is the v2 bearer token, encrypted; None where `token_file`
    names a file that holds it. `token_fingerprint` finds the account of a caller who sends the token alone.
    """

    account_id: str
    api_key_hash: str = field(repr=False)
    token_sealed: bytes | None = field(default=None, repr=False)
    token_file: str | None = None
    token_fingerprint: bytes | None = field(default=None, repr=False)
    created_at: datetime


@value
class AccountSettings:
    """How one account is treated; `smsgw.toml`, `[defaults]` and `[accounts."ip1-12345"]`.

    `country_code` is the calling code of national numbers. `senders` maps what old programs write to what v2
    accepts; `default_sender` serves calls without one. `aspx_encoding` pins the encoding of query strings (None:
    UTF-8, else windows-1252). `upstream_rate_per_second`, `repeat_window_seconds` and `coalesce_milliseconds` are 0
    for off.
    """

    country_code: str = "46"
    senders: Mapping[str, str] = field(default_factory=dict)
    default_sender: str | None = None
    aspx_encoding: str | None = None
    when_upstream_fails: WhenUpstreamFails = WhenUpstreamFails.REFUSE
    queue_max_age_seconds: float = 86_400.0
    upstream_rate_per_second: float = 0.0
    repeat_window_seconds: float = 0.0
    repeat_mode: RepeatMode = RepeatMode.JOIN
    coalesce_milliseconds: float = 0.0
    report_forward_url: str | None = None
    incoming_forward_url: str | None = None
    forward_method: str = "POST"
    forward_secret: str | None = field(default=None, repr=False)
    forward_to_private_addresses: bool = False
