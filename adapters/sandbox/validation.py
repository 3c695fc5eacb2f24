"""What `POST /v2/batches` refuses, field by field.

Facts: contract/v2.md, the table of fields. Field names are read in any case: the provider's own C# sample sends
`Sender`, `Recipients`, `Body`. Inferred: an unknown field is ignored, and a window must close after it opens.
"""

import re
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from adapters.sandbox.errors import Refused
from adapters.sandbox.model import Draft, Recipient
from adapters.sandbox.segments import Coding, measure
from adapters.sandbox.templates import fill_in
from adapters.sandbox.windows import parse_windows

_SENDER: Final = re.compile(r"[0-9]{1,15}|[0-9A-Za-z]{3,11}")
_MSISDN: Final = re.compile(r"[0-9]{1,15}")
_LONGEST_BODY: Final = 2000  # characters
_LONGEST_REFERENCE: Final = 40  # characters
_DEFAULT: Final = "default"

T = TypeVar("T")


def parse_draft(document: object, now: datetime) -> Draft:
    """Turn the decoded body of a call into a draft. Raises Refused, with a text for every wrong field."""
    if not isinstance(document, dict):
        raise Refused({"$": "The body must be a JSON object."})
    given = {str(name).lower(): value for name, value in document.items()}
    errors: dict[str, str] = {}

    def take(field: str, parse: Callable[[Any], T], fallback: T) -> T:
        try:
            return parse(given.get(field.lower()))
        except ValueError as wrong:
            errors[field] = str(wrong)
            return fallback

    draft = Draft(
        sender=take("sender", parse_sender, ""),
        recipients=take("recipients", parse_recipients, ()),
        body=take("body", _parse_body, ""),
        windows=take("deliveryWindows", lambda value: parse_windows(value, now), ()),
        templated=isinstance(given.get("recipients"), dict),
        type=take("type", _parse_type, ""),
        datacoding=take("datacoding", _parse_datacoding, Coding.UCS),
        priority=take("priority", _parse_priority, 1),
        delivery_report_url=take("deliveryReportUrl", _parse_report_url, None),
        reference=take("reference", _parse_reference, None),
        tags=take("tags", _parse_tags, ()),
    )
    if _needs_more_than(draft):
        errors.setdefault("body", "The body has characters that datacoding gsm does not have.")
    if errors:
        raise Refused(errors)
    return draft


def parse_sender(value: object) -> str:
    """Take a sender: digits (at most 15), or 3 to 11 letters and digits. Raises ValueError."""
    if value is None:
        raise ValueError("A sender is required.")
    if not isinstance(value, str) or not _SENDER.fullmatch(value):
        raise ValueError("A sender is a number of at most 15 digits, or 3 to 11 of the characters A-Z, a-z, 0-9.")
    return value


def parse_recipients(value: object) -> tuple[Recipient, ...]:
    """Take an array of numbers, or an object of number to values. Raises ValueError."""
    if isinstance(value, dict):
        return _parse_templated(value)
    if not isinstance(value, list):
        raise ValueError("Recipients are required: an array of numbers, or an object for templating.")
    _require_numbers(value)
    return tuple(Recipient(number, {}) for number in value)


def _parse_templated(value: dict[str, Any]) -> tuple[Recipient, ...]:
    values_by_number = {number: values or {} for number, values in value.items()}
    for values in values_by_number.values():
        if not isinstance(values, dict) or not all(isinstance(text, str) for text in values.values()):
            raise ValueError("Each recipient's values must be an object of strings.")
    default = values_by_number.pop(_DEFAULT, {})
    _require_numbers(values_by_number)
    return tuple(Recipient(number, default | own) for number, own in values_by_number.items())


def _require_numbers(numbers: Collection[object]) -> None:
    if not numbers:
        raise ValueError("At least one recipient is required.")
    wrong = [
        str(place)
        for place, number in enumerate(numbers)
        if not isinstance(number, str) or not _MSISDN.fullmatch(number)
    ]
    if wrong:
        raise ValueError(
            "A recipient is a string of at most 15 digits, country code first, without + or 00. "
            f"Not so at position {', '.join(wrong[:10])}."
        )


def _parse_body(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("A body is required and must not be blank.")
    if len(value) > _LONGEST_BODY:
        raise ValueError(f"A body has at most {_LONGEST_BODY} characters.")
    return value


def _parse_type(value: object) -> str:
    if value is None:
        return "sms"
    if isinstance(value, str) and value.lower() in {"sms", "flash"}:
        return value.lower()
    raise ValueError("The type is sms or flash.")


def _parse_datacoding(value: object) -> Coding:
    if value is None:
        return Coding.UCS
    if isinstance(value, str) and value.upper() in set(Coding):
        return Coding(value.upper())
    raise ValueError("The datacoding is gsm or ucs.")


def _parse_priority(value: object) -> int:
    if value is None:
        return 1
    if type(value) is int and value in {1, 2}:
        return value
    raise ValueError("The priority is 1 or 2.")


def _parse_report_url(value: object) -> str | None:
    return None if value is None else parse_url(value)


def parse_url(value: object) -> str:
    """Take an absolute http or https address. Raises ValueError."""
    problem = ValueError("Must be an absolute http or https URL.")
    if not isinstance(value, str):
        raise problem
    try:
        parts = urlsplit(value)
    except ValueError:
        raise problem from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise problem
    return value


def _parse_reference(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_REFERENCE:
        raise ValueError(f"A reference has 1 to {_LONGEST_REFERENCE} characters and is not blank.")
    return value


def _parse_tags(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise ValueError("Tags are an array of strings.")
    return tuple(value)


def _needs_more_than(draft: Draft) -> bool:
    """Say whether a text, with its names filled in, needs an alphabet that the batch does not allow."""
    if draft.datacoding is Coding.UCS:
        return False
    texts = {fill_in(draft.body, recipient.values) for recipient in draft.recipients} or {draft.body}
    return any(measure(text).coding is Coding.UCS for text in texts)
