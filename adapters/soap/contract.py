"""The interface definition: operations, parameters, types, and what each call means.

Everything that is published or obeyed comes from here: the WSDL, the codec's operation table, the help page.

Facts
- `sms` and `balans` and their parameters are known from clients (asmx-facts 1.3, 1.4). The others existed, but
  their names are lost (1.7, N2): these are the obvious Swedish ones, and an operator can rename them.
- Every parameter is an optional string, `prio` too: a caller who leaves one out is heard anyway (2.13), and PHP
  reads the result as what it always was to nusoap, a string (2.57).
- Names came in several spellings: `konto`/`passwd` from clients, `acc`/`pass`/`ID` in the manual (1.3, 1.4, 1.7).
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from adapters.soap.commands import AskBalance, CancelBundle, Describe, Send, SendWithPictures
from adapters.soap.local_time import parse_moment
from adapters.soap.spyne_import import ByteArray, ServiceBase, Unicode, rpc
from gateway.domain.errors import BadParameter
from gateway.domain.picture import Picture
from gateway.domain.sms import SOAP, Credentials, Order, parse_priority, split_recipients
from gateway.domain.status import LegacyStatus

SERVICE_NAME = "sendSms"  # what the class behind sendSms.asmx would be called by default (asmx-facts N2)

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "konto": ("acc", "account", "accountid", "accid"),
    "passwd": ("pass", "password", "losenord", "lösenord", "nyckel", "apikey"),
    "till": ("to", "mottagare", "nummer", "number"),
    "from": ("fran", "från", "avsandare", "avsändare", "sender"),
    "meddelande": ("msg", "message", "text"),
    "prio": ("priority", "prioritet"),
    "tid": ("time", "datum", "date", "sendtime"),
    "id": ("bundleid", "smsid", "messageid"),
    "kod": ("code", "id", "statuskod", "status"),
    "amne": ("ämne", "rubrik", "subject"),
    "bild": ("bild1", "picture", "image", "foto", "fil", "file"),
}
"""Further names of a parameter, in lower case: letters always compare without case."""

PICTURES = ("bild", "bild2", "bild3")
"""The parameters that hold a picture. What a program sends more it sends as items of one of them."""

Text = str | None
"""An argument as it was written; None where it is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a call is read with: `zone` is where local times are."""

    zone: ZoneInfo


def _operation(*parameters: str) -> Callable[[Any], Any]:
    """Declare a static method to Spyne under its own name; the wire names of its arguments are `parameters`."""
    types = [(ByteArray if name in PICTURES else Unicode)(min_occurs=0) for name in parameters]
    declare = rpc(*types, _args=list(parameters), _returns=Unicode)
    return lambda method: declare(method.__func__)


class SendSms(ServiceBase):  # type: ignore[misc]  # Spyne has no types
    """The operations of sendsms.asmx. Each reads its arguments into a command; None marks a missing one."""

    @_operation("konto", "passwd", "till", "from", "meddelande", "prio")
    @staticmethod
    def sms(reading: Reading, konto: Text, passwd: Text, till: Text, sender: Text, body: Text, prio: Text) -> Send:
        """Sends an SMS to one number, or to several with commas between them. Returns the id, or a status code."""
        del reading
        return Send(order=_order(till, sender, body, prio), credentials=_credentials(konto, passwd))

    @_operation("konto", "passwd")
    @staticmethod
    def balans(reading: Reading, konto: Text, passwd: Text) -> AskBalance:
        """Returns what is left on the account, or a status code."""
        del reading
        return AskBalance(credentials=_credentials(konto, passwd))

    @_operation("konto", "passwd", "till", "from", "meddelande", "prio", "tid")
    @staticmethod
    def smsVidTid(  # noqa: N802  (a published name)
        reading: Reading, konto: Text, passwd: Text, till: Text, sender: Text, body: Text, prio: Text, tid: Text
    ) -> Send:
        """Sends an SMS at a time, written as 2026-12-24 15:00. Returns the id, or a status code."""
        opens_at = parse_moment(tid, reading.zone, parameter="tid")
        return Send(order=_order(till, sender, body, prio, opens_at), credentials=_credentials(konto, passwd))

    @_operation("konto", "passwd", "till", "from", "meddelande", "prio", "tid")
    @staticmethod
    def bundleSms(  # noqa: N802  (a published name)
        reading: Reading, konto: Text, passwd: Text, till: Text, sender: Text, body: Text, prio: Text, tid: Text
    ) -> Send:
        """Sends one text to many numbers, at a time where one is given. Returns its id, or a status code."""
        opens_at = parse_moment(tid, reading.zone, parameter="tid")
        return Send(order=_order(till, sender, body, prio, opens_at), credentials=_credentials(konto, passwd))

    @_operation("konto", "passwd", "id")
    @staticmethod
    def avbrytBundle(  # noqa: N802  (a published name)
        reading: Reading,
        konto: Text,
        passwd: Text,
        id: Text,  # noqa: A002  (a published name)
    ) -> CancelBundle:
        """Cancels what waits to be sent. Returns 0 where something did, else a status code."""
        del reading
        return CancelBundle(credentials=_credentials(konto, passwd), bundle_or_message_id=_number(id, "id"))

    @_operation("kod")
    @staticmethod
    def beskrivning(reading: Reading, kod: Text) -> Describe:
        """Returns the text of a status code."""
        del reading
        return Describe(code=LegacyStatus(_number(kod, "kod")))


class SendMms(ServiceBase):  # type: ignore[misc]  # Spyne has no types
    """The operation of mms.asmx. Nothing is known of it but the address (legacy.md): every name here is ours."""

    @_operation("konto", "passwd", "till", "from", "amne", "meddelande", "prio", *PICTURES)
    @staticmethod
    def mms(
        reading: Reading,
        konto: Text,
        passwd: Text,
        till: Text,
        sender: Text,
        subject: Text,
        body: Text,
        prio: Text,
        *pictures: Text,
    ) -> SendWithPictures:
        """Sends the text as an SMS with links to the pictures. Returns the id, or a status code."""
        del reading
        text = "\n".join(line for line in (subject, body) if line and line.strip())
        return SendWithPictures(
            order=_order(till, sender, text, prio),
            pictures=tuple(_pictures(pictures)),
            credentials=_credentials(konto, passwd),
        )


def _pictures(written: Iterable[Text]) -> Iterator[Picture]:
    """Every picture there is. One that cannot be read refuses the call, and so does none: it would be lost."""
    items = [item for text in written for item in (text or "").split(",") if item.strip()]
    if not items:
        raise BadParameter(PICTURES[0], "is missing; it holds a picture in base64")
    for item in items:
        try:
            content = base64.b64decode("".join(item.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadParameter(PICTURES[0], "is not base64") from error
        yield Picture.parse(content)


def _credentials(konto: Text, passwd: Text) -> Credentials:
    # Empty rather than None: None would mean that a bearer token was sent.
    return Credentials(account_id=konto or "", api_key=passwd or "")


def _order(till: Text, sender: Text, body: Text, prio: Text, opens_at: datetime | None = None) -> Order:
    return Order(
        interface=SOAP,
        sender=sender,
        recipients=split_recipients(till),
        body=body,
        priority=parse_priority(prio),
        opens_at=opens_at,
    )


def _number(written: Text, parameter: str) -> int:
    text = (written or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise BadParameter(parameter, "is not a number")
    return int(text)


LONGEST_NUMBER = 10  # digits of a signed 32-bit integer
