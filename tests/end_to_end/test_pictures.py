"""An MMS of an old program, all the way: the text with a link at v2, the picture behind the link, and its end."""

import asyncio
import base64
import json
import os
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zeep

from tests import wire
from tests.system import ACCOUNT, API_KEY, System, running_system
from tests.wire import request

PIXEL = base64.b64decode("R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
JPEG = b"\xff\xd8\xff\xe0" + bytes(1000)
LINKED = "[mms]\nas_sms_link = true\nmax_picture_bytes = 4096\n"
MMS = "/mms/mms.asmx"
KEPT_FOR = timedelta(hours=72)


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    async with running_system(tmp_path, more=LINKED) as running:
        yield running


def encoded(picture: bytes) -> str:
    return base64.encodebytes(picture).decode()


def call(*parameters: tuple[str, str], operation: str = "mms", **changes: str) -> str:
    """An envelope as a program writes it by hand; `parameters` come after the usual ones."""
    usual = {
        "konto": ACCOUNT,
        "passwd": API_KEY,
        "till": "46701234567",
        "from": "iP1",
        "meddelande": "Hej",
        "prio": "1",
    }
    children = "".join(f"<{name}>{value}</{name}>" for name, value in [*(usual | changes).items(), *parameters])
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Body>'
        f'<{operation} xmlns="urn:old">{children}</{operation}></s:Body></s:Envelope>'
    )


async def post(system: System, envelope: str) -> str:
    """The result."""
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
    async with system.session.post(system.url + MMS, data=envelope, headers=headers) as answer:
        text = await answer.text()
        assert answer.status == 200, text
    return text.partition("Result>")[2].partition("<")[0]


async def sent_lines(system: System) -> list[str]:
    """The lines of the newest text that v2 received."""
    lines: list[str] = (await system.received())[-1]["body"].split("\n")
    return lines


async def show(system: System, link: str) -> tuple[int, str | None, bytes]:
    async with system.session.get(link) as answer:
        return answer.status, answer.headers.get("Content-Type"), await answer.read()


def age(system: System, by: timedelta) -> None:
    """Make every picture that much older."""
    kept_at = (datetime.now(UTC) - by).timestamp()
    for path in system.config.pictures_path.iterdir():
        os.utime(path, (kept_at, kept_at))


# ---- sending -----------------------------------------------------------------------------------------------


async def test_the_text_goes_out_with_a_link_that_shows_the_picture(system: System) -> None:
    sms_id = await post(system, call(("bild", encoded(PIXEL)), amne="Hälsning"))
    assert int(sms_id) > 1000
    subject, text, link = await sent_lines(system)
    assert (subject, text) == ("Hälsning", "Hej")
    assert link.startswith(f"{system.url}/p/")
    assert await show(system, link) == (200, "image/gif", PIXEL)


async def test_several_pictures_are_several_links(system: System) -> None:
    items = f"<base64Binary>{encoded(PNG)}</base64Binary><base64Binary>{encoded(JPEG)}</base64Binary>"
    await post(system, call(("bild", items), ("Bild2", encoded(PIXEL))))
    links = (await sent_lines(system))[1:]
    assert [(await show(system, link))[1:] for link in links] == [
        ("image/png", PNG),
        ("image/jpeg", JPEG),
        ("image/gif", PIXEL),
    ]


async def test_a_picture_that_says_its_type_arrives_unchanged(system: System) -> None:
    # SOAP::Lite types every value (asmx-facts 2.59).
    typed = call(("bild", encoded(PNG))).replace("<bild>", '<bild xsi:type="xsd:base64Binary">')
    await post(system, typed)
    assert (await show(system, (await sent_lines(system))[1]))[2] == PNG


async def test_a_program_made_from_the_wsdl_sends_bytes(system: System) -> None:
    client = await asyncio.to_thread(zeep.Client, f"{system.url}{MMS}?wsdl")
    arguments = {"konto": ACCOUNT, "passwd": API_KEY, "till": "46701234567", "from": "iP1", "bild": PNG}
    result = await asyncio.to_thread(lambda: client.service.mms(**arguments))
    assert int(result) > 1000
    (link,) = await sent_lines(system)
    assert (await show(system, link))[2] == PNG


@pytest.mark.parametrize("version", ["SOAP_1_1", "SOAP_1_2"])
async def test_php_sends_bytes(system: System, version: str, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(PNG)
    result = await run_php(
        f"$client = new SoapClient('{system.url}{MMS}?wsdl', ['cache_wsdl' => WSDL_CACHE_NONE, "
        f"'soap_version' => {version}]); $result = $client->mms(['konto' => '{ACCOUNT}', 'passwd' => '{API_KEY}', "
        f"'till' => '46701234567', 'from' => 'iP1', 'meddelande' => 'Hej på dig', "
        f"'bild' => file_get_contents('{picture}')])->mmsResult"
    )
    assert int(result) > 1000
    text, link = await sent_lines(system)
    assert text == "Hej på dig"
    assert (await show(system, link))[2] == PNG


async def run_php(code: str) -> Any:
    """What the code leaves in `$result`."""
    php = shutil.which("php")
    assert php is not None, "the tests need PHP with its SOAP extension"
    process = await asyncio.create_subprocess_exec(
        php, "-r", f"{code}; echo json_encode($result);", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output
    return json.loads(output)


async def test_names_can_be_the_operators_own(tmp_path: Path) -> None:
    more = (
        f"{LINKED}[soap]\n"
        'operation_names = { mms = "skickaMms" }\nparameter_names = { attachment = "bild", nyckelkod = "passwd" }\n'
    )
    async with running_system(tmp_path, more=more) as system:
        await post(system, call(("attachment", encoded(PIXEL)), operation="SkickaMms"))
        assert (await show(system, (await sent_lines(system))[1]))[2] == PIXEL


# ---- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        pytest.param(call(), "110", id="no picture"),
        pytest.param(call(("bild", "")), "110", id="empty picture"),
        pytest.param(call(("bild", "not base64!")), "110", id="not base64"),
        pytest.param(call(("bild", "åäö")), "110", id="not ASCII"),
        pytest.param(call(("bild", encoded(b"<svg xmlns='http://www.w3.org/2000/svg'/>"))), "110", id="svg"),
        pytest.param(call(("bild", encoded(PIXEL)), ("bild2", encoded(b"%PDF"))), "110", id="one of two is none"),
        pytest.param(call(("bild", encoded(PNG.ljust(4097)))), "110", id="too large"),
        pytest.param(call(("bild", encoded(PIXEL)), passwd="wrong"), "101", id="wrong key"),
        pytest.param(call(("bild", encoded(PIXEL)), meddelande="x" * 1990), "2", id="too long with the link"),
        pytest.param(call(("bild", encoded(PIXEL)), till="x"), "3", id="no number"),
    ],
)
async def test_what_cannot_be_sent_gets_a_code_and_leaves_no_picture(
    system: System, envelope: str, code: str
) -> None:
    assert await post(system, envelope) == code
    assert await system.received() == []
    assert not system.config.pictures_path.exists()


async def test_every_call_is_a_fault_unless_switched_on(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system:
        headers = {"Content-Type": "text/xml", "SOAPAction": '""'}
        body = call(("bild", encoded(PIXEL)))
        async with system.session.post(system.url + MMS, data=body, headers=headers) as answer:
            assert answer.status == 500
            assert "MMS cannot be sent any more" in await answer.text()
        assert await system.received() == []
        assert not system.config.pictures_path.exists()


# ---- showing -----------------------------------------------------------------------------------------------


async def send_one(system: System) -> str:
    """The link to PIXEL."""
    await post(system, call(("bild", encoded(PIXEL))))
    return (await sent_lines(system))[1]


async def test_a_browser_can_make_nothing_else_of_it(system: System) -> None:
    link = await send_one(system)
    async with system.session.get(link) as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_head_says_the_same_without_the_picture(system: System) -> None:
    link = await send_one(system)
    async with system.session.head(link) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/gif")
        assert answer.headers["Content-Length"] == str(len(PIXEL))
        assert await answer.read() == b""


async def test_after_its_time_it_is_gone(system: System) -> None:
    link = await send_one(system)
    age(system, KEPT_FOR - timedelta(minutes=5))
    assert (await show(system, link))[0] == 200
    age(system, KEPT_FOR)
    assert (await show(system, link))[0] == 404


async def test_it_is_erased_where_nobody_looks(tmp_path: Path) -> None:
    async with running_system(tmp_path, more=LINKED) as system:
        await send_one(system)
        age(system, KEPT_FOR)
    async with running_system(tmp_path) as system, asyncio.timeout(30):  # the switch may be off by then
        while list(system.config.pictures_path.iterdir()):
            await asyncio.sleep(0.02)


async def test_a_link_outlives_a_restart_and_the_switch(tmp_path: Path) -> None:
    async with running_system(tmp_path, more=LINKED) as system:
        link = await send_one(system)
    async with running_system(tmp_path) as system:
        assert (await show(system, system.url + link[link.index("/p/") :]))[2] == PIXEL


@pytest.mark.parametrize(
    "path",
    [
        "/p",
        "/p/",
        "/p/aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "/p/..",
        "/p/../smsgw.db",
        "/p/..%2fsmsgw.db",
        "/p/%2e%2e%2fsmsgw.db",
        "/p/%2e%2e/smsgw.db",
        "/p/..%5csecret.key",
        "/p/%2fetc%2fpasswd",
        "//p//",
        "/pictures/",
        "/p/%00",
    ],
)
async def test_nothing_else_is_shown(system: System, path: str) -> None:
    await send_one(system)
    async with wire.connect(system.url) as connection:
        answer = await connection.ask(request(path))
    assert answer.status == 404
    assert answer.body in (b"404: Not Found", b"There is no such picture, or no longer.")
