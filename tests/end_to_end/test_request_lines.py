"""Request lines that are long, raw or malformed: what comes back, and what does not get around."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import wire
from tests.system import System, running_system
from tests.transcripts import Answer
from tests.wire import ASPX, BASIC, QUERY, REST, request, rest_call

SECRET = "hunter2secret"


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    async with running_system(tmp_path) as running:
        yield running


# ---- raw lines are sent --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b"Hej p\xe5 dig", "Hej på dig"),
        ("Hej på dig, €".encode(), "Hej på dig, €"),
        (b"Hej%20p\xe5+dig", "Hej på dig"),
        (b"a  b HTTP/1.1 c", "a  b HTTP/1.1 c"),
    ],
)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_raw_blanks_and_letters_in_a_query_are_sent(
    system: System, written: bytes, text: str, version: str
) -> None:
    answer = await wire.ask(system.url, request(ASPX + written.decode("latin-1"), version=version))
    assert int(answer.body) > 1000
    assert wire.texts(await system.received()) == [text]


async def test_raw_lines_are_sent_all_through_a_connection_and_in_any_pieces(system: System) -> None:
    raw = request(ASPX + "Hej p\xe5 dig")
    post = request(REST, "Content-Type: application/json", BASIC, method="POST", body=rest_call("one"))
    sent = post + raw + raw
    async with wire.connect(system.url) as connection:
        await connection.send(*(sent[start : start + 5] for start in range(0, len(sent), 5)))
        assert [(await connection.read()).status for _ in range(3)] == [201, 200, 200]
    assert wire.texts(await system.received()) == ["one", "Hej på dig", "Hej på dig"]


async def test_a_request_line_of_64_kb_is_read(system: System) -> None:
    target = ASPX + "Hej" + "&x=" + "y" * (65_536 - len(ASPX) - len("Hej&x=GET  HTTP/1.1\r\n"))
    assert int((await wire.ask(system.url, request(target))).body) > 1000


async def test_a_header_of_60_kb_is_read(system: System) -> None:
    assert int((await wire.ask(system.url, request(ASPX + "Hej", f"Cookie: {'x' * 60_000}"))).body) > 1000


# ---- malformed ones are answered -----------------------------------------------------------------------------

ASPX_SAYS = Answer(status=200, headers={"content-type": "text/html; charset=utf-8"}, body=b"110")
ASMX_SAYS = Answer(status=400, headers={}, body=b"")
REST_SAYS = Answer(status=400, headers={"content-type": "application/json"}, body=b'{"Message":')
OTHERS_SAY = Answer(status=400, headers={"content-type": "text/plain; charset=utf-8"}, body=b"Bad Request\n")

DAMAGES = {
    "control_byte": "{path}?pass=hunter2secret&msg=\x01",
    "tab": "{path}?pass=hunter2secret&msg=a\tb",
    "delete": "{path}?pass=hunter2secret&msg=\x7f",
    "too_long": "{path}?pass=hunter2secret&msg=" + "x" * 200_000,
    "no_url": "http://[{path}?pass=hunter2secret",
    "blank_in_path": "{path} hunter2secret",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/sendsms.aspx", ASPX_SAYS),
        ("/SendSMS/SendSms.ASPX", ASPX_SAYS),
        ("/sendsms/sendsms.asmx", ASMX_SAYS),
        ("/api/sms/sent", REST_SAYS),
        ("/v2/batches", REST_SAYS),
        ("/", OTHERS_SAY),
    ],
)
async def test_a_malformed_line_is_answered_in_the_form_of_its_interface(
    system: System, path: str, expected: Answer, damage: str
) -> None:
    sent = request(DAMAGES[damage].format(path=path), f"Cookie: {SECRET}")
    with wire.logged() as stream:
        answer = await wire.ask(system.url, sent[: len(sent) // 2], sent[len(sent) // 2 :])
    assert answer.status == expected.status
    assert answer.body.startswith(expected.body)
    assert answer.headers.get("content-type", "").startswith(expected.headers.get("content-type", ""))
    assert answer.headers["server"] == "Sendsms-Gateway"
    assert SECRET not in repr(answer)
    assert SECRET not in stream.getvalue()
    assert "malformed request" in stream.getvalue()
    assert "where" not in stream.getvalue()  # a trace is for our own mistakes


@pytest.mark.parametrize(
    "sent",
    [
        request(ASPX + SECRET, f"Bad header {SECRET}"),
        request(ASPX + SECRET, f"Content-Length: {SECRET}"),
        request(ASPX + SECRET, f"Cookie: {'x' * 70_000}"),
        request(ASPX + SECRET, *(f"X-{number}: {SECRET}" for number in range(200))),
        request(ASPX + SECRET).replace(b"\r\n", b"\n"),
        request(ASPX + SECRET, method="get"),
        request(ASPX + SECRET, version="9.9"),
        request(ASPX + SECRET).replace(b"Host: gw\r\n", b""),
    ],
)
async def test_a_malformed_head_is_answered_with_110(system: System, sent: bytes) -> None:
    with wire.logged() as stream:
        answer = await wire.ask(system.url, sent)
    assert (answer.status, answer.body) == (200, b"110")
    assert SECRET not in stream.getvalue()
    assert await system.received() == []


async def test_the_code_for_a_malformed_line_is_the_configured_one(tmp_path: Path) -> None:
    more = "[status.send.missing_or_bad_parameter]\nsoap = 2\n"
    async with running_system(tmp_path, more=more) as system:
        assert (await wire.ask(system.url, request(f"/sendsms.aspx?{QUERY}\x01"))).body == b"2"


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"SSH-2.0-x\r\n\r\n", b"\x00" * 64]
)
async def test_other_protocols_are_refused(system: System, noise: bytes) -> None:
    assert (await wire.ask(system.url, noise)).status == 400


async def test_what_follows_a_malformed_line_does_not_change_its_answer(system: System) -> None:
    answer = await wire.ask(system.url, request(ASPX + "\x01") + request("/api/sms/sent", BASIC))
    assert (answer.status, answer.body) == (200, b"110")


async def test_a_connection_ends_with_a_malformed_line(system: System) -> None:
    async with wire.connect(system.url) as connection:
        await connection.send(request(ASPX + "Hej") + request(ASPX + "\x01") + request(ASPX + "Hej"))
        assert int((await connection.read()).body) > 1000
        assert (await connection.read()).body == b"110"
        assert await connection.is_closed()
    assert wire.texts(await system.received()) == ["Hej"]
