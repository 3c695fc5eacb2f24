"""What one's own proxies say of a caller's request: believed where it is they who say it."""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_REMEMBERED_PEERS = 1024
_SCHEMES = frozenset({"http", "https"})
_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")


def believe_proxies(trusted: Sequence[IPv4Network | IPv6Network]) -> Middleware:
    """Scheme and host of a request as X-Forwarded-Proto and -Host say, where its TCP peer is in a trusted network.

    Anyone else could write these headers too, and have a WSDL name an address of his own.
    """

    @lru_cache(_REMEMBERED_PEERS)
    def is_trusted(peer: str | None) -> bool:
        return _comes_from(peer, trusted)

    @web.middleware
    async def believe(request: web.Request, handler: Handler) -> web.StreamResponse:
        if is_trusted(request.remote):
            request = _as_forwarded(request)
        return await handler(request)

    return believe


def _comes_from(peer: str | None, trusted: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        address = ip_address(peer or "")
    except ValueError:
        return False
    return any(address in network for network in trusted)


def _as_forwarded(request: web.Request) -> web.Request:
    said: dict[str, Any] = {}
    scheme = _first(request.headers.get("X-Forwarded-Proto")).lower()
    host = _first(request.headers.get("X-Forwarded-Host"))
    if scheme in _SCHEMES:
        said["scheme"] = scheme
    if _HOST.fullmatch(host):
        said["host"] = host
    return request.clone(**said) if said else request


def _first(header: str | None) -> str:
    """The entry nearest to the caller: proxies behind proxies append theirs."""
    return (header or "").partition(",")[0].strip()
