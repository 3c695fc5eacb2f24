"""sendsms.asmx over HTTP.

Facts
- The path compares without case, and so does the keyword of the query (asmx-facts 1.2, 2.9).
- POST is a call; GET is the WSDL, discovery, or the page; other verbs are 405 (2.12).
- What follows the service's own address is an HTTP GET or POST binding, off unless switched on (2.31, 2.32).
- A request that is too large is 413 without a body: a transport error, as it was, and to every client.
"""

from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from aiohttp import web

from adapters.soap import answers, codec
from adapters.soap.adoption import adopt
from adapters.soap.answers import Answer, FaultCode, SoapVersion
from adapters.soap.bindings import PATH as BINDINGS_PATH
from adapters.soap.bindings import HttpBindings
from adapters.soap.codec import SoapCall
from adapters.soap.commands import SmsService
from adapters.soap.contract import SERVICE_NAME, Reading, SendMms, SendSms
from adapters.soap.description import Description
from adapters.soap.documents import Documents
from adapters.soap.mms import mms_routes
from adapters.soap.operations import OperationTable, declared_operations, renamed
from adapters.soap.operator_wsdl import load_operator_wsdl
from adapters.soap.public_address import PublicAddress
from adapters.soap.responding import boundary_of, refusal, responding
from adapters.soap.settings import SoapSettings
from adapters.web import OPERATION, any_case, read_body
from gateway.domain.errors import GatewayError
from gateway.domain.status import SendRowName, StatusTables

PATH = "/sendsms/sendsms.asmx"

_CALL = web.RequestKey("soap_call", SoapCall)


def soap_routes(service: SmsService, settings: SoapSettings) -> list[web.RouteDef]:
    """The routes of sendsms.asmx. Raises ConfigurationError with every problem of the settings."""
    address = _public_address(settings)
    documents = _documents(settings)
    reading = Reading(zone=ZoneInfo(settings.time_zone))
    calls = SoapCalls(service=service, table=documents.table, reading=reading)
    description = Description(documents=documents, address=address)
    bindings = HttpBindings(service=service, documents=documents, reading=reading)

    boundary = boundary_of(service, partial(_render_error, service.tables))
    bindings_boundary = boundary_of(service, partial(_render_binding_error, service.tables, bindings))
    path = any_case(PATH)
    return [
        web.post(path, boundary.wrap("unknown", responding(calls.handle_call))),
        web.get(path, boundary.wrap("description", description.handle_get), allow_head=False),
        web.route("*", path, description.handle_other_verb),
        web.route("*", BINDINGS_PATH, bindings_boundary.wrap("unknown", responding(bindings.handle_call))),
        *mms_routes(service, settings, address),
    ]


def _public_address(settings: SoapSettings) -> PublicAddress:
    return PublicAddress(public_url=settings.public_url)


def _documents(settings: SoapSettings) -> Documents:
    declared = declared_operations(SendSms, settings.parameter_names)
    if settings.wsdl is not None:
        wsdl = load_operator_wsdl(settings.wsdl)
        table = adopt(wsdl, declared, settings)
        return Documents(
            table=table,
            still_original=STILL_ORIGINAL_WITH_WSDL,
            http_bindings=settings.http_bindings,
            operator_wsdl=wsdl,
        )
    ours = {name: new for name, new in settings.operation_names.items() if name not in SendMms.public_methods}
    operations = renamed(declared, ours)
    table = OperationTable(service_name=SERVICE_NAME, namespace=settings.namespace, operations=operations)
    return Documents(table=table, still_original=STILL_ORIGINAL, http_bindings=settings.http_bindings)


STILL_ORIGINAL = (
    "the address, sms and balans with their parameters, and the status codes. The namespace and the names of the "
    "other operations are the gateway's own, because the original's are lost."
)
STILL_ORIGINAL_WITH_WSDL = "everything that its description says, which is the original's own."


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapCalls:
    """Carries out SOAP calls."""

    service: SmsService
    table: OperationTable
    reading: Reading

    async def handle_call(self, request: web.Request) -> Answer:
        """Read a call, carry it out, answer it."""
        call = codec.parse(
            await read_body(request),
            content_type=request.headers.get("Content-Type"),
            soap_action=request.headers.get("SOAPAction"),
            table=self.table,
        )
        request[_CALL] = call
        request[OPERATION] = call.operation.declared
        command = call.operation.command(call.arguments, self.reading)
        return codec.render_result(call, await command.perform(self.service))


def _render_error(tables: StatusTables, request: web.Request, error: GatewayError, row: SendRowName) -> Answer:
    """A code in the result's place, 200 (legacy.md); before a call could be read, what the platform did."""
    call = request.get(_CALL)
    if call is not None:
        return codec.render_result(call, str(tables.send[row].soap))
    return refusal(error) or _server_fault(error)


def _render_binding_error(
    tables: StatusTables, bindings: HttpBindings, _request: web.Request, error: GatewayError, row: SendRowName
) -> Answer:
    return refusal(error) or bindings.render(str(tables.send[row].soap))


def _server_fault(error: GatewayError) -> Answer:
    text = f"Server was unable to process request. ---> {error}"
    return answers.render_fault(SoapVersion.SOAP11, FaultCode.SERVER, text)
