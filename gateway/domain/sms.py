"""The values an SMS is made of, and how they are read from what old callers write."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from enum import IntEnum, StrEnum

from gateway.domain.errors import BadParameter, InvalidBody, InvalidRecipient, InvalidSender
from gateway.domain.values import value

BODY_MAX_CHARACTERS = 2000  # v2.md: body
RECIPIENTS_PER_BATCH = 500  # v2.md: recommended a call
MSISDN_MAX_DIGITS = 15  # v2.md, ITU-T E.164
MSISDN_MIN_DIGITS = 5  # ours: shorter than any country code with a subscriber number behind it

TemplateValues = Mapping[str, Mapping[str, str]]
"""REST 1.0 `Parameters`: phone number or "default" -> {name: value}."""


class Interface(StrEnum):
    """One of the three legacy surfaces."""

    SOAP = "soap"
    ASPX = "aspx"
    REST = "rest"


SOAP, ASPX, REST = Interface


class Priority(IntEnum):
    """The legacy `prio` (legacy.md: seen in clients)."""

    GROUP = 1
    NORMAL = 2
    URGENT = 3


GROUP, NORMAL, URGENT = Priority

# v2's priority 2 costs extra, so only what was urgent pays for it (legacy.md).
UPSTREAM_PRIORITY_BY_PRIORITY: Mapping[Priority, int] = {
    GROUP: 1,
    NORMAL: 1,
    URGENT: 2,
}


def parse_priority(written: str | None) -> Priority:
    """The legacy priority; missing, empty or any number outside 1 to 3 is normal.

    Nobody documented what the old service did with other values, and a message is worth more than its priority.
    """
    if not written:
        return NORMAL
    try:
        return _PRIORITY_BY_NUMBER.get(int(written), NORMAL)
    except ValueError:
        return NORMAL


_PRIORITY_BY_NUMBER: Mapping[int, Priority] = {priority.value: priority for priority in Priority}


@value
class Credentials:
    """What a caller identifies himself with; `account_id` is None where only a bearer token was sent."""

    account_id: str | None
    api_key: str = field(repr=False)


def parse_msisdn(written: str, *, country_code: str) -> str:
    """A phone number in international form, digits only.

    Reads `+46…`, `0046…`, `46…` or the national `0…` with blanks, dashes, dots, slashes and brackets.
    `country_code` is the calling code (digits) that a national number gets. A leading blank is a `+` that a client
    did not escape in a query (asmx-facts 1.13); it means the same. Raises InvalidRecipient.
    """
    digits = written if written.isdigit() else _SEPARATORS.sub("", written)
    if digits[:1] in _PREFIXES:
        digits = _internationalise(digits, country_code)
    if not (MSISDN_MIN_DIGITS <= len(digits) <= MSISDN_MAX_DIGITS and digits.isascii() and digits.isdigit()):
        raise InvalidRecipient("not a phone number: write the country code and the number, digits only")
    return digits


def _internationalise(dialled: str, country_code: str) -> str:
    if dialled.startswith("+"):
        return dialled[1:]
    return dialled[2:] if dialled.startswith("00") else country_code + dialled[1:]


_PREFIXES = ("+", "0")
# The zero of +46 (0)70 ... is only dialled inside the country.
_SEPARATORS = re.compile(r"\(0\)|[\s\-./()\u2010-\u2015]")


def mask_number(number: str) -> str:
    """A number as logs and pages may show it: the last three digits."""
    return f"…{number[-3:]}"


def parse_sender(written: str, *, country_code: str) -> str:
    """Who a message seems to come from, in the only forms v2 takes: up to 15 digits, or [0-9A-Za-z]{3,11}.

    Reads a number in any spelling, or text, whose other characters are dropped: the old service took 11 ASCII
    characters, dot and blank among them (`iP.1` in its own samples); v2 refuses those, so `iP.1` becomes `iP1` and
    `Café Å` becomes `CafeA`. Raises InvalidSender.
    """
    if not written.isalpha() and _LOOKS_LIKE_A_NUMBER.fullmatch(written):
        return _number_of_sender(written, country_code)
    text = written if written.isascii() and written.isalnum() else _alphanumeric(written)
    if not 3 <= len(text) <= 11:
        raise InvalidSender("sender: write a number of at most 15 digits, or 3 to 11 letters and digits")
    return text


# Possessive, so that a long sender costs linear time.
_LOOKS_LIKE_A_NUMBER = re.compile(r"\s*+\+?+[\s\-./()]*+\d[\d\s\-./()]*+", re.ASCII)
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]")
_NOT_DIGITS = re.compile(r"\D")


def _alphanumeric(written: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", unicodedata.normalize("NFKD", written))


def _number_of_sender(written: str, country_code: str) -> str:
    try:
        return parse_msisdn(written, country_code=country_code)
    except InvalidRecipient:
        pass
    digits = _NOT_DIGITS.sub("", written)
    # A short code (72323) is a sender that is no subscriber's number.
    if 3 <= len(digits) <= MSISDN_MAX_DIGITS and not digits.startswith("0"):
        return digits
    raise InvalidSender("sender: a number has at most 15 digits")


def parse_body(written: str | None, *, parameter: str = "body") -> str:
    """The text, unchanged. Raises BadParameter where it is missing, InvalidBody where v2 would refuse it."""
    if written is None:
        raise BadParameter(parameter, "is missing; it holds the text of the message")
    if not written.strip():
        raise InvalidBody("the text is empty; write at least one character")
    if len(written) > BODY_MAX_CHARACTERS:
        raise InvalidBody(f"the text has {len(written)} characters; at most {BODY_MAX_CHARACTERS} can be sent")
    if not _can_be_shown(written):
        raise InvalidBody("the text holds half a character or a NUL, which no phone can show")
    return written


def _can_be_shown(written: str) -> bool:
    try:
        written.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return "\0" not in written


def split_recipients(written: str | None) -> tuple[str, ...]:
    """The numbers in one legacy parameter, separated by comma (asmx-facts 1.5) or semicolon, blanks dropped."""
    return tuple(filter(str.strip, (written or "").replace(";", ",").split(",")))


@value
class Order:
    """What one legacy call asks for, as its codec read it: still in the caller's spelling.

    None marks a parameter that the caller left out; `opens_at` is when to send (None: now), aware.
    """

    interface: Interface
    sender: str | None
    recipients: tuple[str, ...]
    body: str | None
    priority: Priority = NORMAL
    values: TemplateValues | None = None
    opens_at: datetime | None = None
    wants_email: bool = False


def known_names(values: TemplateValues) -> frozenset[str]:
    """Every name that any number, or the default, gives a value."""
    return frozenset(name for given in values.values() for name in given)


def values_for(recipient: str, values: TemplateValues, names: Iterable[str]) -> dict[str, str]:
    """All `names` with their value for one recipient: its own, else the default's, else empty (legacy.md)."""
    own, default = values.get(recipient, {}), values.get("default", {})
    return {name: own.get(name, default.get(name, "")) for name in names}


def render_body(body: str, recipient: str, values: TemplateValues) -> str:
    """The text one recipient gets: `{name}` replaced; a name that no one gives a value stays as it is."""
    own = values_for(recipient, values, known_names(values))
    return _PLACEHOLDER.sub(lambda match: own.get(match[1], match[0]), body)


_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
