"""The two ways to find out who is calling, without remembering who was right: that is the checker's."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from gateway.credentials.accounts import open_token, replace_token
from gateway.credentials.brake import Brake
from gateway.credentials.caller import Caller
from gateway.credentials.hashing import NOBODYS_HASH, KeyHasher
from gateway.credentials.recent import Recent
from gateway.credentials.secret_key import SecretKey
from gateway.domain.account import Account
from gateway.domain.errors import TokenRefused, WrongCredentials
from gateway.domain.sms import Credentials
from gateway.ports import Clock, Store, Upstream

TOKEN_REFUSED_SECONDS = 60.0  # so long v2 is not asked again about a token that it refused


class Verifier(Protocol):
    """Finds out who is calling."""

    async def verify(self, credentials: Credentials, digest: bytes) -> Caller:
        """The caller. `digest` stands for these very credentials. Raises WrongCredentials, GatewayOverloaded."""

    async def token_of(self, account_id: str) -> str:
        """The v2 token of an account whose messages are sent without its caller. Raises TokenRefused."""


def wrong_credentials() -> WrongCredentials:
    """The same words whatever was wrong: they tell nobody which accounts there are."""
    return WrongCredentials("the account id or the API key is wrong")


class StoredAccounts:
    """Accounts that the operator added; their API keys are known as argon2id hashes."""

    def __init__(
        self,
        *,
        store: Store,
        secret_key: SecretKey,
        read_secret: Callable[[str], str],
        hasher: KeyHasher,
        brake: Brake,
        wrong: Recent[str],
    ) -> None:
        self._store = store
        self._secret_key = secret_key
        self._read_secret = read_secret
        self._hasher = hasher
        self._brake = brake
        self._wrong = wrong

    async def verify(self, credentials: Credentials, digest: bytes) -> Caller:
        """See Verifier."""
        if credentials.account_id is None:
            return await self._verify_token(credentials.api_key)
        account = await find_account(self._store, credentials.account_id)
        expected = account.api_key_hash if account else NOBODYS_HASH
        if self._wrong.find(digest) == expected:  # the same wrong key again, and the account has not changed
            raise wrong_credentials()
        self._brake.take(credentials.account_id.casefold())
        if not await self._hasher.matches(expected, credentials.api_key) or account is None:
            self._wrong.keep(digest, expected)
            raise wrong_credentials()
        self._brake.give_back(credentials.account_id.casefold())
        return self._caller(account)

    async def _verify_token(self, token: str) -> Caller:
        account = await self._store.find_account_by_token(self._secret_key.fingerprint(token))
        if account is None:
            raise wrong_credentials()
        return self._caller(account)

    def _caller(self, account: Account) -> Caller:
        return Caller(account_id=account.account_id, token=self._open(account))

    def _open(self, account: Account) -> str:
        return open_token(account, secret_key=self._secret_key, read_secret=self._read_secret)

    async def token_of(self, account_id: str) -> str:
        """See Verifier."""
        account = await find_account(self._store, account_id)
        if account is None:
            raise TokenRefused(f"{account_id} is no account any more; add it with: smsgw accounts add")
        return self._open(account)


class TokenIsKey:
    """The API key that a caller sends is v2's token, so v2 is asked whose it is.

    Tokens that v2 knows are kept, sealed, in the store: messages that wait are sent with them after a restart.
    """

    def __init__(
        self,
        *,
        accounts: StoredAccounts,
        store: Store,
        secret_key: SecretKey,
        upstream: Upstream,
        clock: Clock,
        brake: Brake,
        refused: Recent[bool],
    ) -> None:
        self._accounts = accounts
        self._store = store
        self._secret_key = secret_key
        self._upstream = upstream
        self._clock = clock
        self._brake = brake
        self._refused = refused

    async def verify(self, credentials: Credentials, digest: bytes) -> Caller:
        """See Verifier. Raises the UpstreamErrors of `fetch_balance` too, where v2 cannot be asked."""
        claimed, token = credentials.account_id, credentials.api_key
        if self._refused.find(digest) or not (token.isascii() and token.isprintable()):
            raise wrong_credentials()
        tries_of = (claimed or "").casefold()
        self._brake.take(tries_of)
        owner = await self._owner_of(token)
        if owner is None or (claimed is not None and claimed.casefold() != owner.casefold()):
            self._refused.keep(digest, True)
            raise wrong_credentials()
        self._brake.give_back(tries_of)
        await self._keep_token(owner, token)
        return Caller(account_id=owner, token=token)

    async def _owner_of(self, token: str) -> str | None:
        try:
            balance = await self._upstream.fetch_balance(token=token)
        except TokenRefused:
            return None
        return balance.account_id

    async def _keep_token(self, account_id: str, token: str) -> None:
        known = await find_account(self._store, account_id)
        if known is None or known.token_fingerprint != self._secret_key.fingerprint(token):
            nameless = Account(account_id=account_id, api_key_hash="", created_at=self._clock.now())
            account = replace(known or nameless, token_file=None)
            await self._store.save_account(replace_token(account, token=token, secret_key=self._secret_key))

    async def token_of(self, account_id: str) -> str:
        """See Verifier."""
        return await self._accounts.token_of(account_id)


async def find_account(store: Store, account_id: str) -> Account | None:
    """The account of that id; None also for what no id looks like, so that no store has to digest it."""
    return await store.find_account(account_id) if account_id.isprintable() else None
