"""v2's JSON to and from the domain. No I/O.

Facts (v2.md): `POST /v2/batches` takes an array of numbers, or for templating an object of number to values; the
batch it answers with names no messages. Lists come without price summaries. Delivery reports carry `id`, older
ones `messageId`. Both spellings of the Link header occur, with and without `;` before `rel`.
Times are ISO 8601; one without an offset is taken as UTC (inferred).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce
from typing import Annotated, Final, TypeVar

import msgspec

from gateway.domain.errors import BadParameter, InvalidBody
from gateway.domain.intent import Intent, Outcome, OutcomeKind
from gateway.domain.report import DeliveryReport, IncomingMessage
from gateway.domain.sms import UPSTREAM_PRIORITY_BY_PRIORITY, TemplateValues, known_names, values_for
from gateway.domain.status import MessageStatus, UpstreamStatus, next_status
from gateway.ports import Balance

_Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{1,64}\Z")]  # it becomes part of a path
_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Number = Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9A-Za-z]{1,40}\Z")]
_Code = Annotated[int, msgspec.Meta(ge=100, le=999)]

_BATCH_CANCELED: Final = 203  # v2.md: the batch's own status, not a message's

T = TypeVar("T")


class _PriceSummary(msgspec.Struct):
    average: float | None = None
    currency: str | None = None


class _Batch(msgspec.Struct):
    id: _Id
    reference: str | None = None
    priceSummary: _PriceSummary | None = None  # noqa: N815 -- the wire's name
    status: int | None = None


class _Status(msgspec.Struct):
    code: _Code
    created: datetime


class _Message(msgspec.Struct):
    id: _Text
    recipient: _Number
    batchId: str = ""  # noqa: N815 -- the wire's name
    owner: str = ""
    sender: str = ""
    body: str = ""
    direction: str = ""
    segments: int | None = None
    price: float | None = None
    currency: str | None = None
    statuses: Sequence[_Status] = ()
    modified: datetime | None = None
    created: datetime | None = None
    reference: str | None = None


class _Report(msgspec.Struct):
    batchId: _Text  # noqa: N815 -- the wire's name
    recipient: _Number
    code: _Code
    created: datetime
    id: str | None = None
    messageId: str | None = None  # noqa: N815 -- the wire's name
    segments: int | None = None
    price: float | None = None
    currency: str | None = None
    reference: str | None = None


class _Account(msgspec.Struct, rename="pascal"):
    account: _Text
    balance: float
    currency: str = ""


_ENCODER: Final = msgspec.json.Encoder()
_BATCH: Final = msgspec.json.Decoder(_Batch, strict=False)
_BATCHES: Final = msgspec.json.Decoder(list[_Batch], strict=False)
_MESSAGE: Final = msgspec.json.Decoder(_Message, strict=False)
_MESSAGES: Final = msgspec.json.Decoder(list[_Message], strict=False)
_REPORT: Final = msgspec.json.Decoder(_Report, strict=False)
_ACCOUNT: Final = msgspec.json.Decoder(_Account, strict=False)


# ---- what we send ------------------------------------------------------------------------------------------


def render_batch(intent: Intent, *, delivery_report_url: str | None) -> bytes:
    """The body of `POST /v2/batches`. Raises InvalidBody where retention has erased the text."""
    if intent.body is None:
        raise InvalidBody("the text has been erased and cannot be sent any more")
    batch: dict[str, object] = {
        "sender": intent.sender,
        "recipients": _render_recipients(intent.recipients, intent.values),
        "body": intent.body,
        "datacoding": "ucs",  # the largest set allowed, not the one used: nothing is refused for its letters
        "priority": UPSTREAM_PRIORITY_BY_PRIORITY[intent.priority],
        "reference": intent.reference,
    }
    if intent.opens_at is not None:
        batch["deliveryWindows"] = [{"opens": _render_time(intent.opens_at), "closes": None}]
    if delivery_report_url is not None:
        batch["deliveryReportUrl"] = delivery_report_url
    return _ENCODER.encode(batch)


def _render_recipients(
    recipients: Sequence[str], values: TemplateValues | None
) -> Sequence[str] | Mapping[str, Mapping[str, str]]:
    """Every recipient gets every name, so that nothing hangs on v2's own rules for what is left out."""
    names = known_names(values) if values else ()
    if not values or not names:
        return recipients
    return {recipient: values_for(recipient, values, names) for recipient in recipients}


def _render_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- what v2 answers ---------------------------------------------------------------------------------------


def parse_batch(body: bytes) -> Outcome:
    """The acceptance of one batch. Raises BadParameter where it has no readable id."""
    return _accepted(_decode(_BATCH, body))


def parse_batches(body: bytes) -> list[tuple[str, str | None, Outcome]]:
    """A page of batches: the id, the reference and the acceptance of each. Raises BadParameter."""
    return [(batch.id, batch.reference, _accepted(batch)) for batch in _decode(_BATCHES, body)]


def _accepted(batch: _Batch) -> Outcome:
    price = batch.priceSummary or _NO_PRICE
    return Outcome(kind=_ACCEPTED, batch_id=batch.id, price=price.average, currency=price.currency)


_ACCEPTED: Final = OutcomeKind.ACCEPTED
_NO_PRICE: Final = _PriceSummary()


def parse_is_canceled(body: bytes) -> bool:
    """Whether a batch is canceled. Raises BadParameter."""
    return _decode(_BATCH, body).status == _BATCH_CANCELED


def parse_statuses(body: bytes) -> list[DeliveryReport | None]:
    """A page of a batch's messages, each as the report of its newest status; None for one that has none yet."""
    return [_report_of(message) for message in _decode(_MESSAGES, body)]


def _report_of(message: _Message) -> DeliveryReport | None:
    if not message.statuses:
        return None
    moments = sorted((_status(given.code, given.created) for given in message.statuses), key=_by_age)
    in_force = reduce(next_status, moments)  # not the newest: 104 Refunded follows a failure
    return DeliveryReport(
        message_id=message.id,
        batch_id=message.batchId,
        recipient=message.recipient.removeprefix("+"),
        status=in_force,
        segments=message.segments,
        price=message.price,
        currency=message.currency,
        reference=message.reference,
    )


def parse_balance(body: bytes) -> Balance:
    """The answer of `GET /api/me`, the one document with capital letters. Raises BadParameter."""
    account = _decode(_ACCOUNT, body)
    return Balance(account_id=account.account, amount=account.balance, currency=account.currency)


def parse_has_next(link: str | None) -> bool | None:
    """Whether a Link header names a next page; None where there is no header.

    Its address is not given away: following it would take the token wherever the answer points.
    """
    return None if link is None else bool(_NEXT.search(link))


_NEXT: Final = re.compile(r"""<[^<>]*>[^<>]*?\brel\s*=\s*["']?next\b""", re.IGNORECASE)


# ---- what v2 posts to us -----------------------------------------------------------------------------------


def parse_delivery_report(body: bytes) -> DeliveryReport:
    """One pushed status change, `id` or the older `messageId`. Raises BadParameter."""
    report = _decode(_REPORT, body)
    message_id = report.id or report.messageId
    if not message_id:
        raise BadParameter("body", "names no message: id is missing")
    return DeliveryReport(
        message_id=message_id,
        batch_id=report.batchId,
        recipient=report.recipient.removeprefix("+"),
        status=_status(report.code, report.created),
        segments=report.segments,
        price=report.price,
        currency=report.currency,
        reference=report.reference,
        raw=body,
    )


def parse_incoming(body: bytes) -> IncomingMessage:
    """One SMS from a phone, a message document with direction `mo`. Raises BadParameter."""
    message = _decode(_MESSAGE, body)
    moments = [status.created for status in message.statuses]
    received_at = message.created or min(moments, default=None, key=_aware) or message.modified
    if received_at is None:
        raise BadParameter("body", "says not when the message came: created is missing")
    if message.direction.lower() not in ("mo", ""):
        raise BadParameter("body", "is not an incoming message: its direction is not mo")
    return IncomingMessage(
        upstream_id=message.id,
        account_id=message.owner,
        sender=message.sender,
        recipient=message.recipient.removeprefix("+"),
        body=message.body,
        segments=message.segments or 1,
        received_at=_aware(received_at),
        raw=body,
    )


def _status(code: int, created: datetime) -> MessageStatus:
    return MessageStatus(code=UpstreamStatus(code), at=_aware(created))


def _aware(moment: datetime) -> datetime:
    """In UTC. Raises BadParameter for what is no moment there, such as .NET's empty `0001-01-01T00:00:00+01:00`."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as error:
        raise BadParameter("body", "has a time outside of the calendar") from error


def _by_age(status: MessageStatus) -> tuple[datetime, int]:
    return status.at, status.code


def _decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Decode, or say what is wrong in words that quote nothing of what came."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise BadParameter("body", str(error)) from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadParameter("body", "is not JSON") from error


def render_setting(value: str) -> bytes:
    """The body of `PUT /v2/me/sms/settings/{setting}`: a bare JSON string (inferred; no other form is named)."""
    return _ENCODER.encode(value)
