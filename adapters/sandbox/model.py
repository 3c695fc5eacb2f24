"""What the sandbox keeps: accounts, batches, messages. No HTTP, no JSON, no clock.

Amounts are in hundredths of the account's currency (öre), so that sums are exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from adapters.sandbox.segments import Coding
from adapters.sandbox.statuses import BatchStatus, Status

CURRENCY: Final = "SEK"
PRICE_ORE: Final = 39  # per SMS; the provider's price list is not public, any constant will do
URGENT_ORE: Final = 10  # per SMS of priority 2: "10 öre for a Swedish account"

NOT_YET_SENT: Final = frozenset({Status.ACCEPTED, Status.QUEUED, Status.FUNDED, Status.SENDING})


class Direction(StrEnum):
    """To a phone or from one. Batches spell it in capitals, messages in small letters."""

    TO_PHONE = "MT"
    FROM_PHONE = "MO"


class Window(NamedTuple):
    """When a batch may be sent. Both ends are aware."""

    opens_at: datetime
    closes_at: datetime


class Change(NamedTuple):
    """A message took a status."""

    created_at: datetime
    status: Status


class Recipient(NamedTuple):
    """A number, and the values of the names in braces that its text shows."""

    msisdn: str
    values: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What a valid `POST /v2/batches` asks for, with every default filled in."""

    sender: str
    recipients: tuple[Recipient, ...]
    body: str
    windows: tuple[Window, ...]
    templated: bool = False
    type: str = "sms"
    datacoding: Coding = Coding.UCS
    priority: int = 1
    delivery_report_url: str | None = None
    reference: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(kw_only=True, slots=True)
class Message:
    """One SMS to one recipient: where it has been, and where it will go if nothing stops it."""

    id: str
    recipient: str
    body: str
    coding: Coding
    segments: int
    price_ore: int
    changes: list[Change]
    ahead: tuple[Status, ...]

    @property
    def latest(self) -> Change:
        """The newest change."""
        return self.changes[-1]


@dataclass(kw_only=True, slots=True)
class Batch:
    """What one call created."""

    id: str
    owner: str
    draft: Draft
    direction: Direction
    messages: list[Message]
    is_open: bool

    @property
    def status(self) -> BatchStatus:
        """Derived from the direction, the delivery windows and the messages' latest statuses."""
        if self.direction is Direction.FROM_PHONE:
            return BatchStatus.INCOMING
        latest = {message.latest.status for message in self.messages}
        if latest == {Status.CANCELED}:
            return BatchStatus.CANCELED
        if not self.is_open:
            return BatchStatus.PLANNED
        return BatchStatus.SENT if latest.isdisjoint(NOT_YET_SENT) else BatchStatus.ONGOING


@dataclass(kw_only=True, slots=True)
class Account:
    """One of the provider's customers."""

    id: str
    balance_ore: int
    senders: dict[str, datetime] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
