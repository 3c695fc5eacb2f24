"""Addresses as an operator writes them: `host:port` to listen on, and web addresses to call."""

import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit

_ANY_HOST = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared, not listened on


class ListenAddress(NamedTuple):
    """Where a server listens."""

    host: str
    port: int


def parse_listen_address(written: str) -> ListenAddress:
    """Read `host:port`, `[::1]:port` or `:port`. Raises ValueError."""
    host, colon, port = written.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError("must be host:port, such as 127.0.0.1:9090")
    return ListenAddress(host.removeprefix("[").removesuffix("]") or "0.0.0.0", int(port))  # noqa: S104 - as written


def check_listen_address(written: str) -> str:
    """The address unchanged, if it can be listened on."""
    parse_listen_address(written)
    return written


def overlaps(one: ListenAddress, other: ListenAddress) -> bool:
    """Whether two servers would want the same socket."""
    same_host = one.host == other.host or one.host in _ANY_HOST or other.host in _ANY_HOST
    return one.port == other.port != 0 and same_host


def check_web_address(written: str) -> str:
    """The address without a slash at its end. Raises ValueError unless it is plain http(s)."""
    try:
        parts = urlsplit(written)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("must be a web address, such as https://sms.example.com")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password")
    return written.rstrip("/")


def is_safe_to_call(url: str) -> bool:
    """Whether what is sent there cannot be read on the way: https, or this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
