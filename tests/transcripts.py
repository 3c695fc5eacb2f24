"""Captured exchanges: load a folder of vectors, replay each over a raw socket, compare what comes back.

A vector is two to four files of one name:

- `NAME.request.http`: request line, headers, an empty line, the body. The head is stored with LF line ends; the
  body is everything after the first empty line, byte for byte. `Content-Length: {{length}}` is filled in.
- `NAME.response.http`: the status line and the headers that matter (others may come as well), an empty line, the
  body. A header whose value is `{{absent}}` must not come. `{{id}}` in the body stands for any message id, and
  `{{any}}`, in the body or a header, for any text on the line.
- `NAME.upstream.json` (optional): what `POST /v2/batches` must carry; keys that are not named may hold anything.
- `NAME.faults.json` (optional): what `PUT /sandbox/faults` is told before the request is sent.
"""

import http.client
import json
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent / "vectors"
FIRST_POSSIBLE_ID = 1000
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response: as a vector expects it, or as it came. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One captured exchange. `request` is what goes down the wire.

    `upstream` None: nothing is said of v2; `faults` None: the sandbox behaves.
    """

    name: str
    request: bytes
    expected: Answer
    upstream: Any | None
    faults: Any | None

    def __str__(self) -> str:
        return self.name


def load(folder: str) -> list[Transcript]:
    """Every vector of one folder under `tests/vectors`, by name."""
    paths = sorted((VECTORS / folder).glob("*.request.http"))
    return [_load_one(path.with_name(path.name.removesuffix(".request.http"))) for path in paths]


def replay(transcript: Transcript, host: str, port: int) -> Answer:
    """Send the request over a socket of its own and read the answer. Blocks: call it in a thread."""
    with socket.create_connection((host, port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(transcript.request)
        method = transcript.request.partition(b" ")[0].decode("ascii")
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=headers, body=response.read())


def differences(expected: Answer, got: Answer) -> Iterator[str]:
    """What is wrong with an answer, one line each; nothing where it is as expected."""
    if got.status != expected.status:
        yield f"status: {got.status}, expected {expected.status}"
    for name, value in expected.headers.items():
        came = got.headers.get(name)
        fits = came is None if value == "{{absent}}" else _matches(value.encode(), (came or "").encode())
        if not fits:
            yield f"{name}: {came!r}, expected {value!r}"
    if not _matches(expected.body, got.body):
        yield f"body: {got.body!r}\nexpected: {expected.body!r}"


def _load_one(stem: Path) -> Transcript:
    return Transcript(
        name=stem.name,
        request=_parse_request(stem.with_name(f"{stem.name}.request.http").read_bytes()),
        expected=_parse_answer(stem.with_name(f"{stem.name}.response.http").read_bytes()),
        upstream=_load_json(stem.with_name(f"{stem.name}.upstream.json")),
        faults=_load_json(stem.with_name(f"{stem.name}.faults.json")),
    )


def _load_json(path: Path) -> Any | None:
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def _parse_request(stored: bytes) -> bytes:
    head, _, body = stored.partition(b"\n\n")
    head = head.rstrip(b"\n").replace(b"{{length}}", str(len(body)).encode("ascii"))
    return head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body


def _parse_answer(stored: bytes) -> Answer:
    head, _, body = stored.partition(b"\n\n")
    status_line, *lines = head.decode("latin-1").splitlines()
    headers = (line.partition(":") for line in lines)
    return Answer(
        status=int(status_line.split()[1]),
        headers={name.strip().lower(): value.strip() for name, _, value in headers},
        body=body,
    )


def _matches(expected: bytes, got: bytes) -> bool:
    pattern = b"".join(_PATTERNS.get(part) or re.escape(part) for part in re.split(rb"(\{\{\w+\}\})", expected))
    found = re.fullmatch(pattern, got)
    return found is not None and all(int(number) >= FIRST_POSSIBLE_ID for number in found.groups())


_PATTERNS = {b"{{id}}": rb"([1-9][0-9]{3,9})", b"{{any}}": rb"[^\r\n]*"}
