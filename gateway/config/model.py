"""The whole configuration, and what must hold between its keys."""

from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from gateway.config import sections
from gateway.config.account_section import AccountSection
from gateway.config.addresses import ListenAddress, is_safe_to_call, overlaps, parse_listen_address
from gateway.config.sections import Section
from gateway.config.status_section import StatusOverrides
from gateway.domain.account import AccountSettings
from gateway.domain.errors import ConfigurationError
from gateway.domain.status import StatusTables

SQLITE = "sqlite"


def _check_store(store: SecretStr) -> SecretStr:
    url = store.get_secret_value()
    if url != SQLITE and not url.startswith(("postgresql://", "postgres://")):
        raise ValueError('must be "sqlite" or a postgresql:// address')
    return store


def _check_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is not a known time zone; write one such as Europe/Stockholm") from error
    return name


class Config(Section):
    """Everything that can be set. Frozen; build it with `load_config`, or directly in a test."""

    public_url: sections.WebAddress | None = Field(
        default=None,
        description="Where v2, and phones that are sent a link, reach this gateway from outside. Without it there "
        "are no delivery reports: statuses are asked for instead, late.",
        examples=["https://sms.example.com"],
    )
    data_dir: Path = Field(
        default=Path("smsgw-data"), description="Holds the SQLite store, the secret key and the pictures."
    )
    store: Annotated[SecretStr, AfterValidator(_check_store)] = Field(
        default=SecretStr(SQLITE),
        description='"sqlite": smsgw.db in data_dir, for one gateway. For several: postgresql://user@host/database.',
    )
    time_zone: Annotated[str, AfterValidator(_check_time_zone)] = Field(
        default="Europe/Stockholm", description="What local time means to legacy callers."
    )
    listen: sections.Listen = Field(default_factory=sections.Listen)
    admin: sections.Admin = Field(default_factory=sections.Admin)
    ids: sections.Ids = Field(default_factory=sections.Ids)
    credentials: sections.CredentialsSection = Field(default_factory=sections.CredentialsSection)
    upstream: sections.UpstreamSection = Field(default_factory=sections.UpstreamSection)
    delivery: sections.Delivery = Field(default_factory=sections.Delivery)
    soap: sections.Soap = Field(default_factory=sections.Soap)
    mms: sections.Mms = Field(default_factory=sections.Mms)
    rest: sections.Rest = Field(default_factory=sections.Rest)
    retention: sections.Retention = Field(default_factory=sections.Retention)
    log: sections.Log = Field(default_factory=sections.Log)
    metrics: sections.MetricsSection = Field(default_factory=sections.MetricsSection)
    status: StatusOverrides = Field(default_factory=StatusOverrides)
    defaults: AccountSection = Field(default_factory=AccountSection)
    accounts: Mapping[str, AccountSection] = Field(
        default_factory=dict,
        description="Settings of single accounts, over [defaults]; the accounts themselves and their secrets are "
        "added with `smsgw accounts add`.",
        examples=[{"ip1-12345": {"country_code": "47", "when_upstream_fails": "queue"}}],
    )

    def settings_of(self, account_id: str | None) -> AccountSettings:
        """How an account is treated; letters of its id compare without case. None and unknown ones: [defaults]."""
        if account_id is None:
            return self._default_settings
        return self._settings_by_account.get(account_id.casefold(), self._default_settings)

    @cached_property
    def _default_settings(self) -> AccountSettings:
        return AccountSettings(**_plain(self.defaults))

    @cached_property
    def _settings_by_account(self) -> Mapping[str, AccountSettings]:
        defaults = _plain(self.defaults)
        return {id_.casefold(): AccountSettings(**(defaults | _plain(own))) for id_, own in self.accounts.items()}

    @cached_property
    def status_tables(self) -> StatusTables:
        """The shipped status tables with the operator's overrides."""
        text = (resources.files("gateway.domain") / "status-codes.toml").read_text(encoding="utf-8")
        return StatusTables.parse(text, self.status.model_dump(exclude_unset=True))

    @property
    def zone(self) -> ZoneInfo:
        """`time_zone` itself."""
        return ZoneInfo(self.time_zone)

    @property
    def secret_key_path(self) -> Path:
        """Where the secret key is, or will be made."""
        return self.credentials.secret_key_file or self.data_dir / "secret.key"

    @property
    def database_path(self) -> Path | None:
        """The SQLite file; None where the store is PostgreSQL."""
        return self.data_dir / "smsgw.db" if self.store.get_secret_value() == SQLITE else None

    @property
    def pictures_path(self) -> Path:
        """The folder of pictures."""
        return self.data_dir / "pictures"

    @property
    def listen_address(self) -> ListenAddress:
        """Where callers reach the gateway."""
        return ListenAddress(self.listen.host, self.listen.port)

    @property
    def admin_address(self) -> ListenAddress | None:
        """Where monitoring reaches it, if elsewhere."""
        return parse_listen_address(self.admin.listen) if self.admin.listen else None

    def problems(self) -> list[str]:
        """What is wrong between keys that are each right, one line a problem."""
        found = []
        if self.admin_address and overlaps(self.admin_address, self.listen_address):
            found.append("admin.listen: is the same port as listen.port; choose another or leave it out")
        plain_http = self.upstream.allow_plain_http
        if self.public_url and not (plain_http or is_safe_to_call(self.public_url)):
            found.append("public_url: must begin with https://, since delivery reports hold phone numbers")
        if not (plain_http or is_safe_to_call(self.upstream.base_url)):
            found.append("upstream.base_url: must begin with https://, or set upstream.allow_plain_http = true")
        if 0 < self.retention.keep_rows_days < self.retention.keep_text_days:
            found.append("retention.keep_rows_days: must not be less than retention.keep_text_days")
        if self.soap.wsdl and not self.soap.wsdl.is_file():
            found.append("soap.wsdl: there is no such file")
        if self.delivery.claim_seconds < 2 * self.upstream.total_timeout_seconds:
            found.append("delivery.claim_seconds: must be at least twice upstream.total_timeout_seconds")
        found += self._worker_problems() + self._mms_problems()
        return found + self._repeated_accounts() + self._status_problems()

    def _worker_problems(self) -> list[str]:
        found = []
        if self.listen.workers > 1 and self.database_path:
            found.append(
                'listen.workers: more than one needs store = "postgresql://..."; SQLite serves one process'
            )
        if self.listen.workers > 1 and self.listen.port == 0:
            found.append("listen.port: several workers need the same port, so it must not be 0")
        return found

    def _mms_problems(self) -> list[str]:
        found = []
        if self.mms.as_sms_link and self.public_url is None:
            found.append("mms.as_sms_link: needs public_url, which is what the links to pictures begin with")
        if self.mms.as_sms_link and 4 * self.mms.max_picture_bytes > 3 * self.listen.max_request_bytes:
            found.append("mms.max_picture_bytes: must be at most three quarters of listen.max_request_bytes")
        return found

    def warnings(self) -> list[str]:
        """What will work, but perhaps not as wished."""
        found = []
        if self.public_url is None:
            found.append("public_url is not set: v2 cannot post delivery reports or incoming SMS to this gateway")
        if self.metrics.enabled and self.admin.listen is None:
            found.append("admin.listen is not set: every caller can read /metrics")
        return found

    def _repeated_accounts(self) -> list[str]:
        if len(self._settings_by_account) == len(self.accounts):
            return []
        return ["accounts: two ids differ only in capital letters, which do not count; keep one of them"]

    def _status_problems(self) -> list[str]:
        try:
            _ = self.status_tables
        except ConfigurationError as error:
            return error.problems
        return []


def _plain(section: BaseModel) -> dict[str, Any]:
    """The keys that are set, with secrets opened."""
    values = {name: getattr(section, name) for name in section.model_fields_set}
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in values.items()
    }
