"""Who is calling, and with which v2 token his messages are sent. Start reading at `checker`."""

from gateway.credentials.accounts import build_account, open_token, replace_token
from gateway.credentials.caller import Caller, CredentialSettings, Mode
from gateway.credentials.checker import CredentialChecker
from gateway.credentials.secret_key import SecretKey

__all__ = [
    "Caller",
    "CredentialChecker",
    "CredentialSettings",
    "Mode",
    "SecretKey",
    "build_account",
    "open_token",
    "replace_token",
]
