"""sendsms.asmx over HTTP.

Facts
- The path compares without case, and so does the keyword of the query (asmx-facts 1.2, 2.9).
- POST is a call; GET is the WSDL, discovery, or the page; other verbs are 405 (2.12).
- What follows the service's own address is an HTTP GET or POST binding, off unless switched on (2.31, 2.32).
- A request that is too large is 413 without a body: a transport error, as it was, and to every client.
"""

from functools import partial
from zoneinfo import ZoneInfo

from aiohttp import web

from adapters.soap.answers import Answer
from adapters.soap.bindings import PATH as BINDINGS_PATH
from adapters.soap.bindings import HttpBindings
from adapters.soap.calls import SoapCalls, render_error
from adapters.soap.commands import SmsService
from adapters.soap.contract import Reading
from adapters.soap.description import Description
from adapters.soap.mms import mms_routes
from adapters.soap.public_address import PublicAddress
from adapters.soap.publishing import publish
from adapters.soap.responding import boundary_of, refusal
from adapters.soap.settings import SoapSettings
from adapters.web import spellings
from gateway.domain.errors import GatewayError
from gateway.domain.status import SendRowName, StatusTables

PATH = "/sendsms/sendsms.asmx"


def soap_routes(service: SmsService, settings: SoapSettings) -> list[web.RouteDef]:
    """The routes of sendsms.asmx and mms.asmx. Raises ConfigurationError with every problem of the settings."""
    published = publish(settings)
    address = PublicAddress(public_url=settings.public_url)
    reading = Reading(zone=ZoneInfo(settings.time_zone))
    calls = SoapCalls(service=service, table=published.sms.table, reading=reading)
    description = Description(documents=published.sms, address=address)
    bindings = HttpBindings(service=service, documents=published.sms, reading=reading)

    boundary = boundary_of(service, partial(render_error, service.tables))
    bindings_boundary = boundary_of(service, partial(_render_binding_error, service.tables, bindings))
    handle_call = boundary.wrap(None, calls.handle_call)
    handle_get = boundary.wrap("description", description.handle_get)
    return [
        *(
            route
            for path in spellings(PATH)
            for route in (
                web.post(path, handle_call),
                web.get(path, handle_get, allow_head=False),
                web.route("*", path, description.handle_other_verb),
            )
        ),
        web.route("*", BINDINGS_PATH, bindings_boundary.wrap(None, bindings.handle_call)),
        *mms_routes(service, published.mms, address=address, reading=reading, as_sms_link=settings.mms_as_sms_link),
    ]


def _render_binding_error(
    tables: StatusTables, bindings: HttpBindings, _request: web.Request, error: GatewayError, row: SendRowName
) -> Answer:
    return refusal(error) or bindings.render(str(tables.send[row].soap))
