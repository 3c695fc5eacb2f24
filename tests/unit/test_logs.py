"""No secret, text or full number gets into a log, whoever writes it."""

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway import logs
from gateway.domain.sms import Interface

log = structlog.get_logger()


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("json", "info", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def events(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json(stream: io.StringIO) -> None:
    log.info("sent", interface="soap", messages=3)
    (event,) = events(stream)
    assert list(event)[:3] == ["timestamp", "level", "event"]
    assert event.pop("timestamp").endswith("Z")
    assert event == {"event": "sent", "interface": "soap", "messages": 3, "level": "info"}


def test_a_line_is_written_in_one_way(stream: io.StringIO) -> None:
    log.warning("sent", interface=Interface.SOAP, id=42500001, reason=None, seconds=0.5, dead=False, name="å")
    timestamp, _, rest = stream.getvalue().partition(", ")
    assert re.fullmatch(r'\{"timestamp": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z"', timestamp)
    assert rest == (
        '"level": "warning", "event": "sent", "interface": "soap", "id": 42500001, "reason": null, '
        '"seconds": 0.5, "dead": false, "name": "\\u00e5"}\n'
    )


TEXTS = st.text(alphabet=st.characters() | st.sampled_from('%"\\\0\ud800\x7f123')).filter(
    lambda text: not re.search(r"\d{7}", text)
)
OWN = {"timestamp", "level", "event", "self", "exc_info"}
NAMES = TEXTS.filter(lambda name: name.lower() not in OWN | logs.SECRET_FIELDS | logs.TEXT_FIELDS)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(event=TEXTS, fields=st.dictionaries(NAMES, VALUES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example reads the last line alone
def test_a_line_is_what_the_json_encoder_makes(event: str, fields: dict[str, Any], stream: io.StringIO) -> None:
    stream.seek(0)
    stream.truncate()
    log.info(event, **fields)
    (line,) = events(stream)
    lead = {"timestamp": line["timestamp"], "level": "info", "event": event}
    assert stream.getvalue() == json.dumps({**lead, **fields}) + "\n"


class Size(IntEnum):
    LARGE = 12345678


class Word(StrEnum):
    NUMBER = "46701234567"


def test_a_value_of_an_enumeration_is_shown_as_what_it_is(stream: io.StringIO) -> None:
    log.info("call", interface=Interface.SOAP, size=Size.LARGE, number=Word.NUMBER, several=[Word.NUMBER])
    (event,) = events(stream)
    assert (event["interface"], event["size"]) == ("soap", 12345678)
    assert (event["number"], event["several"]) == ("…567", ["…567"])


def test_a_field_does_not_take_the_place_of_the_lines_own(stream: io.StringIO) -> None:
    log.info("call", level="loud", timestamp="never", kept={"level": "inner"})
    (event,) = events(stream)
    assert (event["level"], event["kept"]) == ("info", {"level": "inner"})
    assert "loud" not in stream.getvalue()
    assert "never" not in stream.getvalue()


@given(
    seconds=st.integers(min_value=1, max_value=7_000_000_000),
    microseconds=st.sampled_from([-1, 0, 1, 999_999, 1_000_000]) | st.integers(0, 999_999),
    nanoseconds=st.sampled_from([0, 1, 999]),
)
def test_a_time_is_written_as_isoformat_writes_it(seconds: int, microseconds: int, nanoseconds: int) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=microseconds)
    at_ns = seconds * 1_000_000_000 + microseconds * 1000 + nanoseconds
    assert logs.render_time(at_ns) == at.isoformat().replace("+00:00", "Z")


def test_text_that_no_encoding_takes_is_logged_all_the_same(stream: io.StringIO) -> None:
    log.info("call", account="\ud800", remote="\x9b")
    assert stream.getvalue().isascii()
    assert events(stream)[0]["account"] == "\ud800"


@pytest.mark.parametrize(
    "field",
    ["key", "password", "pass", "passwd", "token", "authorization", "Authorization", "body", "message", "text"],
)
def test_fields_that_hold_secrets_or_texts_are_dropped(field: str, stream: io.StringIO) -> None:
    log.info("call", **{field: "hunter2"}, nested={field: "hunter2"}, kept="x")
    assert "hunter2" not in stream.getvalue()
    assert events(stream)[0]["kept"] == "x"


def test_an_id_in_a_field_named_message_stays(stream: io.StringIO) -> None:
    log.info("status", message=42500001)
    log.info("status", message="hunter2")
    log.info("status", message=42500002)
    assert [event.get("message") for event in events(stream)] == [42500001, None, 42500002]


def test_numbers_are_masked_to_the_last_three_digits(stream: io.StringIO) -> None:
    log.info("to +46701234567", recipient="46701234567", several=["+46707654321", ("0701234999",)], batch="123456")
    (event,) = events(stream)
    assert event["event"] == "to +…567"
    assert event["recipient"] == "…567"
    assert event["several"] == ["+…321", ["…999"]]
    assert event["batch"] == "123456"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("123456", "123456"),
        ("1234567", "…567"),
        ("1234567890123456", "…456"),
        ("0701234567;46707654321", "…567;…321"),
        ("1234567 123456 7654321", "…567 123456 …321"),
        (Path("/spool/46701234567"), "PosixPath('/spool/…567')"),
        (MappingProxyType({"to": "46701234567", "key": "hunter2"}), {"to": "…567"}),
        (b"46701234567", "b'…567'"),
    ],
    ids=repr,
)
def test_a_number_is_masked_from_seven_digits_on(written: object, shown: object, stream: io.StringIO) -> None:
    log.info("call", value=written, several=[written])
    (event,) = events(stream)
    assert (event["value"], event["several"]) == (shown, [shown])


def test_an_errors_own_text_is_left_out(stream: io.StringIO) -> None:
    try:
        raise ValueError("hunter2")
    except ValueError:
        log.exception("failed")
        logging.getLogger("library").exception("failed")
    assert "hunter2" not in stream.getvalue()
    assert [event["error"] for event in events(stream)] == ["ValueError", "ValueError"]
    assert all("test_an_errors_own_text" in event["where"][0] for event in events(stream))


def test_the_standard_librarys_loggers_go_the_same_way(stream: io.StringIO) -> None:
    logging.getLogger("library").warning("call to %s failed\nwith hunter2", "https://x/y?pass=hunter2")
    assert "hunter2" not in stream.getvalue()
    (event,) = events(stream)
    assert (event["event"], event["logger"]) == ("call to https://x/y?… failed", "library")


def test_there_is_no_access_log(stream: io.StringIO) -> None:
    logging.getLogger("aiohttp.access").error("GET /sendsms.aspx")
    assert stream.getvalue() == ""


def test_only_the_wanted_levels_are_logged(stream: io.StringIO) -> None:
    log.debug("too much")
    logging.getLogger("library").debug("too much")
    assert stream.getvalue() == ""


def test_every_level_from_the_wanted_one_on_is_logged(stream: io.StringIO) -> None:
    for least in ("debug", "info", "warning", "error"):
        logs.configure("json", least, stream=stream)
        for level in ("debug", "info", "warning", "error", "critical", "exception"):
            getattr(log, level)(f"{level} from {least} on")
    assert [event["event"] for event in events(stream)] == [
        f"{level} from {least} on"
        for least, levels in {
            "debug": ("debug", "info", "warning", "error", "critical", "exception"),
            "info": ("info", "warning", "error", "critical", "exception"),
            "warning": ("warning", "error", "critical", "exception"),
            "error": ("error", "critical", "exception"),
        }.items()
        for level in levels
    ]


def test_bound_fields_are_in_every_line(stream: io.StringIO) -> None:
    log.bind(worker=1, step="a").info("step", step="b")
    assert '"event": "step", "worker": 1, "step": "b"}' in stream.getvalue()


def test_a_test_can_capture_the_events(stream: io.StringIO) -> None:
    with capture_logs() as captured:
        log.info("sent", messages=3)
        log.debug("too much")
    assert captured == [{"event": "sent", "messages": 3, "log_level": "info"}]
    assert stream.getvalue() == ""


def test_text_is_one_plain_line() -> None:
    stream = io.StringIO()
    logs.configure("text", "debug", stream=stream)
    log.debug("sent", recipient="46701234567")
    (line,) = stream.getvalue().splitlines()
    assert "sent" in line
    assert "recipient=…567" in line
    assert "\x1b" not in line


REQUESTS = [
    b"GET /sendsms.aspx?acc=ip1-1&pass=hunter2&msg=a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /sendsms.aspx?pass=hunter2&msg=å HTTP/1.1\r\nHost: x\r\n\r\n".encode("latin-1"),
    b"GET /sendsms.aspx?pass=hunter2&msg=" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /sendsms.aspx?pass=hunter2 HTTP/9.x\r\nHost: x\r\n\r\n",
    b"pass=hunter2 / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /ok HTTP/1.1\r\nHost: x\r\nX-Pass: hunter2\x00\r\n\r\n",
    b"GET /fails?pass=hunter2 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /ok?pass=hunter2 HTTP/1.1\r\nHost: x\r\nReferer: http://x/?pass=hunter2\r\n\r\n",
]


@pytest.mark.parametrize("request_bytes", REQUESTS, ids=lambda request: request[:40].decode("latin-1"))
async def test_no_log_repeats_what_a_request_holds(request_bytes: bytes, stream: io.StringIO) -> None:
    async def fail(request: web.Request) -> web.Response:
        raise ValueError(request.query["pass"])

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.add_routes([web.get("/fails", fail), web.get("/ok", answer)])
    logging.getLogger().setLevel(logging.DEBUG)
    async with TestServer(app) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request_bytes)
        async with asyncio.timeout(10):
            status_line = await reader.readline()
        writer.close()
        await writer.wait_closed()
    assert status_line.startswith(b"HTTP/1")
    assert "hunter2" not in stream.getvalue()
    if b" 200 " not in status_line:
        assert any(event["logger"] == "aiohttp.server" for event in events(stream))


async def test_a_failed_background_tasks_text_is_left_out(stream: io.StringIO) -> None:
    loop = asyncio.get_running_loop()
    failed = loop.create_future()
    loop.call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": ValueError("hunter2"), "future": failed}
    )
    (event,) = events(stream)
    assert event["error"] == "ValueError"
    assert "hunter2" not in stream.getvalue()
