"""sendsms.aspx on the wire: a query string and perhaps a form in, a bare number out.

Facts
- `adapters.queries` says how the platform read queries and forms.
- `Request["x"]` takes the query's value, even an empty one, else the form's: never both (asmx-facts 2.48). The
  form counts for GET too: the provider's PHP sample sends everything twice (1.14), others a body that is no form.
- `to=+46...` arrives with a leading blank (1.13); `parse_msisdn` reads it.
- The answer is exactly the number, `text/html; charset=utf-8`, no newline (1.9, 1.10).
- `type` was empty in every client seen (1.8) and says nothing.
"""

from collections.abc import Callable

from adapters import queries
from gateway.domain.errors import WrongCredentials
from gateway.domain.sms import ASPX, Credentials, Order, parse_priority, split_recipients


def parse_call(
    query: bytes, body: bytes, content_type: str | None, *, codec_of_account: Callable[[str], str | None]
) -> tuple[Credentials, Order]:
    """Who calls, and what for. Raises WrongCredentials where `acc` or `pass` is missing, BadParameter.

    The codec that an account pins is Python's, and yields to what the form declares; None: as usual.
    """
    given = _parse_parameters(query, body, content_type, None)
    account_id = given.get("acc")
    codec = codec_of_account(account_id) if account_id else None
    if codec is not None:
        given = _parse_parameters(query, body, content_type, codec)
    api_key = given.get("pass")
    if not (account_id and api_key):
        raise WrongCredentials("acc and pass are missing; they hold the account id and its API key")
    order = Order(
        interface=ASPX,
        sender=given.get("from"),
        recipients=split_recipients(given.get("to")),
        body=given.get("msg"),
        priority=parse_priority(given.get("prio")),
    )
    return Credentials(account_id=account_id, api_key=api_key), order


def render_number(number: int) -> bytes:
    """The whole answer: an SMS id or a status code."""
    return b"%d" % number


def _parse_parameters(query: bytes, body: bytes, content_type: str | None, codec: str | None) -> dict[str, str]:
    given = queries.parse(query, codec)
    return queries.parse_form(body, content_type, codec) | given if body else given
