"""How the gateway behaves on a connection, whoever is at the other end."""

import asyncio
import gzip
import resource
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import wire
from tests.system import System, running_system
from tests.wire import ASMX, ASPX, BASIC, REST, request, rest_call, soap_call

XML = ("Content-Type: text/xml; charset=utf-8", 'SOAPAction: ""')
JSON = ("Content-Type: application/json", BASIC)
FORM = ("Content-Type: application/x-www-form-urlencoded",)
POSTS = [
    pytest.param(ASMX, XML, soap_call(), id="soap"),
    pytest.param("/sendsms.aspx", FORM, f"{wire.QUERY}Hej".encode(), id="aspx"),
    pytest.param(REST, JSON, rest_call(), id="rest"),
]


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    async with running_system(tmp_path) as running:
        yield running


def is_id(body: bytes) -> bool:
    return body.isdigit() and int(body) > 1000


# ---- connections ---------------------------------------------------------------------------------------------


async def test_http_1_0_is_answered_and_closed(system: System) -> None:
    async with wire.connect(system.url) as connection:
        answer = await connection.ask(request(ASPX + "Hej", version="1.0"))
        assert is_id(answer.body)
        assert await connection.is_closed()


async def test_http_1_0_stays_open_where_it_asks_for_that(system: System) -> None:
    async with wire.connect(system.url) as connection:
        for text in ("one", "two"):
            answer = await connection.ask(request(ASPX + text, "Connection: keep-alive", version="1.0"))
            assert answer.headers["connection"].lower() == "keep-alive"
            assert is_id(answer.body)
    assert wire.texts(await system.received()) == ["one", "two"]


async def test_http_1_1_closes_where_it_is_told_to(system: System) -> None:
    async with wire.connect(system.url) as connection:
        assert is_id((await connection.ask(request(ASPX + "Hej", "Connection: close"))).body)
        assert await connection.is_closed()


async def test_pipelined_requests_are_answered_in_order(system: System) -> None:
    async with wire.connect(system.url) as connection:
        post = request(ASMX, *XML, method="POST", body=soap_call("two"))
        await connection.send(request(ASPX + "one") + post + request("/sendsms.aspx") + request(ASPX + "three"))
        answers = [await connection.read() for _ in range(4)]
    assert is_id(answers[0].body)
    assert b"<smsResult>" in answers[1].body
    assert answers[2].body == b"101"
    assert is_id(answers[3].body)
    assert wire.texts(await system.received()) == ["one", "two", "three"]


@pytest.mark.parametrize(("target", "headers", "body"), POSTS)
async def test_a_caller_that_waits_for_100_continue_gets_it(
    system: System, target: str, headers: tuple[str, ...], body: bytes
) -> None:
    # asmx-facts 2.40: every .NET Framework client
    head = request(target, *headers, "Expect: 100-continue", method="POST", body=body).removesuffix(body)
    async with wire.connect(system.url) as connection:
        assert (await connection.ask(head)).status == 100
        assert (await connection.ask(body)).status in (200, 201)


async def test_http_1_0_is_never_told_to_continue(system: System) -> None:
    body = soap_call()
    post = request(ASMX, *XML, "Expect: 100-continue", method="POST", version="1.0", body=body)
    assert (await wire.ask(system.url, post)).status == 200


@pytest.mark.parametrize("size", [1, 20])
async def test_a_request_may_come_in_small_pieces(system: System, size: int) -> None:
    sent = request(ASMX, *XML, method="POST", body=soap_call())
    answer = await wire.ask(system.url, *(sent[start : start + size] for start in range(0, len(sent), size)))
    assert b"<smsResult>" in answer.body


# ---- bodies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("target", "headers", "body"), POSTS)
async def test_chunked_bodies_are_read(system: System, target: str, headers: tuple[str, ...], body: bytes) -> None:
    sent = request(target, *headers, "Transfer-Encoding: chunked", method="POST", body=wire.chunked(body))
    assert (await wire.ask(system.url, sent)).status in (200, 201)
    assert wire.texts(await system.received()) == ["Hej"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize(("target", "headers", "body"), POSTS)
async def test_packed_bodies_are_read(
    system: System, target: str, headers: tuple[str, ...], body: bytes, encoding: str
) -> None:
    packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
    sent = request(target, *headers, f"Content-Encoding: {encoding}", method="POST", body=packed)
    assert (await wire.ask(system.url, sent)).status in (200, 201)
    assert wire.texts(await system.received()) == ["Hej"]


async def test_without_a_body_nothing_is_unpacked(system: System) -> None:
    assert is_id((await wire.ask(system.url, request(ASPX + "Hej", "Content-Encoding: gzip"))).body)


REFUSALS_OF_LARGE_BODIES = [
    pytest.param(ASMX, XML, 413, b"", id="soap"),
    pytest.param("/sendsms.aspx", FORM, 200, b"110", id="aspx"),
    pytest.param(REST, JSON, 413, b'{"Message":', id="rest"),
]


@pytest.mark.parametrize(("target", "headers", "status", "body"), REFUSALS_OF_LARGE_BODIES)
async def test_a_gzip_bomb_is_refused_and_costs_no_memory(
    system: System, target: str, headers: tuple[str, ...], status: int, body: bytes
) -> None:
    bomb = request(target, *headers, "Content-Encoding: gzip", method="POST", body=wire.gzip_bomb(100))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers = await asyncio.gather(*(wire.ask(system.url, bomb) for _ in range(4)))
    grown_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert {answer.status for answer in answers} == {status}
    assert all(answer.body.startswith(body) for answer in answers)
    assert grown_kilobytes < 60 * 1024  # of 400 MB


@pytest.mark.parametrize(("target", "headers", "status", "body"), REFUSALS_OF_LARGE_BODIES)
async def test_a_body_that_is_too_large_is_refused(
    system: System, target: str, headers: tuple[str, ...], status: int, body: bytes
) -> None:
    sent = request(target, *headers, method="POST", body=bytes(system.config.listen.max_request_bytes + 1))
    answer = await wire.ask(system.url, sent)
    assert answer.status == status
    assert answer.body.startswith(body)


BROKEN_BODIES = [
    pytest.param("Content-Encoding: gzip", b"this is no gzip", id="no_gzip"),
    pytest.param("Content-Encoding: gzip", gzip.compress(b"x" * 1000)[:-10], id="gzip_without_its_end"),
    pytest.param("Content-Encoding: br", b"unknown here", id="brotli"),
    pytest.param("Transfer-Encoding: chunked", b"3\r\nabc\r\nzz\r\n", id="no_chunk"),
]


@pytest.mark.parametrize(("header", "broken"), BROKEN_BODIES)
@pytest.mark.parametrize(
    ("target", "headers", "status", "body"),
    [
        pytest.param(ASMX, XML, 500, b"<?xml", id="soap"),
        pytest.param("/sendsms.aspx", FORM, 200, b"110", id="aspx"),
        pytest.param(REST, JSON, 400, b'{"Message":', id="rest"),
    ],
)
async def test_a_broken_body_is_the_callers_fault(
    system: System, target: str, headers: tuple[str, ...], status: int, body: bytes, header: str, broken: bytes
) -> None:
    with wire.logged() as stream:
        async with wire.connect(system.url) as connection:
            answer = await connection.ask(request(target, *headers, header, method="POST", body=broken))
            assert answer.status == status
            assert answer.body.startswith(body)
            if header.startswith("Transfer"):
                assert await connection.is_closed()  # after one answer, not two
    assert "call failed" not in stream.getvalue()
    assert "Unhandled" not in stream.getvalue()


async def test_a_body_that_breaks_later_is_noticed_at_once(system: System) -> None:
    async with wire.connect(system.url) as connection:
        await connection.send(request(ASMX, *XML, "Transfer-Encoding: chunked", method="POST") + b"3\r\nabc\r\n")
        await asyncio.sleep(0.05)
        assert (await connection.ask(b"zz\r\n")).status == 500
        assert await connection.is_closed()


async def test_a_broken_body_is_not_passed_through_as_if_it_were_whole(system: System) -> None:
    head = request("/v2/batches", "Transfer-Encoding: chunked", "Authorization: Bearer demo-token", method="POST")
    async with wire.connect(system.url) as connection:
        assert (await connection.ask(head + b"3\r\nabc\r\nzz\r\n")).status in (400, 502)
        assert await connection.is_closed()
    assert await system.received() == []


async def test_a_caller_that_hangs_up_within_its_body_is_no_failure_of_ours(system: System) -> None:
    with wire.logged() as stream:
        async with wire.connect(system.url) as connection:
            await connection.send(request(ASMX, *XML, method="POST", body=soap_call())[:-10])
            await asyncio.sleep(0.05)
        assert (await wire.ask(system.url, request("/sendsms.aspx"))).body == b"101"
    assert "call failed" not in stream.getvalue()
    assert await system.received() == []


# ---- answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [ASPX + "Hej", f"{ASMX}?wsdl", ASMX, "/api/sms/sent/1", "/healthz"])
async def test_no_answer_is_packed(system: System, target: str) -> None:
    # asmx-facts 2.42: it breaks some clients, and a server may always leave it
    answer = await wire.ask(system.url, request(target, "Accept-Encoding: gzip, deflate", BASIC))
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("target", [ASPX + "Hej", f"{ASMX}?wsdl", "/api/sms/sent/1", "/nowhere", "/healthz"])
async def test_the_server_header_names_no_library(system: System, target: str) -> None:
    answer = await wire.ask(system.url, request(target))
    assert answer.headers["server"] == "Sendsms-Gateway"


async def test_head_asks_and_sends_nothing(system: System) -> None:
    async with wire.connect(system.url) as connection:
        await connection.send(request(ASPX + "Hej", method="HEAD"))
        assert (await connection.read(head_only=True)).status == 200
        await connection.send(request(ASMX, method="HEAD"))
        assert (await connection.read(head_only=True)).status == 405  # asmx-facts 2.12
        await connection.send(request(REST, method="HEAD"))
        assert (await connection.read(head_only=True)).status == 405
    assert await system.received() == []


@pytest.mark.parametrize("target", [ASMX, "/sendsms.aspx", REST])
async def test_options_is_405_and_says_what_is_allowed(system: System, target: str) -> None:
    # asmx-facts 2.12
    answer = await wire.ask(system.url, request(target, method="OPTIONS"))
    assert answer.status == 405
    assert "POST" in answer.headers["allow"]


# ---- addresses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "http://web.smscom.se/sendsms.aspx?",
        "https://web.smscom.se//sendSms//sendsms.aspx?",
        "//sendsms.aspx?",
        "/SENDSMS/SendSMS.aspx/?",
    ],
)
async def test_an_address_may_be_absolute_or_have_slashes_to_spare(system: System, target: str) -> None:
    assert is_id((await wire.ask(system.url, request(f"{target}{wire.QUERY}Hej"))).body)


async def test_both_hosts_are_served_on_one_port(system: System) -> None:
    async with wire.connect(system.url) as connection:
        sms = await connection.ask(request(ASPX + "Hej", "Host: web.smscom.se"))
        post = request(REST, *JSON, "Host: api.ip1sms.com", method="POST", body=rest_call())
        rest = await connection.ask(post)
        passed = await connection.ask(
            request("/api/me", "Authorization: Bearer demo-token", "Host: api.ip1sms.com")
        )
    assert is_id(sms.body)
    assert rest.status == 201
    assert b"Balance" in passed.body


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        (request(f"{ASMX}?wsdl", "Host: web.smscom.se"), "http://web.smscom.se/sendsms/sendsms.asmx"),
        (request("http://a.se/sendsms/sendsms.asmx?wsdl", "Host: a.se"), "http://a.se/sendsms/sendsms.asmx"),
        (request(f"{ASMX}?wsdl", version="1.0"), "{url}/sendsms/sendsms.asmx"),
    ],
)
async def test_the_wsdl_names_the_address_that_was_asked(system: System, sent: bytes, address: str) -> None:
    answer = await wire.ask(system.url, sent)
    assert f'location="{address.format(url=system.url)}"'.encode() in answer.body


@pytest.mark.parametrize("query", ["?wsdl", "?disco", "", "?op=sms"])
async def test_a_host_that_is_no_text_is_no_failure(system: System, query: str) -> None:
    assert (await wire.ask(system.url, request(ASMX + query, "Host: \xf4.se"))).status == 200
