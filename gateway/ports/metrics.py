"""What the core has counted."""

from typing import Protocol

from gateway.domain.intent import OutcomeKind
from gateway.domain.report import ForwardKind
from gateway.domain.sms import Interface
from gateway.domain.status import MessageStatus


class Metrics(Protocol):
    """What is counted. Labels are bounded: never an account, a number, an id or a text."""

    def call(self, interface: Interface, operation: str, outcome: str, seconds: float) -> None:
        """One legacy call was answered; `outcome` is "ok" or a row of the send table."""

    def legacy_code(self, interface: Interface, code: str) -> None:
        """A legacy status code (or an HTTP status, for REST 1.0) was handed out in an id's place."""

    def messages(self, interface: Interface, messages: int, segments: int) -> None:
        """Messages were accepted from a caller and put on disk."""

    def outcome(self, kind: OutcomeKind) -> None:
        """An intent got this outcome."""

    def upstream_call(self, call: str, outcome: str, seconds: float) -> None:
        """One HTTP exchange with v2; `outcome` is "ok" or the error's class name."""

    def report(self, fate: str) -> None:
        """A delivery report was worked off, refused or could not be read."""

    def incoming(self) -> None:
        """An incoming SMS was stored."""

    def unmapped_status(self, status: MessageStatus) -> None:
        """v2 used a status code that has no row in the tables."""

    def email_asked(self, interface: Interface) -> None:
        """A caller asked for an e-mail copy, which no longer exists."""

    def repeated(self, mode: str) -> None:
        """A call repeated another within the account's window."""

    def forward(self, kind: ForwardKind, outcome: str) -> None:
        """A forward was delivered, failed or died."""

    def pending(self, kind: OutcomeKind, count: int) -> None:
        """How many intents are pending now."""

    def breaker(self, state: str) -> None:
        """The circuit breaker is closed, half_open or open."""

    def commit(self, rows: int, seconds: float) -> None:
        """The store committed one group."""
