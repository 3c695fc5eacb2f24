"""A caller that writes its own bytes, and reads one answer after the other off the same connection."""

import asyncio
import gzip
import io
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog

from gateway import logs
from tests.system import ACCOUNT, API_KEY
from tests.transcripts import PATIENCE_SECONDS, Answer

QUERY = f"acc={ACCOUNT}&pass={API_KEY}&to=46701234567&from=iP1&msg="
ASPX = f"/sendsms.aspx?{QUERY}"
ASMX = "/sendsms/sendsms.asmx"
REST = "/api/sms/send"
BASIC = "Authorization: Basic aXAxLTEyMzQ1OmRlbW8ta2V5"
"""The account of `tests.system`, by HTTP Basic."""


def request(target: str, *headers: str, method: str = "GET", version: str = "1.1", body: bytes = b"") -> bytes:
    """A request; `Host` and, with a body, `Content-Length` are added where no header says otherwise."""
    lines = list(headers)
    if version == "1.1" and not any(line.startswith("Host:") for line in headers):
        lines.append("Host: gw")
    if body and not any(line.startswith("Transfer-Encoding:") for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([f"{method} {target} HTTP/{version}", *lines, "", ""])
    return head.encode("latin-1") + body


def soap_call(text: str = "Hej") -> bytes:
    """The body of a call of `sms`."""
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><sms xmlns="http://tempuri.org/">'
        f"<konto>{ACCOUNT}</konto><passwd>{API_KEY}</passwd><till>46701234567</till><from>iP1</from>"
        f"<meddelande>{text}</meddelande><prio>1</prio></sms></s:Body></s:Envelope>"
    ).encode()


def rest_call(text: str = "Hej") -> bytes:
    """The body of `POST /api/sms/send`."""
    return f'{{"From": "iP1", "Numbers": ["46701234567"], "Message": "{text}"}}'.encode()


def chunked(body: bytes, size: int = 7) -> bytes:
    """A body in chunks."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def gzip_bomb(megabytes: int) -> bytes:
    """So many MB of zeros, packed."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        for _ in range(megabytes):
            file.write(bytes(1024 * 1024))
    return packed.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One TCP connection to a gateway."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *parts: bytes) -> None:
        """Each part in a packet of its own, as far as that can be had."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(0)

    async def read(self, *, head_only: bool = False) -> Answer:
        """The next answer; `head_only` where the question was HEAD."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status_line, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            length = 0 if head_only else int(headers.get("content-length", 0))
            body = await self.reader.readexactly(length)
        return Answer(status=int(status_line.split()[1]), headers=headers, body=body)

    async def ask(self, *parts: bytes) -> Answer:
        """Send, and read the answer."""
        await self.send(*parts)
        return await self.read()

    async def is_closed(self) -> bool:
        """Wait for the other side to hang up; False where it says something instead."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                return await self.reader.read(1) == b""
            except ConnectionError:
                return True


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Connection]:
    """A connection to a gateway."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield Connection(reader=reader, writer=writer)
    finally:
        writer.close()


async def ask(url: str, *parts: bytes) -> Answer:
    """One exchange on a connection of its own."""
    async with connect(url) as connection:
        return await connection.ask(*parts)


@contextmanager
def logged(level: str = "debug") -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile, as the gateway writes it."""
    root = logging.getLogger()
    handlers, before = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("json", level, stream=stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(before)
        structlog.reset_defaults()


def texts(received: Sequence[dict[str, object]]) -> list[object]:
    """The texts that v2 was given."""
    return [batch["body"] for batch in received]
