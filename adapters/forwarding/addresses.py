"""Which addresses a caller's own system may have.

A forward URL is configuration, but a name in it resolves to whatever its owner says at that moment. So the check
is made on the very address that is connected to, after resolving: a name that answers differently the second time
(DNS rebinding), a decimal or hexadecimal spelling of 127.0.0.1, an IPv4 address inside an IPv6 one change nothing.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from aiohttp.connector import AddrInfoType

_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052


class AddressForbidden(OSError):
    """The address is not one of the public Internet."""


def is_public(address: str) -> bool:
    """Whether an address is of the public Internet: not private, loopback, link-local, multicast or reserved."""
    parsed = _unwrap(ip_address(address))
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def _unwrap(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one leads to: mapped (RFC 4291), 6to4 (RFC 3056) or NAT64."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def open_public_socket(address: AddrInfoType) -> socket.socket:
    """A socket for one resolved address, or AddressForbidden."""
    family, kind, protocol, _, destination = address
    if not is_public(str(destination[0])):
        raise AddressForbidden("the address is private")
    return socket.socket(family=family, type=kind, proto=protocol)
