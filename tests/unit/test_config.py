"""What an operator may write, and what he is told when it cannot be used."""

import dataclasses
import json
import re
import tomllib
from pathlib import Path

import pytest

from gateway.config import Config, keys, load_config, render_example
from gateway.config.account_section import AccountSection
from gateway.config.addresses import ListenAddress
from gateway.config.sections import Delivery, Retention
from gateway.delivery import DeliverySettings
from gateway.domain.account import AccountSettings, RepeatMode, WhenUpstreamFails
from gateway.domain.errors import ConfigurationError
from gateway.domain.status import LegacyStatus, UpstreamStatus
from gateway.retention import RetentionSettings


def load(tmp_path: Path, toml: str = "", **environ: str) -> Config:
    path = tmp_path / "smsgw.toml"
    path.write_text(toml, encoding="utf-8")
    return load_config(path, {"SMSGW_SECRETS_DIR": str(tmp_path / "secrets"), **environ})


def problems(tmp_path: Path, toml: str = "", **environ: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, toml, **environ)
    return caught.value.problems


# ---- what can be written -----------------------------------------------------------------------------------


def test_nothing_needs_to_be_set() -> None:
    config = load_config(None, {})
    assert config.listen_address == ListenAddress("0.0.0.0", 8080)
    assert config.upstream.base_url == "https://api.ip1sms.com"
    assert config.database_path == Path("smsgw-data/smsgw.db")
    assert config.secret_key_path == Path("smsgw-data/secret.key")
    assert config.settings_of("ip1-12345") == AccountSettings()
    assert config == Config()


def test_the_file_sets_keys(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        data_dir = "/var/lib/smsgw"
        [listen]
        port = 9000
        trusted_proxies = ["10.0.0.0/8", "fd00::/8"]
        [admin]
        listen = "127.0.0.1:9090"
        """,
    )
    assert config.listen.port == 9000
    assert config.admin_address == ListenAddress("127.0.0.1", 9090)
    assert [str(network) for network in config.listen.trusted_proxies] == ["10.0.0.0/8", "fd00::/8"]
    assert config.database_path == Path("/var/lib/smsgw/smsgw.db")


def test_the_environment_overrides_secret_files_and_these_the_file(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "smsgw_listen__port").write_text("9001\n")
    (secrets / "smsgw_ids__block_size").write_text("10\n")
    (secrets / "of_another_program").write_text("x")
    (secrets / "smsgw_token_of_ip1-12345").write_bytes(b"\xff")
    config = load(tmp_path, "[listen]\nport = 9000\nhost = '::1'", SMSGW_LISTEN__PORT="9002")
    assert (config.listen.port, config.listen.host, config.ids.block_size) == (9002, "::1", 10)


def test_a_variable_holds_text_numbers_flags_and_json(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        SMSGW_DATA_DIR="/data",
        SMSGW_DELIVERY__PATIENCE_SECONDS="2.5",
        SMSGW_METRICS__ENABLED="off",
        SMSGW_LISTEN__TRUSTED_PROXIES='["10.0.0.0/8"]',
        SMSGW_DEFAULTS__WHEN_UPSTREAM_FAILS="queue",
        SMSGW_DEFAULTS__COUNTRY_CODE="47",
        SMSGW_ACCOUNTS='{"ip1-1": {"country_code": "45"}}',
    )
    assert config.data_dir == Path("/data")
    assert config.delivery.patience_seconds == 2.5
    assert config.metrics.enabled is False
    assert len(config.listen.trusted_proxies) == 1
    assert config.settings_of("ip1-1").country_code == "45"
    assert config.settings_of("ip1-2").when_upstream_fails is WhenUpstreamFails.QUEUE


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert load(tmp_path, SMSGW_PUBLIC_URL="", SMSGW_LISTEN__PORT="").listen.port == 8080


def test_a_variable_can_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.toml"
    path.write_text("[listen]\nport = 9000")
    assert load_config(None, {"SMSGW_CONFIG": str(path)}).listen.port == 9000


def test_a_secret_can_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret-s3cret-s3cret\n")
    config = load(tmp_path, f'[upstream]\ncallback_secret_file = "{tmp_path}/secret"')
    assert config.upstream.callback_secret is not None
    assert config.upstream.callback_secret.get_secret_value() == "s3cret-s3cret-s3cret"


def test_an_account_overrides_defaults_without_regard_to_case(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        [defaults]
        country_code = "47"
        repeat_window_seconds = 60
        forward_secret = "whsec_c2VjcmV0"
        [accounts."IP1-12345"]
        repeat_mode = "warn"
        senders = { "My Shop AB" = "MyShop" }
        """,
    )
    settings = config.settings_of("ip1-12345")
    assert settings.country_code == "47"
    assert settings.repeat_window_seconds == 60
    assert settings.repeat_mode is RepeatMode.WARN
    assert settings.senders == {"My Shop AB": "MyShop"}
    assert settings.forward_secret == "whsec_c2VjcmV0"
    assert config.settings_of(None).repeat_mode is RepeatMode.JOIN
    assert config.settings_of("IP1-12345") is settings


def test_the_status_tables_can_be_changed_cell_by_cell(tmp_path: Path) -> None:
    tables = load(
        tmp_path, '[status]\nmessage."202" = { soap = 52 }\nmessage."104".rest = "previous"'
    ).status_tables
    assert tables.message[UpstreamStatus(202)].soap == LegacyStatus(52)
    assert tables.message[UpstreamStatus(202)].rest == LegacyStatus(52)
    assert tables.message[UpstreamStatus(113)].soap == LegacyStatus(21)


def test_warnings_tell_what_works_only_in_part(tmp_path: Path) -> None:
    assert [warning.split()[0] for warning in load(tmp_path).warnings()] == ["public_url", "admin.listen"]
    quiet = load(tmp_path, SMSGW_PUBLIC_URL="https://sms.example.com", SMSGW_ADMIN__LISTEN="127.0.0.1:9090")
    assert quiet.warnings() == []


# ---- what is refused ---------------------------------------------------------------------------------------

BAD_CONFIGS = [
    ("[listen]\nprot = 1", "listen.prot: unknown key; did you mean listen.port?"),
    ("port = 1", "port: unknown key; did you mean listen.port?"),
    ("[lisen]\nport = 1", "lisen: unknown key; did you mean listen?"),
    ("[zzz]", "zzz: unknown key"),
    (
        '[accounts."ip1-1"]\ncontry_code = "46"',
        ("accounts.ip1-1.contry_code: unknown key; did you mean accounts.ip1-1.country_code?"),
    ),
    ('[listen]\nport = "8080"', 'listen.port: must be a whole number, not "8080"'),
    ("[listen]\nport = true", "listen.port: must be a whole number, not true"),
    ("[listen]\nport = 70000", "listen.port: must be at most 65535, not 70000"),
    ("[listen]\nport = 80.5", "listen.port: must be a whole number, not 80.5"),
    ("listen = 5", "listen: must be a table"),
    ('[metrics]\nenabled = "yes"', 'metrics.enabled: must be true or false, not "yes"'),
    ("[delivery]\npatience_seconds = 0", "delivery.patience_seconds: must be more than 0, not 0"),
    ("[delivery]\npatience_seconds = nan", "delivery.patience_seconds: must be a number, not NaN"),
    ('[log]\nformat = "xml"', 'log.format: must be "json" or "text", not "xml"'),
    ('[defaults]\nrepeat_mode = "x"', 'defaults.repeat_mode: must be "join" or "warn", not "x"'),
    ("[rest]\ncreated_status = 202", "rest.created_status: must be 201 or 200, not 202"),
    ('[defaults]\ncountry_code = "+46"', 'defaults.country_code: must match ^[1-9][0-9]{0,2}$, not "+46"'),
    (
        '[defaults.senders]\n"My Shop" = "å"',
        ("defaults.senders.My Shop: must be a number of at most 15 digits, or 3 to 11 letters and digits"),
    ),
    (
        '[defaults]\naspx_encoding = "utf8000"',
        ('defaults.aspx_encoding: must be an encoding such as "utf-8" or "windows-1252", not "utf8000"'),
    ),
    (
        '[defaults]\naspx_encoding = "hex"',
        ('defaults.aspx_encoding: must be an encoding such as "utf-8" or "windows-1252", not "hex"'),
    ),
    (
        '[defaults]\naspx_encoding = "idna"',
        ('defaults.aspx_encoding: must be an encoding such as "utf-8" or "windows-1252", not "idna"'),
    ),
    (
        '[listen]\ntrusted_proxies = ["10.0.0.0/99"]',
        "listen.trusted_proxies.0: must be a network, such as 10.0.0.0/8",
    ),
    ('[admin]\nlisten = "9090"', 'admin.listen: must be host:port, such as 127.0.0.1:9090, not "9090"'),
    (
        '[admin]\nlisten = "127.0.0.1:8080"',
        ("admin.listen: is the same port as listen.port; choose another or leave it out"),
    ),
    (
        'time_zone = "Europe/Stokholm"',
        ('time_zone: is not a known time zone; write one such as Europe/Stockholm, not "Europe/Stokholm"'),
    ),
    (
        'public_url = "http://sms.example.com"',
        ("public_url: must begin with https://, since delivery reports hold phone numbers"),
    ),
    (
        'public_url = "sms.example.com"',
        "public_url: must be a web address, such as https://sms.example.com",
    ),
    (
        '[upstream]\nbase_url = "http://10.0.0.1"',
        ("upstream.base_url: must begin with https://, or set upstream.allow_plain_http = true"),
    ),
    (
        '[upstream]\ncallback_secret = "short"',
        "upstream.callback_secret: must have at least 16 characters: letters, digits, - and _",
    ),
    (
        '[upstream]\ncallback_secret_file = "/does/not/exist"',
        ("upstream.callback_secret_file: /does/not/exist: cannot be read: No such file or directory"),
    ),
    ('store = "mysql://root:pw@db/x"', 'store: must be "sqlite" or a postgresql:// address'),
    (
        "[delivery]\nclaim_seconds = 59",
        "delivery.claim_seconds: must be at least twice upstream.total_timeout_seconds",
    ),
    (
        "[listen]\nworkers = 2",
        'listen.workers: more than one needs store = "postgresql://..."; SQLite serves one process',
    ),
    (
        'store = "postgresql://db/x"\n[listen]\nworkers = 2\nport = 0',
        "listen.port: several workers need the same port, so it must not be 0",
    ),
    ('[soap]\nwsdl = "/does/not/exist"', "soap.wsdl: there is no such file"),
    (
        "[mms]\nas_sms_link = true",
        "mms.as_sms_link: needs public_url, which is what the links to pictures begin with",
    ),
    (
        'public_url = "https://sms.example.com"\n[mms]\nas_sms_link = true\n[listen]\nmax_request_bytes = 2048',
        "mms.max_picture_bytes: must be at most three quarters of listen.max_request_bytes",
    ),
    ("[mms]\nkeep_hours = 0", "mms.keep_hours: must be more than 0, not 0"),
    ("[mms]\nmax_picture_bytes = 8000000", "mms.max_picture_bytes: must be at most 7000000, not 8000000"),
    ("[retention]\nkeep_rows_days = 5", "retention.keep_rows_days: must not be less than retention.keep_text_days"),
    ('[status]\nmessage."999".soap = 0', "status.message.999: there is no such row"),
    ('[status]\nmessage."202".soap = 7', "status.message.202.soap: 7 is not a legacy code"),
    (
        '[status]\nmessage."202".soap = "x"',
        ('status.message.202.soap: must be a legacy status code, or "previous" for the status before it'),
    ),
    (
        '[accounts."ip1-1"]\n[accounts."IP1-1"]',
        ("accounts: two ids differ only in capital letters, which do not count; keep one of them"),
    ),
]


@pytest.mark.parametrize(("toml", "problem"), BAD_CONFIGS)
def test_a_bad_key_is_told_in_one_line(toml: str, problem: str, tmp_path: Path) -> None:
    assert problems(tmp_path, toml) == [problem]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    assert problems(
        tmp_path,
        '[listen]\nport = 70000\nhots = "x"\n[admin]\nlisten = "localhost:1"\n[retention]\nkeep_rows_days = 5\n',
        SMSGW_LOG__LEVEL="loud",
        SMSGW_LOG__FROMAT="text",
    ) == [
        "SMSGW_LOG__FROMAT: unknown variable; did you mean SMSGW_LOG__FORMAT?",
        "listen.port: must be at most 65535, not 70000",
        "listen.hots: unknown key; did you mean listen.host?",
        'log.level (in SMSGW_LOG__LEVEL): must be "debug", "info", "warning" or "error", not "loud"',
        "retention.keep_rows_days: must not be less than retention.keep_text_days",
    ]


def test_no_secret_is_ever_quoted(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        'store = "mysql://root:hunter2@db"\n[upstream]\ncallback_secret = "hunter2"\n'
        '[defaults]\nforward_secret = "hunter2"\nreport_forward_url = "https://u:hunter2@example.com"',
    )
    assert len(told) == 4
    assert "hunter2" not in "\n".join(told)


def test_a_secret_set_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret-s3cret-s3cret\n")
    toml = f'[upstream]\ncallback_secret = "another-secret-"\ncallback_secret_file = "{tmp_path}/secret"'
    assert problems(tmp_path, toml)[0] == (
        "upstream.callback_secret: is set twice, here and in upstream.callback_secret_file; keep one"
    )


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"no such file; write one with: smsgw check-config --print-example"
    ):
        load_config(tmp_path / "smsgw.toml", {})


@pytest.mark.parametrize(("content", "told"), [(b"a = ", "is not TOML"), (b'a = "\xe5"', "is not UTF-8 text")])
def test_a_file_that_cannot_be_read_is_named(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "smsgw.toml").write_bytes(content)
    with pytest.raises(ConfigurationError, match=rf"smsgw\.toml: {told}"):
        load_config(tmp_path / "smsgw.toml", {})


def test_secrets_do_not_show_in_the_representation(tmp_path: Path) -> None:
    config = load(tmp_path, 'store = "postgresql://u:hunter2@db/x"\n[defaults]\nforward_secret = "aHVudGVyMg=="')
    assert "hunter2" not in repr(config)
    assert "aHVudGVyMg==" not in repr(config) + repr(config.settings_of(None))


# ---- the example, and tables that must agree --------------------------------------------------------------------


def test_every_key_is_described() -> None:
    assert [key.name for key in keys.all_keys() if not key.field.description] == []


def test_the_example_file_sets_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, render_example()) == Config()


def test_every_line_of_the_example_file_can_be_used(tmp_path: Path) -> None:
    lines = re.sub(r'^#(?=[a-z_"0-9.-]+ = |\[)', "", render_example(), flags=re.MULTILINE).splitlines()
    needs_a_real_file = ("callback_secret", "forward_secret", "wsdl")
    toml = "\n".join(line for line in lines if not line.startswith(needs_a_real_file))
    written = {key.name for key in keys.all_keys() if _is_set(tomllib.loads(toml), key.path)}
    assert {key.name for key in keys.all_keys()} - written == {
        "upstream.callback_secret", "upstream.callback_secret_file", "defaults.forward_secret", "soap.wsdl"
    }  # fmt: skip
    load(tmp_path, toml)


def _is_set(values: object, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(values, dict) or name not in values:
            return False
        values = values[name]
    return True


def test_account_sections_mirror_account_settings() -> None:
    built_in = dataclasses.asdict(AccountSettings())
    assert json.loads(AccountSection().model_dump_json()) == json.loads(json.dumps(built_in))


def test_delivery_keys_mirror_delivery_settings() -> None:
    built_in = dataclasses.asdict(DeliverySettings())
    del built_in["owner"]
    assert Delivery().model_dump() == built_in


def test_retention_keys_mirror_retention_settings() -> None:
    assert Retention().model_dump() == dataclasses.asdict(RetentionSettings())
