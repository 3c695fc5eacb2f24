"""`[defaults]` and `[accounts."ip1-12345"]`: how an account's programs want to be treated."""

import base64
import binascii
import codecs
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from gateway.config.sections import Seconds, SecondsOrOff, Section, WebAddress
from gateway.domain.account import AccountSettings, RepeatMode, WhenUpstreamFails
from gateway.domain.errors import InvalidSender
from gateway.domain.sms import parse_sender


def _check_sender(written: str) -> str:
    try:
        parse_sender(written, country_code="46")
    except InvalidSender as error:
        raise ValueError("must be a number of at most 15 digits, or 3 to 11 letters and digits") from error
    return written


def _check_encoding(name: str) -> str:
    """Also refuses what Python calls an encoding and is no charset: hex, zlib, idna."""
    try:
        b"\xe5".decode(name, "replace")
    except (LookupError, UnicodeError) as error:
        raise ValueError('must be an encoding such as "utf-8" or "windows-1252"') from error
    return codecs.lookup(name).name


def _check_webhook_secret(secret: SecretStr) -> SecretStr:
    try:
        base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("must be base64, with or without whsec_ before it") from error
    return secret


SenderText = Annotated[str, AfterValidator(_check_sender)]
_BUILT_IN = AccountSettings()


class AccountSection(Section):
    """How an account's programs want to be treated; `gateway.domain.account.AccountSettings` explains more."""

    country_code: str = Field(
        default=_BUILT_IN.country_code, pattern="^[1-9][0-9]{0,2}$", description="Calling code of national numbers."
    )
    senders: Mapping[str, SenderText] = Field(
        default_factory=dict,
        description="Senders that old programs write = senders that v2 accepts.",
        examples=[{"My Shop AB": "MyShop"}],
    )
    default_sender: SenderText | None = Field(
        default=None, description="For calls without sender.", examples=["MyShop"]
    )
    aspx_encoding: Annotated[str, AfterValidator(_check_encoding)] | None = Field(
        default=None,
        description="Encoding of sendsms.aspx's query strings (default: UTF-8, and windows-1252 for what is not).",
        examples=["windows-1252"],
    )
    when_upstream_fails: WhenUpstreamFails = Field(
        default=_BUILT_IN.when_upstream_fails,
        description='"refuse": answer 42 at once. "queue": answer an id, and send when v2 is back.',
    )
    queue_max_age_seconds: Seconds = Field(
        default=_BUILT_IN.queue_max_age_seconds,
        description="A queued message older than this is not sent any more.",
    )
    upstream_rate_per_second: Annotated[float, Field(ge=0)] = Field(
        default=_BUILT_IN.upstream_rate_per_second,
        description="How many calls a second v2 gets for it at most; 0: any.",
    )
    repeat_window_seconds: SecondsOrOff = Field(
        default=_BUILT_IN.repeat_window_seconds,
        description="The same sender, recipients and text within this time are taken for a repeat; 0: never.",
    )
    repeat_mode: RepeatMode = Field(
        default=_BUILT_IN.repeat_mode,
        description='"join": a repeat gets the first id and sends nothing. "warn": it is logged.',
    )
    coalesce_milliseconds: Annotated[float, Field(ge=0, le=1000)] = Field(
        default=_BUILT_IN.coalesce_milliseconds,
        description="Calls with the same sender and text that are open together go to v2 as one; the longest wait "
        "for others; 0: never.",
    )
    report_forward_url: WebAddress | None = Field(
        default=None,
        description="Your own system's address for delivery reports.",
        examples=["https://crm.example.com/dlr"],
    )
    incoming_forward_url: WebAddress | None = Field(
        default=None, description="The same for incoming SMS.", examples=["https://crm.example.com/incoming"]
    )
    forward_method: Literal["POST", "GET"] = Field(
        default="POST", description="POST with JSON, or GET with {placeholders} in the address."
    )
    forward_secret: Annotated[SecretStr, AfterValidator(_check_webhook_secret)] | None = Field(
        default=None, description="Signs what is forwarded (Standard Webhooks): whsec_ and base64."
    )
    forward_to_private_addresses: bool = Field(
        default=_BUILT_IN.forward_to_private_addresses,
        description="Permit forwarding to loopback and private addresses.",
    )
