"""X-Forwarded-Proto and X-Forwarded-Host."""

from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest
from aiohttp import ClientSession, web

from adapters.proxies import believe_proxies
from gateway.config.addresses import ListenAddress
from gateway.serving import listening

HERE = ip_network("127.0.0.0/8")
ELSEWHERE = ip_network("10.0.0.0/8")
FORWARDED = {"Host": "gw.internal", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "web.smscom.se"}


async def ask(headers: dict[str, str], *trusted: IPv4Network | IPv6Network) -> str:
    """The address that a handler sees, and the body it reads."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.scheme}://{request.host}{request.path} {await request.text()}")

    app = web.Application(middlewares=[believe_proxies(trusted)])
    app.router.add_post("/sendsms.aspx", answer)
    async with listening(web.AppRunner(app), ListenAddress("127.0.0.1", 0)) as port, ClientSession() as session:
        url = f"http://127.0.0.1:{port}/sendsms.aspx"
        async with session.post(url, headers=headers, data="hej") as answered:
            return await answered.text()


@pytest.mark.parametrize("trusted", [(HERE,), (ELSEWHERE, HERE)])
async def test_a_trusted_proxy_is_believed(trusted: tuple[IPv4Network, ...]) -> None:
    assert await ask(FORWARDED, *trusted) == "https://web.smscom.se/sendsms.aspx hej"


@pytest.mark.parametrize("trusted", [(), (ELSEWHERE,), (ip_network("::/0"),)])
async def test_nobody_else_is_believed(trusted: tuple[IPv4Network | IPv6Network, ...]) -> None:
    assert await ask(FORWARDED, *trusted) == "http://gw.internal/sendsms.aspx hej"


@pytest.mark.parametrize(
    ("headers", "seen"),
    [
        ({"X-Forwarded-Proto": "HTTPS"}, "https://gw.internal"),
        ({"X-Forwarded-Proto": "gopher"}, "http://gw.internal"),
        ({"X-Forwarded-Host": "web.smscom.se:8443, inner.example"}, "http://web.smscom.se:8443"),
        ({"X-Forwarded-Host": "[::1]:80"}, "http://[::1]:80"),
        ({"X-Forwarded-Host": "web.smscom.se/evil"}, "http://gw.internal"),
        ({"X-Forwarded-Host": "a@b"}, "http://gw.internal"),
        ({"X-Forwarded-Host": ""}, "http://gw.internal"),
        ({}, "http://gw.internal"),
    ],
)
async def test_what_makes_no_sense_is_not_believed(headers: dict[str, str], seen: str) -> None:
    assert (await ask({"Host": "gw.internal", **headers}, HERE)).startswith(f"{seen}/sendsms.aspx")
