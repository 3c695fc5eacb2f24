"""Status codes of both worlds, and the tables between them.

Code 101 means wrong credentials in the legacy world and Accepted in v2's: the two never share a type.
The rows are data (`status-codes.toml`, beside this file); this module reads them into typed, total tables.
"""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NewType

from gateway.domain import errors
from gateway.domain.sms import REST, Interface
from gateway.domain.values import value

LegacyStatus = NewType("LegacyStatus", int)
UpstreamStatus = NewType("UpstreamStatus", int)
SendRowName = NewType("SendRowName", str)

ACCEPTED = UpstreamStatus(101)
QUEUED = UpstreamStatus(102)
REFUNDED = UpstreamStatus(104)
CANCELED = UpstreamStatus(203)
INVALID_RECIPIENT = UpstreamStatus(409)
SUBSCRIBER_OFFLINE = UpstreamStatus(503)

SCHEDULED = LegacyStatus(11)
DELIVERED = LegacyStatus(22)
GENERAL_DELIVERY_ERROR = LegacyStatus(50)
CANCEL_DONE = LegacyStatus(0)

# Legacy codes that mean "on its way"; a scheduled message shows 11 instead of them until its window opens.
_NOT_YET_SENT = frozenset({LegacyStatus(0), LegacyStatus(10)})


@value
class LegacyRow:
    """One legacy code: its text, whether it is final, whether a retry may help, whether REST 1.0 emits it."""

    text: str
    final: bool
    retry: bool
    rest: bool


@value
class MessageRow:
    """One v2 message status and the legacy code each interface shows for it; None: the newest one before it."""

    name: str
    soap: LegacyStatus | None
    rest: LegacyStatus | None


@value
class SendRow:
    """What a caller gets when a call ends so, and the v2 status that a recipient of a split bundle shows."""

    soap: LegacyStatus
    rest_http: int
    message: UpstreamStatus


SEND_ROW_BY_ERROR: Mapping[type[errors.GatewayError], SendRowName] = {
    errors.WrongCredentials: SendRowName("wrong_legacy_credentials"),
    errors.BadParameter: SendRowName("missing_or_bad_parameter"),
    errors.TooLarge: SendRowName("too_large"),
    errors.InvalidRecipient: SendRowName("invalid_recipient"),
    errors.InvalidBody: SendRowName("invalid_body"),
    errors.InvalidSender: SendRowName("invalid_sender"),
    errors.InsufficientCredits: SendRowName("insufficient_credits"),
    errors.NotFound: SendRowName("not_found"),
    errors.NothingScheduled: SendRowName("not_found"),
    errors.TokenRefused: SendRowName("upstream_login_failed"),
    errors.RateLimited: SendRowName("upstream_rate_limited"),
    errors.UpstreamUnavailable: SendRowName("upstream_unavailable"),
    # Our translation made something v2 does not take: the caller is not to blame (design, whose fault).
    errors.UpstreamRefused: SendRowName("internal_error"),
    errors.OutcomeUnknown: SendRowName("upstream_unavailable"),
    errors.GatewayOverloaded: SendRowName("gateway_overloaded"),
    errors.StoreUnavailable: SendRowName("internal_error"),
    errors.IdsExhausted: SendRowName("internal_error"),
}

TOO_LATE = SendRowName("too_late")
INTERNAL_ERROR = SendRowName("internal_error")


def send_row_of(error: errors.GatewayError) -> SendRowName:
    """The row of the send table for an error, or for the nearest class above it; else it is an internal error."""
    if isinstance(error, errors.SendFailed):
        return SendRowName(error.reason)
    rows = (SEND_ROW_BY_ERROR[kind] for kind in type(error).__mro__ if kind in SEND_ROW_BY_ERROR)
    return next(rows, INTERNAL_ERROR)


def is_final(status: UpstreamStatus) -> bool:
    """Whether v2 will not change this status any more: all but the 1xx group and 503, which is tried again."""
    return status >= 200 and status != SUBSCRIBER_OFFLINE


@value
class MessageStatus:
    """A v2 status and when it came about."""

    code: UpstreamStatus
    at: datetime


def next_status(current: MessageStatus | None, news: MessageStatus) -> MessageStatus:
    """The status in force after `news`, which may come twice and out of order (v2.md, delivery reports).

    A final status stays. 104 Refunded follows a failure and never hides it. Among the others the newer wins;
    at the same instant the one further along (the higher code) does.
    """
    if current is None or current.code == REFUNDED:
        return news
    if is_final(current.code) or news.code == REFUNDED:
        return current
    if is_final(news.code):
        return news
    return max(current, news, key=lambda status: (status.at, status.code))


@value
class StatusTables:
    """Every status table, complete and checked."""

    legacy: Mapping[LegacyStatus, LegacyRow]
    message: Mapping[UpstreamStatus, MessageRow]
    fallback: Mapping[int, MessageRow]
    send: Mapping[SendRowName, SendRow]

    @classmethod
    def parse(cls, text: str, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> "StatusTables":
        """Read the tables from TOML; `overrides` has the same shape and replaces single cells.

        Raises ConfigurationError with one line a problem.
        """
        data = _merged(tomllib.loads(text), overrides or {})
        tables = cls(
            legacy={LegacyStatus(int(code)): LegacyRow(**row) for code, row in data["legacy"].items()},
            message={UpstreamStatus(int(code)): _message_row(row) for code, row in data["message"].items()},
            fallback={int(group[0]): _message_row(row) for group, row in data["message_group_fallback"].items()},
            send={SendRowName(name): _send_row(row) for name, row in data["send"].items()},
        )
        problems = list(tables.problems())
        if problems:
            raise errors.ConfigurationError(problems)
        return tables

    def legacy_status(
        self, status: UpstreamStatus, interface: Interface, *, scheduled: bool = False
    ) -> LegacyStatus:
        """The legacy code an interface shows for a v2 status; `scheduled`: its window has not opened yet."""
        row = self.message.get(status) or self.fallback.get(status // 100) or self.fallback[5]
        code = row.rest if interface is REST else row.soap
        if code is None:
            return GENERAL_DELIVERY_ERROR
        return SCHEDULED if scheduled and code in _NOT_YET_SENT else code

    def is_mapped(self, status: UpstreamStatus) -> bool:
        """Whether the status has a row of its own."""
        return status in self.message

    def text(self, code: LegacyStatus) -> str:
        """The documented text of a legacy code, or "" for a code that does not exist."""
        row = self.legacy.get(code)
        return row.text if row else ""

    def problems(self) -> list[str]:
        """Why the tables cannot be used: codes that do not exist, codes REST 1.0 never emitted."""
        found = []
        for status, row in [*self.message.items(), *self.fallback.items()]:
            if row.soap is not None and row.soap not in self.legacy:
                found.append(f"status.message.{status}.soap: {row.soap} is not a legacy code")
            if row.rest is not None and not (row.rest in self.legacy and self.legacy[row.rest].rest):
                found.append(f"status.message.{status}.rest: REST 1.0 has no code {row.rest}")
            if status not in (201, 2) and DELIVERED in (row.soap, row.rest):
                found.append(f"status.message.{status}: only 201 may show {DELIVERED}, delivered to the phone")
        found += [
            f"status.send.{name}.soap: {row.soap} is not a legacy code"
            for name, row in self.send.items()
            if row.soap not in self.legacy
        ]
        return found


def _merged(data: dict[str, Any], overrides: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    problems = []
    for table, rows in overrides.items():
        for key, cells in rows.items():
            if key not in data.get(table, {}):
                problems.append(f"status.{table}.{key}: there is no such row")
            else:
                data[table][key] |= cells
    if problems:
        raise errors.ConfigurationError(problems)
    return data


def _message_row(row: Mapping[str, Any]) -> MessageRow:
    return MessageRow(name=row.get("name", ""), soap=_code(row["soap"]), rest=_code(row["rest"]))


def _send_row(row: Mapping[str, Any]) -> SendRow:
    return SendRow(
        soap=LegacyStatus(row["soap"]), rest_http=row["rest_http"], message=UpstreamStatus(row["message"])
    )


def _code(cell: int | str) -> LegacyStatus | None:
    return None if cell == "previous" else LegacyStatus(int(cell))
