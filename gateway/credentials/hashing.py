"""API keys as argon2id hashes: slow on purpose, so in threads of their own, few at a time, with a bounded queue."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import argon2

from gateway.domain.errors import GatewayOverloaded

# OWASP's second choice of parameters: 19 MiB, two passes, one lane. 19 ms here (design.md).
_ARGON2 = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# The hash of bytes that nobody kept: checking a key of an unknown account takes as long as a wrong one of a known.
NOBODYS_HASH = "$argon2id$v=19$m=19456,t=2,p=1$PDKYT/abvmIRPKAwLK/oiA$dzJdAEEX5HNL6iTpAARtGveVhlNqRt4lfyOVfeWj/+g"


def hash_api_key(api_key: str) -> str:
    """The string that `Account.api_key_hash` holds."""
    return _ARGON2.hash(_bytes_of(api_key))


def matches(api_key_hash: str, api_key: str) -> bool:
    """Whether it is the hash of that key; no key matches a string that is no hash."""
    try:
        return _ARGON2.verify(api_key_hash, _bytes_of(api_key))
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def _bytes_of(api_key: str) -> bytes:
    return api_key.encode("utf-8", "surrogatepass")  # callers send any bytes; some decode to no character


class KeyHasher:
    """Compares API keys with hashes in `threads` threads, with at most `max_waiting` comparisons waiting."""

    def __init__(self, *, threads: int, max_waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="api-key")
        self._room = threads + max_waiting

    async def matches(self, api_key_hash: str, api_key: str) -> bool:
        """Whether it is the hash of that key. Raises GatewayOverloaded, at once, where too many wait."""
        if self._room == 0:
            raise GatewayOverloaded("too many API keys are being checked; try again in a moment")
        self._room -= 1
        comparison = asyncio.get_running_loop().run_in_executor(self._pool, matches, api_key_hash, api_key)
        comparison.add_done_callback(self._leave)
        return await comparison

    def _leave(self, _: object) -> None:
        self._room += 1

    def close(self) -> None:
        """End the threads; what waits is given up."""
        self._pool.shutdown(wait=False, cancel_futures=True)
