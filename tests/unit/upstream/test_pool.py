"""One request, one answer, over real sockets: what belongs to whom, what was written, and what was not."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from adapters.upstream.connection import Answer, AnswerLost
from adapters.upstream.pool import Pool
from adapters.upstream.settings import UpstreamSettings
from gateway.domain.errors import UpstreamUnavailable
from tests.raw_server import RawServer, answer, hang, hang_up, reset, run_raw_server, send_raw
from tests.unit.upstream.harness import NOW

POST = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
OK = answer("200 OK", b"[1]")


def raw(data: bytes) -> Any:
    """These bytes, and the connection stays open."""

    async def give(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return give


@asynccontextmanager
async def open_pool(server: RawServer, *, url: str | None = None, **changes: Any) -> AsyncIterator[Pool]:
    with closing(Pool(URL(url or server.url), UpstreamSettings(base_url=server.url, **changes))) as pool:
        yield pool


async def ask(pool: Pool, seconds: float = 20.0) -> Answer:
    return await pool.ask(POST, seconds=seconds)


# ---- what is an answer -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "status", "body"),
    [
        (b"HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\n[1]", 201, b"[1]"),
        (b"HTTP/1.1 201\r\nContent-Length: 3\r\n\r\n[1]", 201, b"[1]"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n2\r\n1]\r\n0\r\n\r\n", 200, b"[1]"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n0\r\nMd5: x\r\n\r\n", 200, b"[1]"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\n[1]", 201, b"[1]"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, b""),
        (b"HTTP/1.1 200 Sk\xf6nt\r\nX-Empty:\r\nContent-Length: 3\r\n\r\n[1]", 200, b"[1]"),
        (b"HTTP/1.1 200 OK\r\nUpgrade: h2\r\nContent-Length: 3\r\n\r\n[1]", 200, b"[1]"),
    ],
)
@given(cuts=st.lists(st.integers(1, 90), max_size=4))
async def test_an_answer_is_read_wherever_it_is_cut(data: bytes, status: int, body: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(data)]

    async def give(writer: asyncio.StreamWriter) -> None:
        for start, end in pairwise(places):
            writer.write(data[start:end])
            await asyncio.sleep(0)

    async with run_raw_server(give) as server, open_pool(server) as pool:
        first, second = await ask(pool), await ask(pool)
    assert (first.status, first.body) == (second.status, second.body) == (status, body)
    assert server.connections == 1


async def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    data = b"HTTP/1.0 502 Bad Gateway\r\n\r\n<html>no</html>"
    async with run_raw_server(send_raw(data), OK) as server, open_pool(server) as pool:
        assert (await ask(pool)).body == b"<html>no</html>"
        assert (await ask(pool)).body == b"[1]"
    assert server.connections == 2


async def test_headers_are_found_in_any_case_and_joined() -> None:
    given = answer("200 OK", b"", "link: <a>", "LINK: <b>")
    async with run_raw_server(given) as server, open_pool(server) as pool:
        got = await ask(pool)
    assert got.header(b"link") == "<a>, <b>"
    assert got.header(b"retry-after") is None


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n[1]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 2\r\n\r\n[1]",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_what_is_no_answer_is_a_lost_one(data: bytes) -> None:
    async with run_raw_server(raw(data), OK) as server, open_pool(server) as pool:
        with pytest.raises(AnswerLost):
            await ask(pool)
        assert (await ask(pool)).body == b"[1]"
    assert server.connections == 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 201 Crea",
        b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\n[1]",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: gzip\r\n\r\n[1]",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
async def test_an_answer_that_breaks_off_is_lost(data: bytes) -> None:
    async with run_raw_server(send_raw(data)) as server, open_pool(server) as pool:
        with pytest.raises(AnswerLost):
            await ask(pool)
    assert len(server.requests) == 1


async def test_of_an_answer_that_is_too_long_the_status_counts() -> None:
    endless = raw(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 5000)
    async with run_raw_server(endless, OK) as server, open_pool(server, max_answer_bytes=4096) as pool:
        got = await ask(pool)
        assert (got.status, got.body) == (401, None)
        assert (await ask(pool)).body == b"[1]"


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 ", b"HTTP/1.1 200 OK\r\nX: y\r\n" * 9])
async def test_a_head_that_does_not_end_is_not_read_for_ever(head: bytes) -> None:
    async with run_raw_server(raw(head + b"x" * 5000)) as server, open_pool(server, max_answer_bytes=4096) as pool:
        with pytest.raises(AnswerLost):
            await ask(pool)


# ---- whose answer it is ----------------------------------------------------------------------------------------


async def test_each_caller_gets_the_answer_to_his_own_request() -> None:
    async def give(writer: asyncio.StreamWriter) -> None:
        body = server.requests[-1].rpartition(b"\r\n\r\n")[2]
        await asyncio.sleep(0.001 * (int(body) % 5))
        await answer("200 OK", body)(writer)

    async def one(number: int) -> bytes | None:
        body = b"%03d" % number
        return (await pool.ask(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n" + body, seconds=20)).body

    async with run_raw_server(give) as server, open_pool(server, pool_size=8) as pool:
        assert await asyncio.gather(*map(one, range(200))) == [b"%03d" % number for number in range(200)]
    assert server.connections == 8


@pytest.mark.parametrize(
    "more", [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[bad]", b"HTTP/1.1 2", b"\r\nNOISE", b"[2]"]
)
async def test_what_comes_after_an_answer_is_no_answer_to_the_next_request(more: bytes) -> None:
    two = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]" + more)
    async with run_raw_server(two, answer("200 OK", b"[3]")) as server, open_pool(server) as pool:
        assert (await ask(pool)).body == b"[1]"
        assert (await ask(pool)).body == b"[3]"
    assert server.connections == 2


async def test_an_answer_that_nobody_asked_for_ends_its_connection() -> None:
    sent = asyncio.Event()

    async def late(writer: asyncio.StreamWriter) -> None:
        await OK(writer)
        await said.wait()
        writer.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        sent.set()

    said = asyncio.Event()
    async with run_raw_server(late, answer("200 OK", b"[3]")) as server, open_pool(server) as pool:
        assert (await ask(pool)).body == b"[1]"
        said.set()
        await sent.wait()
        await asyncio.sleep(0.05)
        assert (await ask(pool)).body == b"[3]"
    assert server.connections == 2


async def test_the_answer_to_a_request_that_was_given_up_reaches_nobody_else() -> None:
    may_answer = asyncio.Event()

    async def late(writer: asyncio.StreamWriter) -> None:
        await may_answer.wait()
        await answer("200 OK", b"[late]")(writer)

    async with run_raw_server(late, OK) as server, open_pool(server, pool_size=1) as pool:
        given_up = asyncio.create_task(ask(pool))
        await server.arrived.wait()
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        may_answer.set()
        assert (await ask(pool)).body == b"[1]"
    assert server.connections == 2


@pytest.mark.parametrize("last_words", ["Connection: close", "Proxy-Connection: x"])
async def test_a_connection_that_v2_closes_is_not_used_again(last_words: str) -> None:
    is_closed = last_words == "Connection: close"
    async with run_raw_server(answer("200 OK", b"[1]", last_words)) as server, open_pool(server) as pool:
        for _ in range(3):
            await ask(pool)
    assert server.connections == (3 if is_closed else 1)


async def test_a_connection_that_ended_while_nobody_used_it_costs_no_request() -> None:
    async with run_raw_server(OK) as server, open_pool(server) as pool:
        for _ in range(3):
            await ask(pool)
            await server.hang_up()
            await asyncio.sleep(0.05)
    assert (len(server.requests), server.connections) == (3, 3)


async def test_a_request_that_is_answered_before_it_was_written_ends_its_connection() -> None:
    connections = 0

    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        await answer("413 Content Too Large")(writer)

    server = await asyncio.start_server(early, "127.0.0.1", 0, limit=1024)
    port = server.sockets[0].getsockname()[1]
    size = 64 * 1024 * 1024
    settings = UpstreamSettings(base_url=f"http://127.0.0.1:{port}")
    async with server:
        with closing(Pool(URL(settings.base_url), settings)) as pool:
            for _ in range(2):
                request = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (size, b"x" * size)
                assert (await pool.ask(request, seconds=20)).status == 413
    assert connections == 2


# ---- what was written and what was not -------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [hang_up, reset])
async def test_a_request_that_was_written_is_never_written_again(fault: Any) -> None:
    async with run_raw_server(fault) as server, open_pool(server) as pool:
        with pytest.raises(AnswerLost):
            await ask(pool)
    assert len(server.requests) == 1


async def test_a_caller_waits_no_longer_than_he_said() -> None:
    async with run_raw_server(hang) as server, open_pool(server) as pool:
        with pytest.raises(AnswerLost, match="in time"):
            await ask(pool, seconds=0.1)
    assert len(server.requests) == 1


async def test_callers_beyond_the_pool_wait_for_a_place_and_get_it() -> None:
    async with run_raw_server(OK) as server, open_pool(server, pool_size=2) as pool:
        answers = await asyncio.gather(*(ask(pool) for _ in range(50)))
    assert [given.body for given in answers] == [b"[1]"] * 50
    assert server.connections == 2


async def test_a_place_is_free_again_after_every_kind_of_end() -> None:
    async with run_raw_server(hang_up, reset, hang, hang, OK) as server, open_pool(server, pool_size=1) as pool:
        for _ in range(3):
            with pytest.raises(AnswerLost):
                await ask(pool, seconds=0.5)
        server.arrived.clear()
        given_up = asyncio.create_task(ask(pool))
        await server.arrived.wait()
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        assert (await ask(pool)).body == b"[1]"


async def test_a_place_that_came_to_a_caller_who_was_leaving_is_free_again() -> None:
    async with run_raw_server(hang, OK) as server, open_pool(server, pool_size=1) as pool:
        first = asyncio.create_task(ask(pool))
        await server.arrived.wait()
        second = asyncio.create_task(ask(pool))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)  # the first has left his place to the second, who does not know yet
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        assert (await ask(pool)).body == b"[1]"


async def test_a_caller_who_gave_up_waiting_is_given_no_place() -> None:
    async with run_raw_server(hang, OK) as server, open_pool(server, pool_size=1) as pool:
        first = asyncio.create_task(ask(pool))
        await server.arrived.wait()
        with pytest.raises(UpstreamUnavailable):
            await ask(pool, seconds=0.1)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert (await ask(pool)).body == b"[1]"


async def test_a_place_is_free_again_when_v2_could_not_be_reached() -> None:
    async with run_raw_server(OK) as server:
        pass  # its port is closed now
    async with open_pool(server, pool_size=1) as pool:
        for _ in range(3):
            with pytest.raises(UpstreamUnavailable, match=r"^no connection to v2$"):
                await ask(pool)


async def test_a_name_with_several_addresses_is_reached_at_the_one_that_listens() -> None:
    async with run_raw_server(OK) as server, open_pool(server, url=f"http://localhost:{server.port}") as pool:
        answers = await asyncio.gather(*(ask(pool) for _ in range(20)))
    assert [given.body for given in answers] == [b"[1]"] * 20


async def test_leaving_the_pool_ends_what_is_still_open() -> None:
    async with run_raw_server(hang) as server:
        async with open_pool(server) as pool:
            waiting = asyncio.create_task(ask(pool))
            await server.arrived.wait()
        with pytest.raises(AnswerLost):
            await waiting


# ---- TLS -------------------------------------------------------------------------------------------------------


def make_certificate(folder: Path, name: str) -> Path:
    """A certificate for 127.0.0.1 or a name, signed by itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    place = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=3650))
        .not_valid_after(NOW + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([place]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem)
    )
    return path


@asynccontextmanager
async def run_tls_server(certificate: Path) -> AsyncIterator[RawServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with run_raw_server(OK, tls=context) as server:
        yield server


async def test_v2_is_asked_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with run_tls_server(certificate) as server, open_pool(server) as pool:
        assert (await ask(pool)).body == (await ask(pool)).body == b"[1]"
    assert server.connections == 1


@pytest.mark.parametrize(("named", "trusted"), [("127.0.0.1", False), ("elsewhere.example", True)])
async def test_a_server_that_cannot_prove_to_be_v2_is_told_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, trusted: bool
) -> None:
    certificate = make_certificate(tmp_path, named)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with run_tls_server(certificate) as server, open_pool(server) as pool:
        with pytest.raises(UpstreamUnavailable):
            await ask(pool)
    assert not server.requests
