"""sendsms.aspx on the wire: a query string and perhaps a form in, a bare number out.

Facts
- Names compare without case; values of a repeated name are joined with a comma; `+` is a blank; `%uXXXX` is a
  UTF-16 unit; a token without `=` has no name; a broken escape stands for itself (asmx-facts 2.39).
- `Request["x"]` takes the query's value, even an empty one, else the form's: never both (2.48). The form counts
  for GET too: the provider's PHP sample sends everything twice (1.14).
- Text is UTF-8 from some clients and ISO-8859-1 from others (1.12). A form's content type may name its charset
  (2.49).
- `to=+46...` arrives with a leading blank (1.13); `Msisdn.parse` reads it.
- The answer is exactly the number, `text/html; charset=utf-8`, no newline (1.9, 1.10).
- `type` was empty in every client seen (1.8) and says nothing.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from adapters import charsets
from gateway.domain.errors import BadParameter, WrongCredentials
from gateway.domain.sms import Credentials, Interface, Order, parse_priority, split_recipients

MAX_PARAMETERS = 1000  # the platform's own limit on the names of one request (aspnet:MaxHttpCollectionKeys)

Written = tuple[bytes | str, ...]
"""A name or value as written, escapes resolved: bytes in an encoding still to be found, and UTF-16 units."""

_UTF16_ESCAPE = re.compile(rb"%u([0-9A-Fa-f]{4})")
_BOUNDARY = re.compile(r";\s*boundary\s*=\s*\"?([^;\"]{1,70})", re.IGNORECASE)
_PART_NAME = re.compile(rb";\s*name=\"?([^\";\r\n]+)", re.IGNORECASE)


def parse_query(raw: bytes) -> list[tuple[Written, Written]]:
    """The pairs of a query string or an urlencoded form, in order. Raises BadParameter beyond MAX_PARAMETERS."""
    tokens = [token.partition(b"=") for token in _split(raw, b"&")]
    return [(_unescape(name), _unescape(value)) for name, equals, value in tokens if equals]


def parse_multipart(raw: bytes, boundary: bytes) -> list[tuple[Written, Written]]:
    """The pairs of a multipart/form-data body: what PHP's curl sends for an array, and the platform understood."""
    pairs: list[tuple[Written, Written]] = []
    for part in _split(raw, b"--" + boundary)[1:]:
        head, blank_line, value = part.partition(b"\r\n\r\n")
        name = _PART_NAME.search(head)
        if blank_line and name:
            pairs.append(((name[1],), (value.removesuffix(b"\r\n"),)))
    return pairs


def to_text(written: Written, codec: str | None = None) -> str:
    """The characters: surrogate pairs joined, NUL dropped (no SMS can carry one)."""
    if len(written) == 1 and isinstance(written[0], bytes):
        text = charsets.decode(written[0], codec)
    else:
        units = "".join([run if isinstance(run, str) else charsets.decode(run, codec) for run in written])
        text = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", "") if "\0" in text else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a request carries, by lower-case name; `form_codec` is what the form's content type declares."""

    query: Mapping[str, Written]
    form: Mapping[str, Written]
    form_codec: str | None

    @classmethod
    def parse(cls, query: bytes, body: bytes, content_type: str | None) -> "Parameters":
        """Read both sources; a body that is no form (an unrelated JSON document, 1.14) counts for nothing."""
        return cls(
            query=_by_name(parse_query(query)),
            form=_by_name(_parse_form(body, content_type or "")),
            form_codec=charsets.codec_of(content_type),
        )

    def text(self, name: str, codec: str | None = None) -> str | None:
        """One value, or None; `codec` is the account's, and yields to what the form declares."""
        if name in self.query:
            return to_text(self.query[name], codec)
        if name in self.form:
            return to_text(self.form[name], self.form_codec or codec)
        return None


def parse_call(
    query: bytes, body: bytes, content_type: str | None, *, codec_of_account: Callable[[str], str | None]
) -> tuple[Credentials, Order]:
    """Who calls, and what for. Raises WrongCredentials where `acc` or `pass` is missing, BadParameter."""
    parameters = Parameters.parse(query, body, content_type)
    account_id = parameters.text("acc")
    codec = codec_of_account(account_id) if account_id else None
    api_key = parameters.text("pass", codec)
    if not (account_id and api_key):
        raise WrongCredentials("acc and pass are missing; they hold the account id and its API key")
    order = Order(
        interface=Interface.ASPX,
        sender=parameters.text("from", codec),
        recipients=split_recipients(parameters.text("to", codec)),
        body=parameters.text("msg", codec),
        priority=parse_priority(parameters.text("prio", codec)),
    )
    return Credentials(account_id=account_id, api_key=api_key), order


def render_number(number: int) -> bytes:
    """The whole answer: an SMS id or a status code."""
    return b"%d" % number


def _split(raw: bytes, separator: bytes) -> list[bytes]:
    pieces = raw.split(separator, MAX_PARAMETERS + 2)
    if len(pieces) > MAX_PARAMETERS + 2:
        raise BadParameter("request", f"has more than {MAX_PARAMETERS} parameters; list recipients in one `to`")
    return pieces


def _unescape(raw: bytes) -> Written:
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    if b"%" not in raw:
        return (raw,)
    pieces = _UTF16_ESCAPE.split(raw)
    return tuple(
        chr(int(piece, 16)) if position % 2 else unquote_to_bytes(piece) for position, piece in enumerate(pieces)
    )


def _by_name(pairs: Iterable[tuple[Written, Written]]) -> dict[str, Written]:
    found: dict[str, Written] = {}
    for name, value in pairs:
        key = to_text(name).lower()
        found[key] = (*found[key], ",", *value) if key in found else value
    return found


def _parse_form(body: bytes, content_type: str) -> list[tuple[Written, Written]]:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/x-www-form-urlencoded":
        return parse_query(body.rstrip(b"\r\n"))
    boundary = _BOUNDARY.search(content_type)
    if media_type == "multipart/form-data" and boundary:
        return parse_multipart(body, boundary[1].encode("utf-8", "surrogateescape"))
    return []
