"""The keys of smsgw.toml, a class for each section; their descriptions make the example and the reference."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr

from gateway.config.addresses import check_listen_address, check_web_address
from gateway.credentials import Mode
from gateway.domain.intent import FIRST_ID_DEFAULT, LAST_ID

Port = Annotated[int, Field(ge=0, le=65_535)]
Seconds = Annotated[float, Field(gt=0)]
SecondsOrOff = Annotated[float, Field(ge=0)]
Hours = Annotated[float, Field(gt=0)]
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
    workers: int = Field(
        default=1, ge=1, le=64, description="Processes that share the port; more than one needs a PostgreSQL store."
    )
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
    receive_timeout_seconds: Seconds = Field(
        default=60.0,
        description="How long a caller may take to send a request's head, and then its body, before it is cut off.",
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


def _check_callback_secret(secret: SecretStr) -> SecretStr:
    if not _CALLBACK_SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError("must have at least 16 characters: letters, digits, - and _")
    return secret


_CALLBACK_SECRET = re.compile(r"[A-Za-z0-9_-]{16,}")


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
    callback_secret: Annotated[SecretStr, AfterValidator(_check_callback_secret)] | None = Field(
        default=None,
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
        default=60.0,
        description="A batch that v2 is seen not to have for this long was never accepted, and is sent.",
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
    public_url: WebAddress | None = Field(
        default=None,
        description="Scheme and host that the WSDL names, where a proxy that only unwraps TLS cannot say them.",
        examples=["https://web.smscom.se"],
    )
    operation_names: Mapping[str, str] = Field(
        default_factory=dict,
        description="Other names for operations: ours = the one your programs call.",
        examples=[{"beskrivning": "StatusText"}],
    )
    parameter_names: Mapping[str, str] = Field(
        default_factory=dict,
        description='More names for parameters: the one your programs send = ours, or "" to ignore it.',
        examples=[{"nyckelkod": "passwd"}],
    )
    ignored_operations: tuple[str, ...] = Field(
        default=(),
        description="Operations of your WSDL that the gateway has nothing for; calls of them are faults.",
        examples=[["listaGrupper"]],
    )


class Mms(Section):
    """mms.asmx."""

    as_sms_link: bool = Field(
        default=False,
        description="Send an MMS as an SMS with links to its pictures, which the gateway shows at public_url; "
        "false: answer every call with a fault. Pictures are files in data_dir/pictures: gateways on several "
        "machines that share a PostgreSQL must share that folder too.",
    )
    keep_hours: Hours = Field(default=72.0, description="How long a picture is shown; then it is erased.")
    max_picture_bytes: int = Field(
        default=2 * 1024 * 1024,
        ge=1024,
        le=7_000_000,  # as base64 it has to fit what libxml2 reads as one text: 10 million bytes
        description="The largest picture that is taken.",
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
