"""Legacy programs that send all the time, over all three interfaces, and write down what they were told."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    encode_basic_auth,
)

from tests.faults.site import Node, Site
from tests.system import ACCOUNT, API_KEY

CALLERS = 8
PAUSE_SECONDS = 0.05  # of each caller between two calls, on average
ANSWER_LIMIT_SECONDS = 60.0
PHASE_LIMIT_SECONDS = 90.0
LEAST_ID = 1000  # smaller numbers are status codes
SENDER = "iP1"


class Told(StrEnum):
    """What a caller heard."""

    ID = "id"
    REFUSAL = "refusal"
    NOTHING = "nothing"  # the connection ended without an answer


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call. No two have the same body; `answer` is the id, or the code in its place."""

    body: str
    recipients: tuple[str, ...]
    told: Told
    answer: int | None = None


Send = Callable[[ClientSession, str, tuple[str, ...], str], Awaitable[int]]


async def send_aspx(session: ClientSession, url: str, recipients: tuple[str, ...], body: str) -> int:
    """`GET /sendsms.aspx`."""
    query = {"acc": ACCOUNT, "pass": API_KEY, "from": SENDER, "to": ",".join(recipients), "msg": body}
    async with session.get(f"{url}/sendsms.aspx?{urlencode(query)}") as answer:
        return int(await answer.text())


ENVELOPE = """<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><sms xmlns="http://tempuri.org/">
<konto>{account}</konto><passwd>{key}</passwd><till>{to}</till><from>{sender}</from>
<meddelande>{body}</meddelande><prio>1</prio></sms></soap:Body></soap:Envelope>"""


async def send_soap(session: ClientSession, url: str, recipients: tuple[str, ...], body: str) -> int:
    """`sms` of sendsms.asmx."""
    envelope = ENVELOPE.format(account=ACCOUNT, key=API_KEY, to=",".join(recipients), sender=SENDER, body=body)
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"http://tempuri.org/sms"'}
    async with session.post(f"{url}/sendsms/sendsms.asmx", data=envelope.encode(), headers=headers) as answer:
        found = re.search(r"<smsResult>(\d+)</smsResult>", await answer.text())
        assert found, "no result in the answer"
        return int(found[1])


async def send_rest(session: ClientSession, url: str, recipients: tuple[str, ...], body: str) -> int:
    """`POST /api/sms/send`; the HTTP status where it is refused."""
    order = {"From": SENDER, "Numbers": recipients, "Message": body}
    headers = {"Authorization": encode_basic_auth(ACCOUNT, API_KEY)}
    async with session.post(f"{url}/api/sms/send", json=order, headers=headers) as answer:
        if answer.status >= 400:
            await answer.read()
            return answer.status
        first = (await answer.json())[0]
        return int(first["BundleID"] or first["ID"])


class Unanswered(Exception):
    """The connection ended without an answer."""


async def call_once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Take a dropped connection out of aiohttp's hands, which would repeat a GET: these programs do not."""
    try:
        return await handler(request)
    except ClientConnectorError:
        raise
    except ClientError as error:
        raise Unanswered from error


SEND_BY_NAME: dict[str, Send] = {"aspx": send_aspx, "soap": send_soap, "rest": send_rest}


class Callers:
    """Programs that call the nodes that run, and their log."""

    def __init__(self, site: Site, chance: random.Random) -> None:
        self.log: list[Call] = []
        self._site = site
        self._chance = chance
        self._count = 0

    @asynccontextmanager
    async def calling(self) -> AsyncIterator[None]:
        """They call until this ends; the calls under way then are waited for."""
        stopped = asyncio.Event()
        session = ClientSession(timeout=ClientTimeout(total=ANSWER_LIMIT_SECONDS), middlewares=(call_once,))
        async with session, asyncio.TaskGroup() as group:
            for _ in range(CALLERS):
                group.create_task(self._call_until(stopped, session))
            try:
                yield
            finally:
                stopped.set()

    async def hear(self, calls: int, *told: Told) -> None:
        """Return when so many more calls have ended, in one of these ways; none named: in any."""
        heard = self._count_told(told)
        async with asyncio.timeout(PHASE_LIMIT_SECONDS):
            while self._count_told(told) < heard + calls:
                await asyncio.sleep(0.02)

    def _count_told(self, told: tuple[Told, ...]) -> int:
        return sum(not told or call.told in told for call in self.log)

    async def _call_until(self, stopped: asyncio.Event, session: ClientSession) -> None:
        while not stopped.is_set():
            await self._call(session, self._chance.choice(self._site.nodes))
            await asyncio.sleep(self._chance.uniform(0, 2 * PAUSE_SECONDS))

    async def _call(self, session: ClientSession, node: Node) -> None:
        self._count += 1
        name = self._chance.choice(list(SEND_BY_NAME))
        body = f"Hej från {name}, nr {self._count}"
        recipients = self._choose_recipients()
        try:
            number = await SEND_BY_NAME[name](session, node.url, recipients, body)
        except ClientConnectorError:
            return  # nobody there: no call was made
        except (Unanswered, ClientError, TimeoutError):
            self.log.append(Call(body=body, recipients=recipients, told=Told.NOTHING))
            return
        told = Told.ID if number >= LEAST_ID else Told.REFUSAL
        self.log.append(Call(body=body, recipients=recipients, told=told, answer=number))

    def _choose_recipients(self) -> tuple[str, ...]:
        """One, or up to four. Each ends in 97, and so in no status code: the sandbox delivers to it."""
        first = self._chance.randrange(90_000)
        count = self._chance.choice((1, 1, 2, 4))
        return tuple(f"4670{first + number:05}97" for number in range(count))
