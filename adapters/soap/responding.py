"""From the codec's answers to aiohttp's responses, and the error boundary of a SOAP service."""

from collections.abc import Callable

from aiohttp import web

from adapters.responses import WholeResponse
from adapters.soap.answers import Answer
from adapters.soap.commands import SmsService
from adapters.soap.envelope import Unreadable
from adapters.web import Boundary
from gateway.domain.errors import GatewayError, TooLarge
from gateway.domain.sms import Interface
from gateway.domain.status import SendRowName

_CACHE_CONTROL = "private, max-age=0"  # asmx-facts 2.15


def boundary_of(
    service: SmsService, render_error: Callable[[web.Request, GatewayError, SendRowName], Answer]
) -> Boundary:
    """The boundary whose errors are answered by `render_error`."""

    def respond(request: web.Request, error: GatewayError, row: SendRowName) -> WholeResponse:
        return to_response(render_error(request, error, row))

    return Boundary(
        interface=Interface.SOAP,
        metrics=service.metrics,
        render_error=respond,
        code_of=lambda row: str(service.tables.send[row].soap),
    )


def to_response(answer: Answer) -> WholeResponse:
    """The answer, ready to be sent."""
    headers = {"Cache-Control": _CACHE_CONTROL}
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    return WholeResponse(status=answer.status, headers=headers, body=answer.body)


def refusal(error: GatewayError) -> Answer | None:
    """What is answered to a request that is no call at all; None: it was one."""
    if isinstance(error, Unreadable):
        return error.answer
    return Answer(status=413) if isinstance(error, TooLarge) else None
