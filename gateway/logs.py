"""Logs are events: a constant message, and fields beside it that never hold a secret, a text or a full number.

The standard library's loggers (aiohttp's, asyncio's) go the same way out. What they say is written by others, and
quotes requests: of theirs the first line and the error's class are kept.
"""

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from json.encoder import encode_basestring_ascii
from pathlib import Path
from types import NoneType
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

Render = Callable[[dict[str, Any]], str]
"""Makes the line of an event whose fields may all be shown."""

SECRET_FIELDS = frozenset({"key", "api_key", "password", "pass", "passwd", "secret", "token", "authorization"})
TEXT_FIELDS = frozenset({"message", "body", "text"})  # as numbers they are ids and sizes, and stay
_LEAD = frozenset({"timestamp", "level"})  # a line's own, whatever an event's fields are named
_GAP = "\0"  # JSON never holds it
_LEVELS = ("debug", "info", "warning", "error", "critical")
_KEPT = 1024  # names and values of the last lines, whose JSON is not made again
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
    steps = _choose_steps(render or _RENDER_BY_FORMAT[log_format])
    # Our own events do not pass through the standard library's records, which cost several times as much.
    structlog.configure(
        processors=steps,
        wrapper_class=_make_logger_class(level),
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=stream is None,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, _shorten],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *steps],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _LOUDEST.items():
        logging.getLogger(name).setLevel(least)


_RENDER_BY_FORMAT: dict[str, Render | None] = {
    "json": None,
    "text": partial(
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback), None, ""
    ),
}


def _choose_steps(render: Render | None) -> list[Processor]:
    """From an event to its line. Other formats are made from what the JSON shows: one place decides that."""
    if render is None:
        return [_make_json]

    def make_line(_logger: object, _level: str, line: Any) -> str:
        return render(json.loads(line))

    return [_make_json, make_line]


def _make_logger_class(least: str) -> type[structlog.BoundLoggerBase]:
    """Loggers that take an event to its line in one call, and do nothing with those below the level `least`."""
    ignored = _LEVELS[: _LEVELS.index(least)]
    methods = {level: _ignore if level in ignored else _make_method(level) for level in _LEVELS}
    return type("Logger", (structlog.BoundLoggerBase,), {**methods, "exception": _log_exception})


def _make_method(level: str) -> Callable[..., None]:
    def log(self: Any, event: str, **fields: object) -> None:
        line: Any = {**self._context, **fields, "event": event}
        try:
            for step in self._processors:
                line = step(self._logger, level, line)
        except structlog.DropEvent:  # structlog.testing.capture_logs keeps it
            return
        self._logger.msg(line)

    return log


def _ignore(_self: object, event: str, **fields: object) -> None:
    """An event below the wanted level."""


def _log_exception(self: Any, event: str, **fields: object) -> None:
    self.error(event, **{"exc_info": True, **fields})


def _make_json(_logger: object, level: str, fields: EventDict) -> str:
    """The line of every event, ours or another library's."""
    if "exc_info" in fields:
        fields.update(_describe_exception(fields.pop("exc_info")))
    event = fields.pop("event")
    frame, is_plain = _lay_out(level, event, *fields)
    if not is_plain:
        fields = {name: value for name, value in _drop_hidden(fields).items() if name not in _LEAD}
        frame, _ = _lay_out(level, event, *fields)
    values = [_JSON_BY_TYPE[type(value)](value) for value in fields.values()]
    return frame % (render_time(time.time_ns()), *values)


@lru_cache(_KEPT)
def _lay_out(level: str, event: str, *names: str) -> tuple[str, bool]:
    """A line with gaps for the time and the values, and whether all of these may be shown, whatever they are.

    When, how bad and what come first, as people read it.
    """
    fields = "".join([f", {encode_basestring_ascii(name)}: {_GAP}" for name in names])
    line = f'{{"timestamp": "{_GAP}", "level": {_text_to_json(level)}, "event": {_text_to_json(event)}{fields}}}'
    is_plain = not any(name.lower() in SECRET_FIELDS | TEXT_FIELDS | _LEAD for name in names)
    return line.replace("%", "%%").replace(_GAP, "%s"), is_plain


def render_time(at_ns: int) -> str:
    """Nanoseconds since 1970 as `2026-11-21T17:14:00.123456Z`; a whole second has no fraction."""
    seconds, microseconds = divmod(at_ns // 1000, 1_000_000)
    return f"{_render_second(seconds)}.{microseconds:06}Z" if microseconds else f"{_render_second(seconds)}Z"


@lru_cache(maxsize=1)
def _render_second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


@lru_cache(_KEPT)
def _text_to_json(text: str) -> str:
    return encode_basestring_ascii(_mask_numbers(text))


_encode = json.JSONEncoder().encode  # json.dumps would make an encoder for every value


class _JsonByType(dict[type, Callable[[Any], str]]):
    """How values become JSON that may be shown, found out once a type."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        if issubclass(kind, str):
            self[kind] = _text_to_json
        elif issubclass(kind, int) and kind is not bool:
            self[kind] = int.__repr__
        else:
            self[kind] = lambda value: _encode(_masked(value))
        return self[kind]


_JSON_BY_TYPE = _JsonByType({NoneType: lambda _none: "null"})


def _masked(value: Any) -> Any:
    if isinstance(value, int | float | NoneType):
        return value
    if isinstance(value, Mapping):
        return {name: _masked(inner) for name, inner in _drop_hidden(value).items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return _mask_numbers(value if isinstance(value, str) else repr(value))


def _drop_hidden(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without the fields that hold secrets or texts."""
    return {name: value for name, value in fields.items() if not _is_hidden(name.lower(), value)}


def _is_hidden(name: str, value: object) -> bool:
    return name in SECRET_FIELDS or (name in TEXT_FIELDS and not isinstance(value, int))


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
