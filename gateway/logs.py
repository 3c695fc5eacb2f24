"""Logs are events: a constant message, and fields beside it that never hold a secret, a text or a full number.

The standard library's loggers (aiohttp's, asyncio's) go the same way out. What they say is written by others, and
quotes requests: of theirs the first line and the error's class are kept.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

SECRET_FIELDS = frozenset({"key", "api_key", "password", "pass", "passwd", "secret", "token", "authorization"})
TEXT_FIELDS = frozenset({"message", "body", "text"})  # as numbers they are ids and sizes, and stay
DIGITS_SHOWN = 3
_LONG_NUMBER = re.compile(r"\d{7,}")
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
    renderer: Processor | None = None,
) -> None:
    """Send all logs of the process to standard error (or `stream`), one line an event, from `level` on.

    `renderer` makes the lines in place of the format's own.
    """
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _describe_exception,
        redact,
    ]
    last: list[Processor] = [_lead_with_event, renderer or _RENDERER_BY_FORMAT[log_format]()]
    # Our own events do not pass through the standard library's records, which cost several times as much.
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, _shorten, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _LOUDEST.items():
        logging.getLogger(name).setLevel(least)


def _plain_renderer() -> Processor:
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)


def _json_renderer() -> Processor:
    encode = json.JSONEncoder(default=repr).encode  # json.dumps would make an encoder for every line
    return structlog.processors.JSONRenderer(serializer=lambda event, **_: encode(event))


_RENDERER_BY_FORMAT = {"json": _json_renderer, "text": _plain_renderer}


def _lead_with_event(_logger: object, _method: str, event: EventDict) -> EventDict:
    """When, how bad and what first, as people read it."""
    lead = {name: event.pop(name) for name in ("timestamp", "level", "event")}
    return {**lead, **event}


def redact(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Drop the fields that hold secrets or texts, and mask every long number to its last three digits."""
    return {
        name: _masked(value)
        for name, value in event.items()
        if (lower := name.lower()) not in SECRET_FIELDS and (lower not in TEXT_FIELDS or isinstance(value, int))
    }


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _LONG_NUMBER.sub(lambda match: f"…{match[0][-DIGITS_SHOWN:]}", value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, Mapping):
        return redact(None, "", dict(value))
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value


def _shorten(_logger: object, _method: str, event: EventDict) -> EventDict:
    """The first line of what another library says, without a query string.

    asyncio appends the representation of tasks and callbacks in further lines, and these hold their errors' texts.
    """
    lines = str(event["event"]).splitlines() or [""]
    return {**event, "event": _QUERY.sub("?…", lines[0])}


def _describe_exception(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by the error's class and the way to it.

    aiohttp's BadStatusLine and InvalidURLError quote the request line, password included (design.md).
    """
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    return {**event, **describe(error)} if isinstance(error, BaseException) else event
