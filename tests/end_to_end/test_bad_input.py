"""What is no proper call, sent to a gateway process: each interface answers in its form, and nothing goes out."""

import base64
import json
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.processes import PATIENCE_SECONDS, ProcessSystem, running_processes
from tests.system import ACCOUNT, API_KEY

SOAP, ASPX, REST = "/sendsms/sendsms.asmx", "/sendsms.aspx", "/api/sms/send"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
XML = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"http://tempuri.org/sms"'}
BASIC = {"Authorization": f"Basic {base64.b64encode(f'{ACCOUNT}:{API_KEY}'.encode()).decode()}"}
JSON = {**BASIC, "Content-Type": "application/json"}
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><sms xmlns="http://tempuri.org/">'
    "{}</sms></s:Body></s:Envelope>"
)
CREDENTIALS = f"<konto>{ACCOUNT}</konto><passwd>{API_KEY}</passwd>"
QUERY = f"acc={ACCOUNT}&pass={API_KEY}&to=46712345678&from=iP1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    content_type: str | None
    body: str


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessSystem]:
    with running_processes(tmp_path_factory.mktemp("system")) as system:
        yield system


@pytest.fixture
def system(running: ProcessSystem) -> Iterator[ProcessSystem]:
    yield running
    assert running.received() == []
    assert "call failed" not in re.sub("upstream call failed", "", running.gateway.printed())


def ask(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    try:
        with urlopen(Request(url, body, dict(headers or {})), timeout=PATIENCE_SECONDS) as answer:
            return Answer(
                status=answer.status, content_type=answer.headers["Content-Type"], body=answer.read().decode()
            )
    except HTTPError as error:
        return Answer(status=error.code, content_type=error.headers["Content-Type"], body=error.read().decode())


def is_refusal(answer: Answer, status: int) -> bool:
    """Whether REST says why, where its clients look."""
    return (
        answer.status == status
        and answer.content_type == "application/json; charset=utf-8"
        and isinstance(json.loads(answer.body)["Message"], str)
    )


# ---- SOAP ----------------------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
BROKEN_XML = {
    "empty": "",
    "no XML": "konto=ip1-12345",
    "cut off": ENVELOPE[:100],
    "nested deeply": "<a>" * 200_000,
    "nested deeply in a value": ENVELOPE.format("<till>" + "<a>" * 1000 + "</a>" * 1000 + "</till>"),
    "entities that multiply": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]>' + ENVELOPE.format("<till>&l9;</till>"),
    "a file": '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + ENVELOPE.format("<till>&f;</till>"),
    "an outer DTD": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">' + ENVELOPE.format(CREDENTIALS),
    "an unknown entity": ENVELOPE.format("<till>&nowhere;</till>"),
}


@pytest.mark.parametrize("written", BROKEN_XML.values(), ids=BROKEN_XML)
def test_broken_xml_is_400_without_a_body(written: str, system: ProcessSystem) -> None:
    # asmx-facts 2.25
    answer = ask(system.url + SOAP, written.encode(), XML)
    assert answer == Answer(status=400, content_type=None, body="")


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "multipart/form-data"])
def test_a_soap_call_of_another_type_is_415_without_a_body(content_type: str, system: ProcessSystem) -> None:
    # asmx-facts 2.26
    call = ENVELOPE.format(CREDENTIALS).encode()
    answer = ask(system.url + SOAP, call, {**XML, "Content-Type": content_type})
    assert answer == Answer(status=415, content_type=None, body="")


# ---- REST ----------------------------------------------------------------------------------------------------

BROKEN_JSON = {
    "empty": b"",
    "cut off": b'{"From": "iP1"',
    "an array": b"[]",
    "a number": b"1",
    "null": b"null",
    "a string": b'"iP1"',
    "no UTF-8": b'{"Message": "\xe5"}',
    "arrays nested deeply": b"[" * 200_000,
    "objects nested deeply": b'{"Parameters":' * 200_000,
    "numbers in an object": b'{"Numbers": {"a": 1}, "From": "iP1", "Message": "Hej"}',
    "a number that is no string": b'{"Numbers": [[]], "From": "iP1", "Message": "Hej"}',
    "a huge number": b'{"Prio": 1' + b"0" * 100_000 + b"}",
}


@pytest.mark.parametrize("written", BROKEN_JSON.values(), ids=BROKEN_JSON)
def test_broken_json_is_400_and_says_why(written: bytes, system: ProcessSystem) -> None:
    assert is_refusal(ask(system.url + REST, written, JSON), 400)


def test_what_is_not_json_is_415_and_says_why(system: ProcessSystem) -> None:
    assert is_refusal(ask(system.url + REST, b"{}", {**BASIC, "Content-Type": "text/plain"}), 415)


# ---- ASPX ----------------------------------------------------------------------------------------------------

BROKEN_QUERIES = {
    "no parameter": ("", "101"),
    "no text": (QUERY, "110"),
    "an empty text": (f"{QUERY}&msg=", "2"),
    "no number": (f"{QUERY.replace('46712345678', '')}&msg=Hej", "110"),
    "something else for a number": (f"{QUERY.replace('46712345678', 'hej')}&msg=Hej", "3"),
    "a sender that is too long": (f"{QUERY}12345678901234567&msg=Hej", "110"),
    "a text that is too long": (f"{QUERY}&msg={'x' * 2001}", "2"),
}


@pytest.mark.parametrize(("query", "code"), BROKEN_QUERIES.values(), ids=BROKEN_QUERIES)
def test_a_broken_query_is_answered_with_a_code_alone(query: str, code: str, system: ProcessSystem) -> None:
    answer = ask(f"{system.url}{ASPX}?{query}")
    assert answer == Answer(status=200, content_type="text/html; charset=utf-8", body=code)


# ---- all of them ---------------------------------------------------------------------------------------------

FIVE_MEGABYTES = b"x" * 5_000_000


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        (SOAP, XML, ENVELOPE.format(f"{CREDENTIALS}<meddelande>").encode() + FIVE_MEGABYTES, 413),
        (ASPX, FORM, f"{QUERY}&msg=".encode() + FIVE_MEGABYTES, 200),
        (REST, JSON, b'{"From": "iP1", "Message": "' + FIVE_MEGABYTES + b'"}', 413),
    ],
    ids=["soap", "aspx", "rest"],
)
def test_bodies_of_five_megabytes_are_refused_and_leave_nothing_behind(
    path: str, headers: Mapping[str, str], body: bytes, status: int, system: ProcessSystem
) -> None:
    answers = [ask(system.url + path, body, headers) for _ in range(5)]
    before = read_resident_megabytes(system)
    answers += [ask(system.url + path, body, headers) for _ in range(50)]
    assert {answer.status for answer in answers} == {status}
    if path == ASPX:
        assert {answer.body for answer in answers} == {"110"}
    assert read_resident_megabytes(system) - before < 25  # of 250 that were sent


def read_resident_megabytes(system: ProcessSystem) -> float:
    status = Path(f"/proc/{system.gateway.process.pid}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


@pytest.mark.parametrize("path", ["/", "/nowhere", "/sendsms/", "/sendsms/other.asmx", "/sendsms.aspx/more"])
def test_an_unknown_path_is_404(path: str, system: ProcessSystem) -> None:
    assert ask(system.url + path).status == 404
    assert ask(system.url + path, b"x").status == 404


@pytest.mark.parametrize(
    "line",
    [
        f"GET {ASPX}?{QUERY}&msg=Hej du\x01 HTTP/1.1",
        f"GE\x00T {ASPX}?{QUERY} HTTP/1.1",
        f"GET {ASPX}?{QUERY}",
        f"GET {ASPX}?{QUERY} HTTP/x.y",
        f"GET {ASPX}?{QUERY}&msg={'x' * 100_000} HTTP/1.1",
    ],
    ids=["control character", "method", "no version", "version", "too long"],
)
def test_a_malformed_request_line_is_repeated_by_no_answer_and_no_log(line: str, system: ProcessSystem) -> None:
    address = urlsplit(system.url)
    with socket.create_connection((address.hostname, address.port), PATIENCE_SECONDS) as connection:
        connection.sendall(f"{line}\r\nHost: gateway\r\n\r\n".encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.endswith(b"\r\n\r\n110")
    ask(f"{system.url}/healthz")
    for told in (answer.decode("latin-1"), system.gateway.printed()):
        assert API_KEY not in told
        assert "46712345678" not in told


def test_without_v2_every_interface_blames_the_gateway_in_its_own_form(tmp_path: Path) -> None:
    with running_processes(tmp_path) as system:
        assert system.sandbox.stop() == 0
        values = f"{CREDENTIALS}<till>46712345678</till><from>iP1</from><meddelande>Hej</meddelande>"
        soap = ask(system.url + SOAP, ENVELOPE.format(values).encode(), XML)
        assert (soap.status, re.findall("<smsResult>(.*)</smsResult>", soap.body)) == (200, ["42"])
        assert ask(f"{system.url}{ASPX}?{QUERY}&msg=Hej").body == "42"
        document = {"From": "iP1", "Numbers": ["46712345678"], "Message": "Hej"}
        assert is_refusal(ask(system.url + REST, json.dumps(document).encode(), JSON), 503)
        assert ask(f"{system.url}/api/me", headers=BASIC).status == 503
        assert ask(f"{system.url}/readyz").status == 503
        assert ask(f"{system.url}/healthz").status == 200
        assert API_KEY not in system.gateway.printed()
