"""What any bytes must come to: a value that can go on, or an error of the domain. Anything else is a finding.

hypothesis calls these from `tests/unit/test_fuzz.py`, atheris from `tests/fuzz/__main__.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import chain
from xml.parsers import expat
from zoneinfo import ZoneInfo

from adapters import charsets, queries
from adapters.aspx import codec as aspx
from adapters.request_lines import RequestLines
from adapters.rest import codec as rest
from adapters.soap import codec as soap
from adapters.soap import envelope
from adapters.soap.commands import Command, Send
from adapters.soap.contract import SERVICE_NAME, Reading, SendSms
from adapters.soap.operations import OperationTable, declared_operations, renamed
from adapters.unpacking import unpack
from gateway.domain.account import AccountSettings
from gateway.domain.errors import GatewayError
from gateway.domain.sms import Credentials, Order

LIMIT_BYTES = 64 * 1024
_READING = Reading(zone=ZoneInfo("Europe/Stockholm"))


def decode_soap(body: bytes, content_type: str | None, soap_action: str | None) -> None:
    """A POST to sendsms.asmx; whatever is answered must be XML."""
    try:
        call = soap.parse(body, content_type=content_type, soap_action=soap_action, table=_soap_table())
    except envelope.Unreadable as error:
        if error.answer.body:
            check_xml(error.answer.body)
        return
    check_xml(soap.render_result(call, "42500001").body)
    try:
        command: Command = call.operation.command(call.arguments, _READING)
    except GatewayError:
        return
    if isinstance(command, Send):
        check_order(command.order, command.credentials)


def decode_query(query: bytes, body: bytes, content_type: str | None) -> None:
    """A call of sendsms.aspx, or by the HTTP bindings of sendsms.asmx."""
    try:
        for part in (query, body):
            given = queries.parse(part, charsets.codec_of(content_type))
            for text in chain(given, given.values(), queries.parse_keywords(part)):
                check_text(text)
        credentials, order = aspx.parse_call(query, body, content_type, codec_of_account=lambda _: None)
    except GatewayError:
        return
    check_order(order, credentials)


def decode_rest(body: bytes, content_type: str | None, authorization: str | None, query: bytes) -> None:
    """A call of REST 1.0; its parts are read one by one, since each would hide the next."""
    attempts: Iterable[Callable[[], object]] = (
        lambda: check_credentials(rest.parse_credentials({"Authorization": authorization or ""})),
        lambda: check_order(rest.parse_order(body, content_type)),
        lambda: rest.parse_filters(query, AccountSettings()),
        lambda: rest.parse_id(query.decode("latin-1")),
    )
    for attempt in attempts:
        try:
            attempt()
        except GatewayError:
            continue


def decode_lines(sent: bytes, size: int) -> None:
    """A connection's bytes in parts of `size`: they come out in the same way as in one part."""
    assert _fed([sent]) == _fed(sent[start : start + size] for start in range(0, len(sent), size))


def decode_packed(body: bytes, encoding: str) -> None:
    """A packed body: never more than is permitted."""
    try:
        unpacked = unpack(body, encoding, limit_bytes=LIMIT_BYTES)
    except GatewayError:
        return
    assert len(unpacked) <= LIMIT_BYTES


def check_xml(document: bytes) -> None:
    """It is well-formed to a parser that, like .NET's and unlike libxml2, takes any string for a namespace."""
    expat.ParserCreate(namespace_separator="\f").Parse(document, True)


def check_text(text: str) -> None:
    """It can be stored, logged and sent on: it is Unicode, without NUL."""
    assert "\0" not in text
    text.encode("utf-8")


def check_order(order: Order, credentials: Credentials | None = None) -> None:
    """Whatever an order holds is text."""
    values: Mapping[str, Mapping[str, str]] = order.values or {}
    written = [order.sender, order.body, *order.recipients, *values]
    written += [text for names in values.values() for pair in names.items() for text in pair]
    for text in filter(None, written):
        check_text(text)
    if credentials is not None:
        check_credentials(credentials)


def check_credentials(credentials: Credentials) -> None:
    """They can be looked up and hashed."""
    (credentials.account_id or "").encode("utf-8")
    credentials.api_key.encode("utf-8")


@cache
def _soap_table() -> OperationTable:
    operations = renamed(declared_operations(SendSms, {}), {})
    return OperationTable(service_name=SERVICE_NAME, namespace="http://tempuri.org/", operations=operations)


def _fed(parts: Iterable[bytes]) -> bytes:
    lines = RequestLines(max_line_bytes=1024)
    taken = []
    for data in parts:
        while data:
            part, data = lines.take(data)
            taken.append(part)
    return b"".join(taken)
