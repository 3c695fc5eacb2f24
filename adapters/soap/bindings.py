"""The HTTP GET and POST bindings: `sendsms.asmx/sms?konto=...`, or the same as a form.

Facts
- Off unless somebody switched them on: then, and for any other verb, an error page (asmx-facts 2.31, 2.32).
- The answer is one element with the value, its declaration on a line of its own (2.33).
- GET reads the query alone, POST the form alone (2.34). Names of methods have case, those of parameters have none;
  every parameter is mandatory, doubles are joined with commas (2.35).
- What is wrong with a request is said in plain text, HTML-encoded, with status 500 (2.35).
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from adapters import queries
from adapters.responses import WholeResponse
from adapters.soap.answers import Answer, escape_attribute, escape_text
from adapters.soap.commands import Command, SmsService
from adapters.soap.contract import Reading
from adapters.soap.documents import Documents
from adapters.soap.envelope import Unreadable, parse_content_type
from adapters.soap.operations import Operation, OperationTable
from adapters.soap.responding import to_response
from adapters.web import OPERATION, raw_query, read_body

PATH = r"/{_:(?i:/*sendsms/+sendsms\.asmx)}/{method:.+}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpBindings:
    """Carries out calls that are no SOAP."""

    service: SmsService
    documents: Documents
    reading: Reading

    async def handle_call(self, request: web.Request) -> WholeResponse:
        """Read a call, carry it out, answer it. Raises Unreadable where there is none."""
        name = request.match_info["method"]
        if not self.documents.http_bindings or request.method not in ("GET", "POST"):
            raise Unreadable(self._unrecognized(name))
        operation = find_method(name, self.documents.table)
        request[OPERATION] = operation.declared
        arguments = parse_arguments(await _parse_values(request), operation)
        command: Command = operation.command(arguments, self.reading)
        return to_response(self.render(await command.perform(self.service)))

    def render(self, text: str) -> Answer:
        """The value in an element of its type."""
        namespace = escape_attribute(self.documents.table.namespace)
        body = f'<?xml version="1.0" encoding="utf-8"?>\r\n<string xmlns="{namespace}">{escape_text(text)}</string>'
        return Answer(status=200, content_type="text/xml; charset=utf-8", body=body.encode("utf-8"))

    def _unrecognized(self, name: str) -> Answer:
        page = self.documents.error(f"Request format is unrecognized for URL unexpectedly ending in '/{name}'.")
        return Answer(status=500, content_type="text/html; charset=utf-8", body=page.encode("utf-8", "replace"))


def find_method(name: str, table: OperationTable) -> Operation:
    """The operation of exactly that name. Raises Unreadable."""
    operation = table.find(name)
    if operation is None:
        raise Unreadable(_problem(f"{name} Web Service method name is not valid."))
    if operation.name != name:
        text = (
            f"Invalid method name '{name}',  method names are case sensitive.   "
            f"The method name '{operation.name}' with the same name but different casing was found."
        )
        raise Unreadable(_problem(f"{text}\r\nParameter name: methodName"))
    return operation


def parse_arguments(values: Mapping[str, str], operation: Operation) -> dict[str, str]:
    """The arguments among values by lower-case name, each under its declared one. Raises Unreadable."""
    arguments: dict[str, str] = {}
    for written, value in values.items():
        name = operation.name_by_spelling.get(written)
        if name is not None:
            arguments.setdefault(name, value)
    for parameter in operation.parameters:
        if parameter.name not in arguments:
            raise Unreadable(_problem(f"Missing parameter: {parameter.name}."))
    return arguments


async def _parse_values(request: web.Request) -> Mapping[str, str]:
    if request.method == "GET":
        return queries.parse(raw_query(request))
    written = request.headers.get("Content-Type", "")
    media_type, _, _ = parse_content_type(written)
    if media_type != queries.FORM:
        raise Unreadable(_problem(f"Request format is invalid: {written}."))
    return queries.parse_form(await read_body(request), written)


def _problem(text: str) -> Answer:
    body = html.escape(text, quote=False) + "\r\n"
    return Answer(status=500, content_type="text/plain; charset=utf-8", body=body.encode("utf-8", "replace"))
