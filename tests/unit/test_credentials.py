"""Who is calling: right keys are fast, wrong ones are slow and braked, and nobody is told more than he knows."""

import asyncio
import dataclasses
import stat
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.store.sqlite import open_sqlite
from gateway.config.sections import CredentialsSection
from gateway.credentials import (
    Caller,
    CredentialChecker,
    CredentialSettings,
    Mode,
    SecretKey,
    build_account,
    replace_token,
)
from gateway.credentials.brake import Brake
from gateway.credentials.secret_key import NotSealedHere
from gateway.domain.account import Account
from gateway.domain.errors import (
    ConfigurationError,
    GatewayOverloaded,
    TokenRefused,
    UpstreamUnavailable,
    WrongCredentials,
)
from gateway.domain.sms import Credentials
from gateway.testing.clock import FixedClock
from gateway.testing.fake_upstream import FakeUpstream
from gateway.testing.memory_store import MemoryStore

KEY = SecretKey(bytes(range(32)))
RIGHT = Credentials(account_id="ip1-12345", api_key="demo-key")
WRONG = Credentials(account_id="ip1-12345", api_key="guess")
CALLER = Caller(account_id="ip1-12345", token="demo-token")


class Seconds:
    """A monotonic clock that stands until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def account(api_key: str = "demo-key", *, token: str = "demo-token", token_file: str | None = None) -> Account:
    return build_account(
        "ip1-12345",
        api_key=api_key,
        token=token,
        token_file=token_file,
        secret_key=KEY,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore()
    await store.save_account(account())
    return store


@pytest.fixture
def upstream() -> FakeUpstream:
    return FakeUpstream(clock=FixedClock(), tokens={"live-token": "ip1-777"})


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


Build = Callable[..., CredentialChecker]


@pytest.fixture
async def build(store: MemoryStore, upstream: FakeUpstream, seconds: Seconds) -> AsyncIterator[Build]:
    built = []

    def build(**settings: object) -> CredentialChecker:
        checker = CredentialChecker(
            CredentialSettings(**settings),  # type: ignore[arg-type]  # each test names real fields
            store=store,
            upstream=upstream,
            secret_key=KEY,
            clock=FixedClock(),
            read_secret=lambda path: Path(path).read_text(),
            monotonic=seconds,
        )
        built.append(checker)
        return checker

    yield build
    for checker in built:
        checker.close()


# ---- accounts ----------------------------------------------------------------------------------------------


async def test_the_right_key_names_the_caller(build: Build) -> None:
    assert await build().authenticate(RIGHT) == CALLER


async def test_account_ids_compare_without_case(build: Build) -> None:
    assert await build().authenticate(Credentials(account_id="IP1-12345", api_key="demo-key")) == CALLER


@pytest.mark.parametrize(
    "credentials",
    [
        WRONG,
        Credentials(account_id="ip1-12345", api_key="Demo-Key"),
        Credentials(account_id="ip1-12345", api_key=""),
        Credentials(account_id="ip1-99999", api_key="demo-key"),
        Credentials(account_id="", api_key="demo-key"),
        Credentials(account_id="ip1-12345\0", api_key="demo-key"),
        Credentials(account_id="\udce5", api_key="\udce5"),
        Credentials(account_id="i" * 5000, api_key="demo-key"),
        Credentials(account_id="ip1-12345", api_key="k" * 5000),
        Credentials(account_id=None, api_key="no-such-token"),
        Credentials(account_id=None, api_key="demo-key"),
    ],
    ids=repr,
)
async def test_anything_else_is_refused_in_the_same_words(credentials: Credentials, build: Build) -> None:
    with pytest.raises(WrongCredentials, match=r"^the account id or the API key is wrong$"):
        await build().authenticate(credentials)


@pytest.mark.parametrize("account_id", ["\udce5", "ip1-12345\0", "\x1b[31m"])
async def test_an_id_that_no_database_takes_is_refused_like_any_other(account_id: str, tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / "smsgw.db")
    checker = CredentialChecker(
        CredentialSettings(),
        store=store,
        upstream=FakeUpstream(clock=FixedClock(), tokens={}),
        secret_key=KEY,
        clock=FixedClock(),
        read_secret=str,
    )
    with pytest.raises(WrongCredentials):
        await checker.authenticate(Credentials(account_id=account_id, api_key="demo-key"))
    checker.close()
    await store.close()


async def test_what_is_too_long_is_refused_without_a_look(build: Build) -> None:
    checker = build(wrong_keys_per_minute=1)
    for number in range(3):
        with pytest.raises(WrongCredentials):
            await checker.authenticate(Credentials(account_id="ip1-12345", api_key=f"{number}" * 1025))
        with pytest.raises(WrongCredentials):
            await checker.authenticate(Credentials(account_id="i" * 65, api_key=f"{number}"))
    assert await checker.authenticate(RIGHT) == CALLER


async def test_a_bearer_token_alone_names_the_caller(build: Build) -> None:
    assert await build().authenticate(Credentials(account_id=None, api_key="demo-token")) == CALLER


async def test_a_success_is_remembered_for_its_time(build: Build, store: MemoryStore, seconds: Seconds) -> None:
    checker = build(cache_seconds=10)
    await checker.authenticate(RIGHT)
    await store.delete_account("ip1-12345")
    seconds.now += 9
    assert await checker.authenticate(RIGHT) == CALLER
    seconds.now += 2
    with pytest.raises(WrongCredentials):
        await checker.authenticate(RIGHT)


async def test_a_forgotten_account_is_checked_anew(build: Build, store: MemoryStore) -> None:
    checker = build()
    await checker.authenticate(RIGHT)
    await store.save_account(account("new-key"))
    checker.forget("IP1-12345")
    with pytest.raises(WrongCredentials):
        await checker.authenticate(RIGHT)
    await checker.authenticate(Credentials(account_id="ip1-12345", api_key="new-key"))


async def test_a_check_that_began_before_the_change_is_not_remembered(build: Build, store: MemoryStore) -> None:
    checker = build()
    check = asyncio.create_task(checker.authenticate(RIGHT))
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # it has read the account, and is hashing
    await store.delete_account("ip1-12345")
    checker.forget("ip1-12345")
    await check
    with pytest.raises(WrongCredentials):
        await checker.authenticate(RIGHT)


async def test_a_wrong_key_works_as_soon_as_it_is_right(build: Build, store: MemoryStore) -> None:
    checker = build()
    with pytest.raises(WrongCredentials):
        await checker.authenticate(WRONG)
    await store.save_account(account("guess"))
    assert await checker.authenticate(WRONG) == CALLER


async def test_guessing_is_braked_but_blames_nobody(build: Build, seconds: Seconds) -> None:
    checker = build(wrong_keys_per_minute=2)
    for guess in ("a", "b"):
        with pytest.raises(WrongCredentials):
            await checker.authenticate(Credentials(account_id="ip1-12345", api_key=guess))
    with pytest.raises(GatewayOverloaded):
        await checker.authenticate(RIGHT)
    seconds.now += 31
    assert await checker.authenticate(RIGHT) == CALLER


async def test_the_same_wrong_key_again_costs_nothing(build: Build) -> None:
    checker = build(wrong_keys_per_minute=2)
    for _ in range(20):
        with pytest.raises(WrongCredentials):
            await checker.authenticate(WRONG)
    assert await checker.authenticate(RIGHT) == CALLER


async def test_right_keys_use_up_no_tries(build: Build) -> None:
    checker = build(wrong_keys_per_minute=1)
    for _ in range(3):
        checker.forget("ip1-12345")
        assert await checker.authenticate(RIGHT) == CALLER


async def test_unknown_accounts_are_braked_like_known_ones(build: Build) -> None:
    checker = build(wrong_keys_per_minute=1)
    with pytest.raises(WrongCredentials):
        await checker.authenticate(Credentials(account_id="ip1-99999", api_key="a"))
    with pytest.raises(GatewayOverloaded):
        await checker.authenticate(Credentials(account_id="IP1-99999", api_key="b"))


async def test_callers_with_the_same_credentials_share_one_check(build: Build) -> None:
    checker = build(hash_threads=1, max_waiting_checks=0)  # a second check would be one too many
    assert await asyncio.gather(*[checker.authenticate(RIGHT) for _ in range(20)]) == [CALLER] * 20


async def test_a_caller_that_hangs_up_leaves_the_check_to_the_others(build: Build) -> None:
    checker = build()
    first = asyncio.create_task(checker.authenticate(RIGHT))
    second = asyncio.create_task(checker.authenticate(RIGHT))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == CALLER
    assert first.cancelled()


async def test_more_checks_than_may_wait_are_refused(build: Build) -> None:
    checker = build(hash_threads=1, max_waiting_checks=1)
    guesses = [Credentials(account_id=f"ip1-{number}", api_key="x") for number in range(5)]
    results = await asyncio.gather(*map(checker.authenticate, guesses), return_exceptions=True)
    assert (
        sorted(type(result).__name__ for result in results) == ["GatewayOverloaded"] * 3 + ["WrongCredentials"] * 2
    )
    with pytest.raises(WrongCredentials):
        await checker.authenticate(WRONG)


# ---- tokens ------------------------------------------------------------------------------------------------


async def test_a_token_is_read_from_its_file(build: Build, store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file")
    await store.save_account(account(token="from-file", token_file=str(tmp_path / "token")))
    assert (await build().authenticate(RIGHT)).token == "from-file"
    assert (await store.list_accounts())[0].token_sealed is None


@pytest.mark.parametrize(
    "changes",
    [
        {"token_sealed": None},
        {"token_sealed": b"\x02damaged"},
        {"token_sealed": b"\x01short"},
        {"token_sealed": SecretKey(bytes(32)).seal("demo-token", account_id="ip1-12345")},
        {"token_sealed": KEY.seal("demo-token", account_id="ip1-54321")},
        {"token_file": "/does/not/exist"},
    ],
)
async def test_a_token_that_cannot_be_read_is_not_the_callers_fault(
    changes: dict[str, object], build: Build, store: MemoryStore
) -> None:
    await store.save_account(dataclasses.replace(account(), **changes))  # type: ignore[arg-type]  # real fields
    with pytest.raises(TokenRefused, match="smsgw accounts set-token"):
        await build().authenticate(RIGHT)


async def test_the_token_of_an_account_needs_no_caller(build: Build, store: MemoryStore) -> None:
    checker = build()
    assert await checker.token_of("IP1-12345") == "demo-token"
    await store.save_account(replace_token(account(), token="renewed", secret_key=KEY))
    assert await checker.token_of("ip1-12345") == "renewed"
    with pytest.raises(TokenRefused, match="no account any more"):
        await checker.token_of("ip1-99999")


# ---- the key is the token ----------------------------------------------------------------------------------

LIVE = Credentials(account_id="IP1-777", api_key="live-token")
LIVE_CALLER = Caller(account_id="ip1-777", token="live-token")


@pytest.mark.parametrize("claimed", ["ip1-777", "IP1-777", None])
async def test_v2_says_whose_token_it_is(claimed: str | None, build: Build) -> None:
    checker = build(mode=Mode.TOKEN_IS_KEY)
    assert await checker.authenticate(Credentials(account_id=claimed, api_key="live-token")) == LIVE_CALLER


@pytest.mark.parametrize(
    ("claimed", "token"),
    [("ip1-778", "live-token"), ("ip1-777", "refused"), (None, "refused"), ("ip1-777", "å"), ("ip1-777", "a\nb")],
)
async def test_a_token_that_v2_refuses_or_of_another_account_is_refused(
    claimed: str | None, token: str, build: Build
) -> None:
    with pytest.raises(WrongCredentials, match=r"^the account id or the API key is wrong$"):
        await build(mode=Mode.TOKEN_IS_KEY).authenticate(Credentials(account_id=claimed, api_key=token))


async def test_v2_is_asked_once_for_each_token(build: Build, upstream: FakeUpstream) -> None:
    checker = build(mode=Mode.TOKEN_IS_KEY)
    wrong = Credentials(account_id="ip1-777", api_key="refused")
    await checker.authenticate(LIVE)
    with pytest.raises(WrongCredentials):
        await checker.authenticate(wrong)
    upstream.fail(UpstreamUnavailable("asked again"))
    assert await checker.authenticate(LIVE) == LIVE_CALLER
    with pytest.raises(WrongCredentials):
        await checker.authenticate(wrong)


async def test_v2s_outage_is_not_the_callers_fault(build: Build, upstream: FakeUpstream, seconds: Seconds) -> None:
    checker = build(mode=Mode.TOKEN_IS_KEY, cache_seconds=10)
    upstream.fail(UpstreamUnavailable("down"))
    with pytest.raises(UpstreamUnavailable):
        await checker.authenticate(LIVE)
    await checker.authenticate(LIVE)
    seconds.now += 100
    upstream.fail(UpstreamUnavailable("down"))
    assert await checker.authenticate(LIVE) == LIVE_CALLER


async def test_a_token_that_v2_took_back_stops_working(
    build: Build, upstream: FakeUpstream, seconds: Seconds
) -> None:
    checker = build(mode=Mode.TOKEN_IS_KEY, cache_seconds=10)
    await checker.authenticate(LIVE)
    seconds.now += 100
    upstream.fail(TokenRefused("revoked"))
    with pytest.raises(WrongCredentials):
        await checker.authenticate(LIVE)
    upstream.fail(UpstreamUnavailable("down"))
    with pytest.raises(WrongCredentials):
        await checker.authenticate(LIVE)


async def test_a_token_that_v2_knows_serves_what_waits_after_a_restart(build: Build, store: MemoryStore) -> None:
    await build(mode=Mode.TOKEN_IS_KEY).authenticate(LIVE)
    assert await build(mode=Mode.TOKEN_IS_KEY).token_of("ip1-777") == "live-token"
    stored = await store.find_account("ip1-777")
    assert stored is not None
    assert b"live-token" not in (stored.token_sealed or b"")


async def test_an_account_known_by_its_token_alone_has_no_api_key(build: Build) -> None:
    await build(mode=Mode.TOKEN_IS_KEY).authenticate(LIVE)
    for guess in ("", "live-token"):
        with pytest.raises(WrongCredentials):
            await build().authenticate(Credentials(account_id="ip1-777", api_key=guess))


# ---- the secret key ----------------------------------------------------------------------------------------


def test_a_new_secret_key_is_its_owners_alone_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret.key"
    first = SecretKey.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 32
    assert SecretKey.load_or_create(path).derive("x") == first.derive("x") != first.derive("y")
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


async def test_processes_that_start_at_once_get_the_same_secret_key(tmp_path: Path) -> None:
    load = [asyncio.to_thread(SecretKey.load_or_create, tmp_path / "secret.key") for _ in range(8)]
    assert len({key.derive("x") for key in await asyncio.gather(*load)}) == 1


def test_a_file_that_holds_no_secret_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(ConfigurationError, match="32 random bytes"):
        SecretKey.load_or_create(tmp_path / "secret.key")


def test_what_is_sealed_opens_for_its_own_account_alone() -> None:
    sealed = KEY.seal("demo-token", account_id="ip1-1")
    assert KEY.unseal(sealed, account_id="IP1-1") == "demo-token"
    assert b"demo-token" not in sealed
    assert KEY.seal("demo-token", account_id="ip1-1") != sealed
    with pytest.raises(NotSealedHere):
        KEY.unseal(sealed, account_id="ip1-2")


# ---- small parts -------------------------------------------------------------------------------------------


def test_the_brake_forgets_accounts_rather_than_growing(seconds: Seconds) -> None:
    brake = Brake(per_minute=1, monotonic=seconds)
    for number in range(10_001):
        brake.take(f"ip1-{number}")
    brake.take("ip1-0")  # the oldest was forgotten
    with pytest.raises(GatewayOverloaded):
        brake.take("ip1-10000")


def test_secrets_do_not_show_in_representations() -> None:
    shown = repr([account(), CALLER, RIGHT, WRONG, KEY])
    assert not any(secret in shown for secret in ("demo-token", "demo-key", "guess", "argon2"))


def test_credential_keys_mirror_credential_settings() -> None:
    section = CredentialsSection().model_dump(exclude={"secret_key_file"})
    assert section == dataclasses.asdict(CredentialSettings())
