"""SOAP calls of a service: read, carried out, answered; and what is answered when one of these fails."""

from dataclasses import dataclass

from aiohttp import web

from adapters.responses import WholeResponse
from adapters.soap import answers, codec
from adapters.soap.answers import Answer, FaultCode, SoapVersion
from adapters.soap.codec import SoapCall
from adapters.soap.commands import SmsService
from adapters.soap.contract import Reading
from adapters.soap.operations import OperationTable
from adapters.soap.responding import refusal, to_response
from adapters.web import OPERATION, read_body
from gateway.domain.errors import GatewayError
from gateway.domain.status import SendRowName, StatusTables

_CALL = web.RequestKey("soap_call", SoapCall)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapCalls:
    """Carries out SOAP calls."""

    service: SmsService
    table: OperationTable
    reading: Reading

    async def handle_call(self, request: web.Request) -> WholeResponse:
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
        return to_response(codec.render_result(call, await command.perform(self.service)))


def render_error(tables: StatusTables, request: web.Request, error: GatewayError, row: SendRowName) -> Answer:
    """A code in the result's place, 200 (legacy.md); before a call could be read, what the platform did."""
    call = request.get(_CALL)
    if call is not None:
        return codec.render_result(call, str(tables.send[row].soap))
    return refusal(error) or _server_fault(error)


def _server_fault(error: GatewayError) -> Answer:
    text = f"Server was unable to process request. ---> {error}"
    return answers.render_fault(SoapVersion.SOAP11, FaultCode.SERVER, text)
