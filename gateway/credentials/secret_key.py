"""The gateway's own key: a copy of the store without it opens no token."""

import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.domain.errors import ConfigurationError

KEY_BYTES = 32
NONCE_BYTES = 12  # of AES-GCM, NIST SP 800-38D
FORMAT = b"\x01"  # the first byte of what is sealed


class NotSealedHere(Exception):
    """What was to be opened was sealed with another key, for another account, or is damaged."""


class SecretKey:
    """32 random bytes, and a key for each purpose derived from them."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError(f"a secret key has {KEY_BYTES} bytes")
        self._secret = secret
        self._sealing = AESGCM(self.derive("seal tokens"))
        self._fingerprints = self.derive("fingerprint tokens")

    @classmethod
    def load_or_create(cls, path: Path) -> "SecretKey":
        """The key in a file; where there is none, a new one, readable by its owner alone.

        Of several processes that start at once one makes it, and all get the same. Raises ConfigurationError.
        """
        try:
            if not path.exists():
                _create(path)
            return cls(path.read_bytes())
        except ValueError as error:
            hint = f"it must hold {KEY_BYTES} random bytes; restore it from your copy"
            raise ConfigurationError([f"{path}: is not a secret key: {hint}"]) from error
        except OSError as error:
            raise ConfigurationError([f"{path}: cannot be used: {error.strerror}"]) from error

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose; the same whenever it is asked for."""
        return hmac.digest(self._secret, b"smsgw " + purpose.encode(), "sha256")

    def seal(self, token: str, *, account_id: str) -> bytes:
        """Encrypt a token, bound to its account."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORMAT + nonce + self._sealing.encrypt(nonce, token.encode(), _bound_to(account_id))

    def unseal(self, sealed: bytes, *, account_id: str) -> str:
        """The token. Raises NotSealedHere."""
        if sealed[:1] != FORMAT:
            raise NotSealedHere
        nonce, encrypted = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._sealing.decrypt(nonce, encrypted, _bound_to(account_id)).decode()
        except (InvalidTag, ValueError) as error:
            raise NotSealedHere from error

    def fingerprint(self, token: str) -> bytes:
        """By which a token is found again without being stored; 32 bytes."""
        return hmac.digest(self._fingerprints, token.encode("utf-8", "surrogatepass"), "sha256")


def _bound_to(account_id: str) -> bytes:
    return account_id.casefold().encode()


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked, so that whoever finds the name finds all 32 bytes, and the first name wins.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
