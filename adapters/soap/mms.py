"""mms.asmx: its description, its page, and one honest answer; or an SMS that leads to the pictures.

Facts
- Only the address is known (legacy.md); nobody kept a name of an operation or a parameter, so these are ours.
- v2 has no MMS: whatever is called, the fault says so, rather than that the operation is unknown.
"""

from functools import partial
from typing import NoReturn

from aiohttp import web

from adapters.soap.answers import Answer, FaultCode, SoapVersion, render_fault
from adapters.soap.calls import SoapCalls, render_error
from adapters.soap.commands import SmsService
from adapters.soap.contract import Reading
from adapters.soap.description import Description
from adapters.soap.documents import Documents
from adapters.soap.envelope import Unreadable, parse_envelope
from adapters.soap.public_address import PublicAddress
from adapters.soap.responding import boundary_of, refusal
from adapters.web import any_case, read_body
from gateway.domain.errors import GatewayError
from gateway.domain.status import SendRowName

PATH = "/mms/mms.asmx"

NO_MMS = (
    "Server was unable to process request. ---> MMS cannot be sent any more: the provider's REST v2 has none. "
    "Nothing was sent. Send the text as an SMS with /sendsms/sendsms.asmx."
)


def mms_routes(
    service: SmsService, documents: Documents, *, address: PublicAddress, reading: Reading, as_sms_link: bool
) -> list[web.RouteDef]:
    """The routes of mms.asmx."""
    description = Description(documents=documents, address=address)
    if as_sms_link:
        boundary = boundary_of(service, partial(render_error, service.tables))
        handle_call = SoapCalls(service=service, table=documents.table, reading=reading).handle_call
    else:
        boundary, handle_call = boundary_of(service, _render_error), _refuse
    path = any_case(PATH)
    return [
        web.post(path, boundary.wrap("mms", handle_call)),
        web.get(path, boundary.wrap("description", description.handle_get), allow_head=False),
        web.route("*", path, description.handle_other_verb),
    ]


async def _refuse(request: web.Request) -> NoReturn:
    """Answer any call, by whatever name, in its own version of SOAP."""
    envelope = parse_envelope(
        await read_body(request),
        content_type=request.headers.get("Content-Type"),
        soap_action=request.headers.get("SOAPAction"),
    )
    raise Unreadable(_fault(envelope.version))


def _fault(version: SoapVersion) -> Answer:
    return render_fault(version, FaultCode.SERVER, NO_MMS)


def _render_error(_request: web.Request, error: GatewayError, _row: SendRowName) -> Answer:
    return refusal(error) or _fault(SoapVersion.SOAP11)
