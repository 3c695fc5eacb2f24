"""REST 1.0 answers: domain values in, the documents of the interface out.

Facts
- Field names, their order and types are those of the provider's help page (legacy.md, REST 1.0). `Created` and
  `CreatedDate` say the same, and so do `Modified` and `UpdatedDate`, which only reads carry.
- Moments have seven decimals and an offset, `2019-05-21T17:53:36.3333017+00:00` on that page; the provider's own
  PHP SDK documents them as UTC.
- Clients store `TotalPrice` as what a message cost and `Segments` as how many SMS it was. v2's `price` of a message
  is therefore `TotalPrice`; `Price` is that of one segment (ours: nothing more is known).
- Clients with typed models fail on null where a number or an enumeration is declared, so a price that v2 has not
  named yet is 0, and its currency SEK, as on the help page.
- An error is `Message` and, for a faulty request, `ModelState`: what ASP.NET Web API made of it. Clients show
  `Message` to people (legacy.md), so it says which field is wrong and why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import msgspec

from adapters.rest.country import country_of
from gateway.domain.coding import choose_coding, count_segments
from gateway.domain.errors import BadParameter, GatewayError, InvalidBody, InvalidRecipient, InvalidSender
from gateway.domain.intent import MessageRecord
from gateway.domain.report import StoredIncoming
from gateway.domain.sms import REST, render_body
from gateway.domain.status import LegacyStatus, StatusTables

CURRENCY_BEFORE_PRICED = "SEK"
PRICE_DECIMALS = 5
_SECONDS_END = len("2019-05-21T17:53:36")
_MICROSECONDS_END = len("2019-05-21T17:53:36.333301")

FIELD_BY_PARAMETER = {"from": "From", "to": "Numbers", "body": "Message"}
FIELD_BY_ERROR: dict[type[GatewayError], str] = {
    InvalidSender: "From",
    InvalidRecipient: "Numbers",
    InvalidBody: "Message",
}


class _Created(msgspec.Struct, frozen=True):
    """What an answer about an SMS begins with, by position: Python hands over sixteen names in a dictionary."""

    created: str = msgspec.field(name="Created")
    created_date: str = msgspec.field(name="CreatedDate")


class SentMessage(_Created, frozen=True, kw_only=True):
    """One sent SMS."""

    modified: str | msgspec.UnsetType = msgspec.field(name="Modified", default=msgspec.UNSET)
    updated_date: str | msgspec.UnsetType = msgspec.field(name="UpdatedDate", default=msgspec.UNSET)
    id: int = msgspec.field(name="ID")
    bundle_id: int | None = msgspec.field(name="BundleID")
    status: LegacyStatus = msgspec.field(name="Status")
    status_description: str = msgspec.field(name="StatusDescription")
    recipient: str = msgspec.field(name="To")
    country_code: str | None = msgspec.field(name="CountryCode")
    currency: str = msgspec.field(name="Currency")
    total_price: float = msgspec.field(name="TotalPrice")
    price: float = msgspec.field(name="Price")
    encoding: str = msgspec.field(name="Encoding")
    segments: int = msgspec.field(name="Segments")
    priority: int = msgspec.field(name="Prio")
    sender: str = msgspec.field(name="From")
    body: str | None = msgspec.field(name="Message")


class ReceivedMessage(_Created, frozen=True, kw_only=True):
    """One SMS that came in. Its shape is lost; ours is that of a sent one without what cannot apply."""

    modified: str = msgspec.field(name="Modified")
    updated_date: str = msgspec.field(name="UpdatedDate")
    id: int = msgspec.field(name="ID")
    recipient: str = msgspec.field(name="To")
    country_code: str | None = msgspec.field(name="CountryCode")
    encoding: str = msgspec.field(name="Encoding")
    segments: int = msgspec.field(name="Segments")
    sender: str = msgspec.field(name="From")
    body: str | None = msgspec.field(name="Message")


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a call failed. Clients read `Message`; `ModelState` names the faulty fields of a request."""

    message: str = msgspec.field(name="Message")
    model_state: dict[str, list[str]] = msgspec.field(name="ModelState", default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentMaker:
    """Makes documents of records; `now` tells the time, moments are shown in `time_zone`."""

    tables: StatusTables
    now: Callable[[], datetime]
    time_zone: tzinfo = UTC

    def created(self, record: MessageRecord) -> SentMessage:
        """A message as the answer to its send shows it."""
        body = record.body
        if body and record.values:
            body = render_body(body, record.recipient, record.values)
        coding = choose_coding(body or "")
        segments = record.segments or count_segments(body or "", coding)
        price = record.outcome.price if record.price is None else record.price
        scheduled = record.opens_at is not None and record.opens_at > self.now()
        upstream_status = record.upstream_status(self.tables)
        status = self.tables.legacy_status(upstream_status, REST, scheduled=scheduled)
        created_at = render_moment(record.created_at, self.time_zone)
        return SentMessage(
            created_at,
            created_at,
            id=record.id,
            bundle_id=record.bundle_id,
            status=status,
            status_description=self.tables.legacy[status].text,
            recipient=record.recipient,
            country_code=country_of(record.recipient),
            currency=record.currency or record.outcome.currency or CURRENCY_BEFORE_PRICED,
            total_price=price or 0.0,
            price=round((price or 0.0) / segments, PRICE_DECIMALS),
            encoding=coding,
            segments=segments,
            priority=record.priority,
            sender=record.sender,
            body=body,
        )

    def read(self, record: MessageRecord) -> SentMessage:
        """A message as a later read shows it."""
        document = self.created(record)
        modified = render_moment(record.status.at, self.time_zone) if record.status else document.created
        return msgspec.structs.replace(document, modified=modified, updated_date=modified)

    def received(self, stored: StoredIncoming) -> ReceivedMessage:
        """An SMS that came in."""
        message = stored.message
        received_at = render_moment(message.received_at, self.time_zone)
        return ReceivedMessage(
            received_at,
            received_at,
            modified=received_at,
            updated_date=received_at,
            id=stored.id,
            recipient=message.recipient,
            country_code=country_of(message.sender),
            encoding=choose_coding(message.body or ""),
            segments=message.segments,
            sender=message.sender,
            body=message.body,
        )


def problem_of(error: GatewayError) -> Problem:
    """What a caller is told of an error, in REST's own field names."""
    if isinstance(error, BadParameter):
        field = FIELD_BY_PARAMETER.get(error.parameter, error.parameter)
        return Problem(message=f"{field}: {error.problem}", model_state={field: [error.problem]})
    faulty = FIELD_BY_ERROR.get(type(error))
    return Problem(message=str(error), model_state={faulty: [str(error)]} if faulty else {})


def render_moment(moment: datetime, time_zone: tzinfo) -> str:
    """ISO 8601 with seven decimals (.NET counts in 100 ns) and an offset."""
    local: str = msgspec.to_builtins(moment.astimezone(time_zone)).replace("Z", "+00:00")
    if not moment.microsecond:
        local = f"{local[:_SECONDS_END]}.000000{local[_SECONDS_END:]}"
    return f"{local[:_MICROSECONDS_END]}0{local[_MICROSECONDS_END:]}"
