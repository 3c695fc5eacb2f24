"""The keys of smsgw.toml, a class for each section; their descriptions make the example file and the reference."""

import base64
import binascii
import codecs
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr

from gateway.config.addresses import check_listen_address, check_web_address
from gateway.credentials import Mode
from gateway.domain.account import AccountSettings, RepeatMode, WhenUpstreamFails
from gateway.domain.errors import InvalidSender
from gateway.domain.intent import FIRST_ID_DEFAULT, LAST_ID
from gateway.domain.sms import Sender

Port = Annotated[int, Field(ge=0, le=65_535)]
Seconds = Annotated[float, Field(gt=0)]
SecondsOrOff = Annotated[float, Field(ge=0)]
Days = Annotated[float, Field(ge=0)]
PerSecond = Annotated[float, Field(gt=0)]
WebAddress = Annotated[str, AfterValidator(check_web_address)]


class Section(BaseModel):
    """A table of the file: typed without conversion, closed against unknown keys, unchangeable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Listen(Section):
    """Where callers reach the gateway."""

    host: str = Field(default="0.0.0.0", description="Address to listen on; 127.0.0.1 for this machine alone.")  # noqa: S104 - callers come from outside
    port: Port = Field(default=8080, description="TCP port; 0 takes any free one.")
    max_request_bytes: int = Field(
        default=4 * 1024 * 1024, ge=1024, description="Largest request body, unpacked; larger ones are refused."
    )
    max_line_bytes: int = Field(
        default=65_536, ge=4096, description="Longest request or header line; a long SMS by GET needs several KB."
    )
    trusted_proxies: tuple[IPvAnyNetwork, ...] = Field(
        default=(),
        description="Networks of your own proxies. Their X-Forwarded-Proto and -Host are believed, no one else's.",
        examples=[["10.0.0.0/8"]],
    )
    keepalive_timeout_seconds: Seconds = Field(default=75.0, description="How long an idle connection stays open.")
    shutdown_grace_seconds: SecondsOrOff = Field(
        default=20.0, description="How long calls in flight may take to finish when the gateway is stopped."
    )


class Admin(Section):
    """Where operators and monitoring reach it."""

    listen: Annotated[str, AfterValidator(check_listen_address)] | None = Field(
        default=None,
        description="host:port for /metrics, /healthz and /readyz; without it they are on the main port.",
        examples=["127.0.0.1:9090"],
    )


class Ids(Section):
    """The integers that legacy callers get for their messages."""

    first_id: int = Field(
        default=FIRST_ID_DEFAULT,
        ge=1000,
        le=LAST_ID,
        description="The first id of a new store, far above every status code. Set it above the last id of the old "
        "service, where known. Without effect once ids have been handed out.",
    )
    block_size: int = Field(
        default=1000,
        ge=1,
        le=1_000_000,
        description="How many ids a process takes at once; a restart skips the rest.",
    )


class CredentialsSection(Section):
    """How callers prove who they are."""

    mode: Mode = Field(
        default=Mode.ACCOUNTS,
        description='"accounts": accounts added with `smsgw accounts add`. "token_is_key": the API key that a '
        "caller sends is its v2 bearer token; nothing needs to be added.",
    )
    secret_key_file: Path | None = Field(
        default=None,
        description="32 random bytes that seal the stored tokens; made on first use (default: secret.key in "
        "data_dir). Gateways that share a PostgreSQL must share it. Keep a copy apart from the store's backups.",
        examples=["/run/secrets/smsgw_secret_key"],
    )
    cache_seconds: Seconds = Field(
        default=300.0, description="How long verified credentials are remembered; an old API key works until then."
    )
    wrong_keys_per_minute: Annotated[float, Field(gt=0)] = Field(
        default=30.0, description="How many wrong API keys of one account are looked at; more get 42."
    )
    hash_threads: int = Field(
        default=1, ge=1, le=64, description="Threads that check API keys, about 50 a second with a core for each."
    )
    max_waiting_checks: int = Field(
        default=100, ge=1, description="How many checks may wait for a thread; beyond it callers are answered 42."
    )


class UpstreamSection(Section):
    """The provider's REST v2."""

    base_url: WebAddress = Field(default="https://api.ip1sms.com", description="Address of REST v2, no path.")
    allow_plain_http: bool = Field(
        default=False, description="Permit http:// to and from v2 on another machine; who is between reads all."
    )
    connect_timeout_seconds: Seconds = Field(default=5.0, description="How long connecting to v2 may take.")
    total_timeout_seconds: Seconds = Field(default=30.0, description="How long one exchange with v2 may take.")
    pool_size: int = Field(default=100, ge=1, description="How many connections to v2 are open at most.")
    pool_timeout_seconds: Seconds = Field(default=5.0, description="How long a call waits for a free one.")
    retries: int = Field(
        default=2, ge=0, le=10, description="How often a call is repeated where nothing can have been sent."
    )
    callback_secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Secret part of the addresses that v2 posts delivery reports and incoming SMS to; letters, "
        "digits, - and _ (default: derived from the secret key).",
    )
    callback_secret_file: Path | None = Field(
        default=None,
        description="A file that holds callback_secret.",
        examples=["/run/secrets/callback_secret"],
    )


class Delivery(Section):
    """When an outcome is waited for, looked up, and given up."""

    patience_seconds: Seconds = Field(
        default=8.0, description="How long a caller waits for the true answer; then he gets his id."
    )
    claim_seconds: Seconds = Field(
        default=60.0, description="How long a message is one gateway's before another one may take it over."
    )
    absence_after_seconds: Seconds = Field(
        default=60.0, description="A batch not found at v2 after this long was never accepted, and is sent."
    )
    reconcile_after_seconds: Seconds = Field(
        default=900.0, description="A message without news for this long is asked for at v2."
    )
    reconcile_for_seconds: Seconds = Field(
        default=4 * 86_400.0, description="A message without final news is asked for no more after this long."
    )
    drain_per_second: PerSecond = Field(
        default=20.0, description="How many calls a second send an account's queue once v2 is back."
    )


class Soap(Section):
    """sendsms.asmx."""

    namespace: str = Field(
        default="http://tempuri.org/",
        min_length=1,
        description="Target namespace of the published WSDL. Calls in any other are answered in their own.",
    )
    wsdl: Path | None = Field(
        default=None,
        description="Your own copy of the old WSDL; it is served and its names are obeyed.",
        examples=["/etc/smsgw/old.wsdl"],
    )
    http_bindings: bool = Field(
        default=False, description="Answer GET and POST at sendsms.asmx/sms as well, and say so in the WSDL."
    )
    operation_names: Mapping[str, str] = Field(
        default_factory=dict,
        description="Other names for operations: ours = the one your programs call.",
        examples=[{"beskrivning": "StatusText"}],
    )


class Rest(Section):
    """REST 1.0."""

    created_status: Literal[201, 200] = Field(default=201, description="HTTP status of a send; 201 as documented.")


class Retention(Section):
    """How long data is kept."""

    keep_text_days: Days = Field(
        default=90.0, description="After so many days texts and numbers are erased; 0: never."
    )
    keep_rows_days: Days = Field(default=400.0, description="After so many days a message is deleted; 0: never.")


class Log(Section):
    """Log lines on standard error."""

    format: Literal["json", "text"] = Field(default="json", description="One JSON object a line, or text to read.")
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least level that is logged."
    )


class MetricsSection(Section):
    """/metrics."""

    enabled: bool = Field(default=True, description="Answer /metrics; to callers too, unless admin.listen is set.")


class LegacyRowOverride(Section):
    """Cells of one row of the table of legacy codes."""

    text: str | None = Field(default=None, description="The text that describes the code.")
    final: bool | None = Field(default=None, description="Whether the message will not change any more.")
    retry: bool | None = Field(default=None, description="Whether sending again may help.")
    rest: bool | None = Field(default=None, description="Whether REST 1.0 shows the code.")


def _check_code(value: object) -> object:
    if value != "previous" and not (isinstance(value, int) and not isinstance(value, bool)):
        raise ValueError('must be a legacy status code, or "previous" for the status before it')
    return value


LegacyCode = Annotated[Any, AfterValidator(_check_code)]


class MessageRowOverride(Section):
    """Cells of one row of the tables from v2's statuses to legacy codes."""

    soap: LegacyCode = Field(default=None, description="The code that SOAP and ASPX show.")
    rest: LegacyCode = Field(default=None, description="The code that REST 1.0 shows.")


class SendRowOverride(Section):
    """Cells of one row of the table of what a caller gets when a call fails."""

    soap: int | None = Field(default=None, description="The code that SOAP and ASPX answer.")
    rest_http: Annotated[int, Field(ge=400, le=599)] | None = Field(default=None, description="REST 1.0's status.")
    message: int | None = Field(default=None, description="The v2 status that one recipient of several shows.")


class StatusOverrides(Section):
    """Single cells of the status tables, in the shape of gateway/domain/status-codes.toml."""

    legacy: Mapping[str, LegacyRowOverride] = Field(
        default_factory=dict, description="Legacy codes and their texts.", examples=[{"50": {"text": "Failed"}}]
    )
    message: Mapping[str, MessageRowOverride] = Field(
        default_factory=dict,
        description="The legacy codes shown for a v2 status.",
        examples=[{"202": {"soap": 52, "rest": 52}}],
    )
    message_group_fallback: Mapping[str, MessageRowOverride] = Field(
        default_factory=dict,
        description="The same for v2 statuses without a row, by group.",
        examples=[{"5xx": {"soap": 50}}],
    )
    send: Mapping[str, SendRowOverride] = Field(
        default_factory=dict,
        description="What a caller gets when a call fails.",
        examples=[{"upstream_unavailable": {"soap": 50}}],
    )


def _check_sender(written: str) -> str:
    try:
        Sender.parse(written, country_code="46")
    except InvalidSender as error:
        raise ValueError("must be a number of at most 15 digits, or 3 to 11 letters and digits") from error
    return written


def _check_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise ValueError('must be an encoding such as "utf-8" or "windows-1252"') from error


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
