"""Fuzzing by coverage: `make fuzz` runs each target for a while, `python -m tests.fuzz soap` one without end.

What follows the target's name goes to libFuzzer: `-max_total_time=600`, or a file that was found, to see it again.
The captured requests are where it starts. Needs atheris, which is for this alone: `make fuzz` installs it.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["adapters", "gateway"]):
    from tests.fuzz import decoders

from tests import transcripts

TARGETS = ("soap", "query", "rest", "lines", "packed")
CONTENT_TYPES = (
    "text/xml; charset=utf-8",
    "application/soap+xml; charset=utf-16",
    "application/json",
    "application/x-www-form-urlencoded; charset=iso-8859-1",
    "multipart/form-data; boundary=x",
    None,
)


def soap(data: bytes) -> None:
    decoders.decode_soap(data[1:], _content_type(data), '""' if data[:1] < b"\x80" else None)


def query(data: bytes) -> None:
    half = data.find(b"\n")
    decoders.decode_query(data[1:half], data[half + 1 :], _content_type(data))


def rest(data: bytes) -> None:
    decoders.decode_rest(data[1:], _content_type(data), data[1:].decode("latin-1"), data[1:])


def lines(data: bytes) -> None:
    decoders.decode_lines(data[1:], data[0] + 1 if data else 1)


def packed(data: bytes) -> None:
    decoders.decode_packed(data[1:], "gzip" if data[:1] < b"\x80" else "deflate")


def _content_type(data: bytes) -> str | None:
    return CONTENT_TYPES[data[0] % len(CONTENT_TYPES)] if data else None


def _seeds(target: str) -> Iterator[bytes]:
    """What each target starts from: a byte that chooses, then the part of a captured request that it reads."""
    interface = {"query": "aspx", "lines": "aspx", "packed": "rest"}.get(target, target)
    for vector in transcripts.load(interface):
        _, _, body = vector.request.partition(b"\r\n\r\n")
        parts = {"lines": vector.request, "query": vector.request.split(b" ")[1].partition(b"?")[2] + b"\n" + body}
        yield b"\0" + parts.get(target, body)


def main(arguments: list[str]) -> None:
    """`target [libFuzzer's arguments]`."""
    program, target, *rest_of_them = arguments
    if target not in TARGETS:
        raise SystemExit(f"usage: python -m tests.fuzz {{{','.join(TARGETS)}}} [libFuzzer's arguments]")
    run: Callable[[bytes], None] = globals()[target]
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(_seeds(target)):
            (Path(corpus) / str(number)).write_bytes(seed)
        libfuzzer: Any = atheris
        libfuzzer.Setup([program, *rest_of_them, *_corpus(corpus, rest_of_them)], run)
        libfuzzer.Fuzz()


def _corpus(folder: str, arguments: list[str]) -> list[str]:
    """The folder to start from, unless single files are to be run again."""
    return [] if any(not argument.startswith("-") for argument in arguments) else [folder]


if __name__ == "__main__":
    main(sys.argv)
