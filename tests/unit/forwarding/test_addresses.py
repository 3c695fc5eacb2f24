import socket

import pytest

from adapters.forwarding.addresses import AddressForbidden, is_public, open_public_socket


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.1",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%lo",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1",
        "2001:db8::1",
    ],
)
def test_what_is_not_of_the_public_internet_is_refused(address: str) -> None:
    assert not is_public(address)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(AddressForbidden):
        open_public_socket((family, socket.SOCK_STREAM, 0, "", (address, 80)))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "194.9.95.1", "2a00:1450:400f::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_what_is_of_the_public_internet_is_allowed(address: str) -> None:
    assert is_public(address)


def test_an_allowed_address_gets_its_socket() -> None:
    with open_public_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("8.8.8.8", 80))) as opened:
        assert opened.family is socket.AF_INET
