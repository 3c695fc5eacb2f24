"""Logs are events: a constant message, and fields beside it that never hold a secret, a text or a full number.

The standard library's loggers (aiohttp's, asyncio's) go the same way out. What they say is written by others, and
quotes requests: of theirs the first line and the error's class are kept.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import NoneType
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

Render = Callable[[dict[str, Any]], str]
"""Makes the line of an event whose fields may all be shown."""

SECRET_FIELDS = frozenset({"key", "api_key", "password", "pass", "passwd", "secret", "token", "authorization"})
TEXT_FIELDS = frozenset({"message", "body", "text"})  # as numbers they are ids and sizes, and stay
_LEAD = dict.fromkeys(("timestamp", "level", "event"))  # when, how bad and what first, as people read it
_BARE = (int, float, NoneType)  # shown as they are
_mask_numbers = partial(re.compile(r"\d{4,}(?=\d{3})").sub, "…")  # of seven digits or more the last three stay
_QUERY = re.compile(r"\?[^\s\"'<>]*")
_LOUDEST = {"aiohttp.access": logging.CRITICAL + 1}  # its lines are the query strings, with key and text in them


def describe(error: BaseException) -> dict[str, object]:
    """An unforeseen error as log fields: its class and the way to it.

    Its own text is left out, since it may quote what a caller sent.
    """
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "where": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }


def configure(
    log_format: Literal["json", "text"],
    level: str,
    *,
    stream: TextIO | None = None,
    render: Render | None = None,
) -> None:
    """Send all logs of the process to standard error, one line an event, from `level` on.

    `render` makes the lines in place of the format's own. `stream` takes them in place of standard error: for
    those who watch for a while, and configure again.
    """
    line = _line_maker(render or _RENDER_BY_FORMAT[log_format])
    # Our own events do not pass through the standard library's records, which cost several times as much.
    structlog.configure(
        processors=[line],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=stream is None,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, _shorten],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, line],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _LOUDEST.items():
        logging.getLogger(name).setLevel(least)


_RENDER_BY_FORMAT: dict[str, Render] = {
    "json": json.JSONEncoder().encode,  # json.dumps would make an encoder for every line
    "text": partial(
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback), None, ""
    ),
}


def _line_maker(render: Render) -> Processor:
    """The one processor of every event, ours or another library's."""

    def make_line(_logger: object, level: str, event: EventDict) -> str:
        if "exc_info" in event:
            event.update(_describe_exception(event.pop("exc_info")))
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        return render(_LEAD | redact(event) | {"timestamp": now, "level": level})

    return make_line


def redact(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without the fields that hold secrets or texts, and with every long number masked to its last three digits."""
    shown: dict[str, Any] = {}
    for name, value in fields.items():
        lower = name.lower()
        if lower in SECRET_FIELDS or (lower in TEXT_FIELDS and not isinstance(value, int)):
            continue
        if isinstance(value, str):
            shown[name] = _mask_numbers(value)
        else:
            shown[name] = value if isinstance(value, _BARE) else _masked(value)
    return shown


def _masked(value: Any) -> Any:
    if isinstance(value, _BARE):
        return value
    if isinstance(value, Mapping):
        return redact(value)
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return _mask_numbers(value if isinstance(value, str) else repr(value))


def _shorten(_logger: object, _method: str, event: EventDict) -> EventDict:
    """The first line of what another library says, without a query string.

    asyncio appends the representation of tasks and callbacks in further lines, and these hold their errors' texts.
    """
    lines = str(event["event"]).splitlines() or [""]
    return {**event, "event": _QUERY.sub("?…", lines[0])}


def _describe_exception(given: object) -> dict[str, object]:
    """What takes the place of `exc_info`: the error's class and the way to it.

    aiohttp's BadStatusLine and InvalidURLError quote the request line, password included (design.md).
    """
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    return describe(error) if isinstance(error, BaseException) else {}
