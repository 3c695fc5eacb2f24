"""What v2 says instead of yes, as domain errors. No I/O.

Facts (v2.md, Errors): 400, 401, 403, 404, 405, 409, 415, 422, 429, 500, 503; the body is
`{"title", "errors": {"field": ["text"]}}`, `{"message"}` or `{"error"}`. 402 means an empty account (inferred).

v2's own texts may quote what we sent. Of them only a masked line goes on, and of a refused text nothing at all.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import msgspec

from gateway.domain.errors import (
    CallerError,
    GatewayError,
    InsufficientCredits,
    InvalidBody,
    InvalidRecipient,
    InvalidSender,
    RateLimited,
    TokenRefused,
    UpstreamError,
    UpstreamRefused,
    UpstreamUnavailable,
)

_LONGEST_LINE: Final = 200  # characters

_ERROR_BY_FIELD: Final[Mapping[str, type[CallerError]]] = {
    "sender": InvalidSender,
    "recipients": InvalidRecipient,
    "recipient": InvalidRecipient,
    "body": InvalidBody,
}


# 503 is documented as "unavailable", so nothing was sent. A redirect is not followed, since the token is not for
# whoever it names; 301, 307 and 308 say that the request was not carried out here (RFC 9110 15.4).
_ERROR_BY_STATUS: Final[Mapping[int, tuple[type[GatewayError], str]]] = {
    HTTPStatus.MOVED_PERMANENTLY: (UpstreamRefused, "v2 redirects; is its address right?"),
    HTTPStatus.TEMPORARY_REDIRECT: (UpstreamRefused, "v2 redirects; is its address right?"),
    HTTPStatus.PERMANENT_REDIRECT: (UpstreamRefused, "v2 redirects; is its address right?"),
    HTTPStatus.UNAUTHORIZED: (TokenRefused, "v2 refused the token"),
    HTTPStatus.FORBIDDEN: (TokenRefused, "v2 refused the token"),
    HTTPStatus.PAYMENT_REQUIRED: (InsufficientCredits, "the balance does not cover the message"),
    HTTPStatus.TOO_MANY_REQUESTS: (RateLimited, "v2 takes no more requests now"),
    HTTPStatus.SERVICE_UNAVAILABLE: (UpstreamUnavailable, "v2 is unavailable"),
}


def parse_problem(
    status: int, body: bytes, *, retry_after_seconds: float | None, lost: Callable[[str], UpstreamError]
) -> GatewayError:
    """The domain error for an answer that is not 2xx.

    `lost` makes the error for an answer that leaves open whether the request was carried out: 500 may come after
    v2 accepted, 502 and 504 come from something in front of it, 302 and 303 are also given after the deed.
    """
    if row := _ERROR_BY_STATUS.get(status):
        make, text = row
        error = make(f"{text} ({status})")
        if isinstance(error, RateLimited | UpstreamUnavailable):
            error.retry_after_seconds = retry_after_seconds
        return error
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _refusal(status, body)
    return lost(f"v2 answered {status}")


def parse_retry_after(retry_after: str | None, date: str | None) -> float | None:
    """Seconds from a Retry-After header (RFC 9110 10.2.3): a number, or a date, counted from the answer's Date."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    until, now = _parse_date(text), _parse_date(date or "")
    return max(0.0, (until - now).total_seconds()) if until and now else None


def _parse_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _refusal(status: int, body: bytes) -> GatewayError:
    """By the first field named that is the caller's; one that is ours alone (`reference`) is not his mistake."""
    complaints = list(_complaints(body))
    for field, text in complaints:
        if error := _ERROR_BY_FIELD.get(field):
            return error(_describe(field, text, status))
    if not complaints:
        return UpstreamRefused(f"v2 refused the request ({status}) and did not say why")
    field, text = complaints[0]
    return UpstreamRefused(_describe(field, text, status))


def _complaints(body: bytes) -> Iterator[tuple[str, str]]:
    """Field, in small letters or "" where none is named, and text, of each complaint in any documented shape."""
    document = _read_object(body)
    errors = document.get("errors")
    if isinstance(errors, dict):
        for field, texts in errors.items():
            text = texts[0] if isinstance(texts, list) and texts else texts
            yield _field_name(field), text if isinstance(text, str) else ""
        return
    for key in ("message", "error", "title"):
        if isinstance(text := document.get(key), str):
            yield _field_in(text), text
            return


def _read_object(body: bytes) -> dict[str, Any]:
    """The document, its keys in small letters; empty where the body is no JSON object."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}
    return {key.lower(): value for key, value in document.items()} if isinstance(document, dict) else {}


def _field_name(written: str) -> str:
    """`Recipients[3]`, `$.recipients.46700000000` and `recipients` are all the field recipients."""
    match = _NAME.search(written)
    return match[0].lower() if match else ""


def _field_in(text: str) -> str:
    """The field that free text is about. Not `body`: that word may mean the whole request, which is ours."""
    match = _MENTIONED.search(text)
    return match[0].lower() if match else ""


_NAME: Final = re.compile(r"[A-Za-z]{1,40}")
_MENTIONED: Final = re.compile(r"\b(?:sender|recipients?)\b", re.IGNORECASE)


def _describe(field: str, text: str, status: int) -> str:
    named = f"{field}: " if field else ""
    said = "" if field == "body" else mask(text)
    return f"{named}the provider refused it ({status})" + (f": {said}" if said else "")


def mask(text: str) -> str:
    """One line of v2's own words: quoted passages dropped, numbers cut to the last three digits, 200 characters."""
    line = " ".join(_QUOTED.sub("…", text).split())
    line = _NUMBER.sub(lambda match: "…" + re.sub(r"\D", "", match[0])[-3:], line)
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"


_QUOTED: Final = re.compile(r"""(["'`´]).*?\1|[“”„].*?[“”]|[«»].*?[«»]|‘.*?’""", re.DOTALL)
_NUMBER: Final = re.compile(r"\d(?:[\s\-./()]*\d){4,}")
