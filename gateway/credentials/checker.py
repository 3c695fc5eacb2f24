"""Checking credentials: slowly once, then in microseconds.

*Facts*: argon2id takes 19 ms, so two cores check about a hundred API keys a second (design.md). A success is
therefore remembered under a keyed BLAKE2 hash (RFC 7693), whose key lives in this process alone; wrong keys are
braked before they are hashed; callers that arrive together with the same credentials share one check.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable

from gateway.credentials.brake import Brake
from gateway.credentials.caller import Caller, CredentialSettings, Mode
from gateway.credentials.hashing import KeyHasher
from gateway.credentials.recent import Recent
from gateway.credentials.secret_key import SecretKey
from gateway.credentials.verifiers import (
    TOKEN_REFUSED_SECONDS,
    StoredAccounts,
    TokenIsKey,
    Verifier,
    wrong_credentials,
)
from gateway.domain.errors import OutcomeUnknown, RateLimited, UpstreamUnavailable, WrongCredentials
from gateway.domain.sms import Credentials
from gateway.ports import Clock, Store, Upstream

REMEMBERED = 20_000  # credentials, right and wrong ones apart
API_KEY_MAX_CHARACTERS = 1024
ACCOUNT_ID_MAX_CHARACTERS = 64
_V2_CANNOT_SAY = (UpstreamUnavailable, RateLimited, OutcomeUnknown)


class CredentialChecker:
    """Tells who is calling. `read_secret` gives the content of a token file; `monotonic` gives seconds."""

    def __init__(
        self,
        settings: CredentialSettings,
        *,
        store: Store,
        upstream: Upstream,
        secret_key: SecretKey,
        clock: Clock,
        read_secret: Callable[[str], str],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hasher = KeyHasher(threads=settings.hash_threads, max_waiting=settings.max_waiting_checks)
        brake = Brake(per_minute=settings.wrong_keys_per_minute, monotonic=monotonic)
        accounts = StoredAccounts(
            store=store,
            secret_key=secret_key,
            read_secret=read_secret,
            hasher=self._hasher,
            brake=brake,
            wrong=Recent(seconds=settings.cache_seconds, size=REMEMBERED, monotonic=monotonic),
        )
        self._verifier: Verifier = accounts
        if settings.mode is Mode.TOKEN_IS_KEY:
            self._verifier = TokenIsKey(
                accounts=accounts,
                store=store,
                secret_key=secret_key,
                upstream=upstream,
                clock=clock,
                brake=brake,
                refused=Recent(seconds=TOKEN_REFUSED_SECONDS, size=REMEMBERED, monotonic=monotonic),
            )
        self._callers = Recent[Caller](seconds=settings.cache_seconds, size=REMEMBERED, monotonic=monotonic)
        self._keyed_hash = hashlib.blake2b(key=secrets.token_bytes(32), digest_size=32)
        self._checks: dict[bytes, asyncio.Task[Caller]] = {}
        self._changes = 0

    async def authenticate(self, credentials: Credentials) -> Caller:
        """Who is calling.

        Raises WrongCredentials; GatewayOverloaded where his key cannot be looked at now; TokenRefused where it is
        right, but the gateway has no token for his account.
        """
        if not _could_be(credentials):
            raise wrong_credentials()
        digest = self._digest(credentials)
        return self._callers.find(digest) or await self._check_once(digest, credentials)

    async def token_of(self, account_id: str) -> str:
        """The v2 token of an account, for what is sent without its caller. Raises TokenRefused."""
        return await self._verifier.token_of(account_id)

    def forget(self, account_id: str) -> None:
        """The account was changed or removed: its callers are checked anew."""
        self._changes += 1
        self._callers.drop_where(lambda caller: caller.account_id.casefold() == account_id.casefold())

    def close(self) -> None:
        """Let go of the threads."""
        self._hasher.close()

    def _digest(self, credentials: Credentials) -> bytes:
        account_id = "" if credentials.account_id is None else f"of {credentials.account_id.casefold()}"
        written = f"{account_id}\0{credentials.api_key}".encode("utf-8", "surrogatepass")
        # An HMAC of OpenSSL's costs as much as a dozen of these, and lets go of the interpreter lock on the way.
        keyed_hash = self._keyed_hash.copy()
        keyed_hash.update(written)
        return keyed_hash.digest()

    async def _check_once(self, digest: bytes, credentials: Credentials) -> Caller:
        """Check, or wait for the check of the same credentials that another call has begun."""
        check = self._checks.get(digest)
        if check is None:
            check = asyncio.create_task(self._check(digest, credentials), name="check credentials")
            self._checks[digest] = check
            check.add_done_callback(lambda done: self._finish(digest, done))
        return await asyncio.shield(check)  # a caller that hangs up does not end it for the others

    def _finish(self, digest: bytes, check: asyncio.Task[Caller]) -> None:
        del self._checks[digest]
        if not check.cancelled():
            check.exception()  # whoever waited has it; asyncio need not complain that nobody did

    async def _check(self, digest: bytes, credentials: Credentials) -> Caller:
        changes = self._changes
        try:
            caller = await self._verifier.verify(credentials, digest)
        except WrongCredentials:
            self._callers.drop(digest)
            raise
        except _V2_CANNOT_SAY:
            known = self._callers.find_expired(digest)
            if known is None:
                raise
            return known  # he was right before, and v2's outage is not his fault
        if changes == self._changes:
            self._callers.keep(digest, caller)
        return caller


def _could_be(credentials: Credentials) -> bool:
    """Whether they are short enough to be looked at, and remembered, at all."""
    fits = len(credentials.account_id or "") <= ACCOUNT_ID_MAX_CHARACTERS
    return fits and len(credentials.api_key) <= API_KEY_MAX_CHARACTERS
