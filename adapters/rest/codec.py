"""REST 1.0 requests: headers and bytes in, domain values out.

Facts
- HTTP Basic of account id and API key, or a bearer token (legacy.md). Keys may hold `#` and `:`.
- `POST /api/sms/send` takes a JSON object; missing arrays and null are fine (legacy.md). The provider's guide has
  clients send `Content-Type: application/json; utf8`, a parameter without a value.
- The old framework read JSON with Json.NET: names in any case, a number where a string is declared, `"true"`
  where a boolean is. PHP writes an empty object as `[]`.
- Contacts and Groups are ids of a system that is gone.
- `GET .../sent` and `.../received` filter by `from[0]`, `from[1]`, `to[0]`, `to[1]` (legacy.md).
- An id that is no number is an invalid URI, and those are documented as 404.
"""

import binascii
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import hdrs

from adapters import charsets, queries
from gateway.domain.account import AccountSettings
from gateway.domain.errors import BadParameter, InvalidRecipient, InvalidSender, NotFound, WrongCredentials
from gateway.domain.report import StoredIncoming
from gateway.domain.sms import (
    REST,
    Credentials,
    Order,
    Priority,
    TemplateValues,
    parse_msisdn,
    parse_priority,
    parse_sender,
)
from gateway.ports import MessageQuery

JSON_MEDIA_TYPES = frozenset({"application/json", "text/json"})

# Fractions stay as written, so that a template value of 1.50 is sent as 1.50.
_DECODER = msgspec.json.Decoder(float_hook=str)


def is_json(content_type: str | None) -> bool:
    """Whether a body of this content type is read at all; otherwise the answer is 415."""
    return (content_type or "").partition(";")[0].strip().lower() in JSON_MEDIA_TYPES


def parse_credentials(headers: Mapping[str, str]) -> Credentials:
    """Who calls, from the Authorization header. Raises WrongCredentials."""
    scheme, _, rest = headers.get(hdrs.AUTHORIZATION, "").strip().partition(" ")
    scheme, value = scheme.lower(), rest.strip()
    if scheme == "bearer" and value:
        return Credentials(account_id=None, api_key=value)
    if scheme == "basic":
        account_id, _, api_key = _decode_basic(value).partition(":")
        if account_id and api_key:
            return Credentials(account_id=account_id, api_key=api_key)
    raise WrongCredentials("the Authorization header must be `Basic` with account id and API key, or `Bearer`")


def parse_order(body: bytes, content_type: str | None) -> Order:
    """What the JSON asks for, in the caller's spelling. Raises BadParameter with REST's own field names."""
    written = {name.lower(): value for name, value in _parse_object(body, content_type).items()}
    # Of several faults the first in this order is told.
    _refuse_ids(written.get("contacts"), "Contacts")
    _refuse_ids(written.get("groups"), "Groups")
    return Order(
        interface=REST,
        sender=_text(written.get("from"), "From"),
        recipients=_numbers(written.get("numbers"), "Numbers"),
        body=_text(written.get("message"), "Message"),
        priority=_priority(written.get("prio"), "Prio"),
        values=_values(written.get("parameters"), "Parameters"),
        wants_email=_flag(written.get("email"), "Email"),
    )


def parse_id(written: str) -> int:
    """The integer in a path. Raises NotFound for anything else."""
    if not (written.isascii() and written.isdigit() and len(written) <= 10):
        raise NotFound("the id in the address must be a whole number")
    return int(written)


def parse_filters(query: bytes, settings: AccountSettings) -> MessageQuery:
    """The senders and recipients to list, spelled as the store spells them; empty means any.

    Raises BadParameter beyond as many parameters as a query may have.
    """
    pairs = [(name.partition("[")[0], value) for name, value in queries.parse_pairs(query) if value]
    return MessageQuery(
        senders=[_known_sender(value, settings) for name, value in pairs if name == "from"],
        recipients=[_known_number(value, settings) for name, value in pairs if name == "to"],
    )


def select_incoming(stored: Iterable[StoredIncoming], filters: MessageQuery) -> list[StoredIncoming]:
    """Those that came from and to the numbers asked for."""
    return [
        one
        for one in stored
        if (not filters.senders or one.message.sender in filters.senders)
        and (not filters.recipients or one.message.recipient in filters.recipients)
    ]


def _decode_basic(value: str) -> str:
    try:
        raw = binascii.a2b_base64(value + "=" * (-len(value) % 4), strict_mode=True)
    except ValueError:
        return ""
    return charsets.decode(raw)


def _parse_object(body: bytes, content_type: str | None) -> Mapping[str, Any]:
    text = charsets.decode(body, charsets.codec_of_mark(body) or charsets.codec_of(content_type))
    try:
        document = _DECODER.decode(text)
    except msgspec.DecodeError as error:
        raise BadParameter("request", f"the body is not JSON: {error}") from error
    except RecursionError as error:
        raise BadParameter("request", "the JSON is nested too deeply") from error
    if not isinstance(document, dict):
        raise BadParameter("request", 'the body must be a JSON object such as {"From": "iP1", "Numbers": [...]}')
    return document


def _text(value: object, field: str) -> str | None:
    """A string, or a number in its own spelling; NUL dropped (no SMS can carry one)."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise _wrong_type(field, "a string")


def _priority(value: object, field: str) -> Priority:
    return parse_priority(_text(value, field))


def _array(value: object, field: str) -> Sequence[object]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _wrong_type(field, "an array")
    return value


def _numbers(value: object, field: str) -> tuple[str, ...]:
    return tuple([text for number in _array(value, field) if (text := _text(number, field))])


def _refuse_ids(value: object, field: str) -> None:
    if _array(value, field):
        raise BadParameter(field, "these ids belong to a system that is gone; write phone numbers into Numbers")


def _flag(value: object, field: str) -> bool:
    if value is None:
        return False
    if isinstance(value, int):  # true and false are
        return bool(value)
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise _wrong_type(field, "true or false")


def _values(value: object, field: str) -> TemplateValues | None:
    if value is None:
        return None
    given = {
        number: {name: _value(one, field) for name, one in _object(names, field).items()}
        for number, names in _object(value, field).items()
    }
    return given or None


def _object(value: object, field: str) -> Mapping[str, Any]:
    if value in (None, []):
        return {}
    if not isinstance(value, dict):
        raise _wrong_type(field, 'an object such as {"46701234567": {"name": "Anna"}, "default": {"name": "you"}}')
    return value


def _value(value: object, field: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value, field) or ""


def _wrong_type(field: str, wanted: str) -> BadParameter:
    return BadParameter(field, f"must be {wanted}")


def _known_sender(written: str, settings: AccountSettings) -> str:
    try:
        return parse_sender(settings.senders.get(written, written), country_code=settings.country_code)
    except InvalidSender:
        return written


def _known_number(written: str, settings: AccountSettings) -> str:
    try:
        return parse_msisdn(written, country_code=settings.country_code)
    except InvalidRecipient:
        return written
