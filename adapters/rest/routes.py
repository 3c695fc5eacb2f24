"""REST 1.0: the routes of /api/sms."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from http import HTTPStatus

from aiohttp import hdrs, web

from adapters.responses import WholeResponse
from adapters.rest import codec, formats
from adapters.rest.documents import DocumentMaker, Problem, ReceivedMessage, SentMessage, problem_of
from adapters.rest.use_cases import MessageService
from adapters.web import Boundary, Handler, raw_query, read_body, spellings
from gateway.domain.errors import GatewayError
from gateway.domain.intent import MessageRecord
from gateway.domain.sms import Interface
from gateway.domain.status import SendRowName

CHALLENGE = 'Basic realm="api.ip1sms.com"'
_HEADERS_BY_FORMAT: Mapping[str, Mapping[str, str]] = {
    content_type: {
        "Content-Type": content_type,
        "Cache-Control": "no-cache",
        "Pragma": "no-cache",
        "Expires": "-1",
    }
    for content_type in (formats.JSON, formats.XML)
}
RETRY_AFTER_SECONDS = 30  # where v2 did not say itself when to come back


@dataclass(frozen=True, slots=True, kw_only=True)
class RestSettings:
    """`created_status` answers a send: 201 as documented, or 200. Moments are shown in `time_zone`."""

    created_status: int = HTTPStatus.CREATED
    time_zone: tzinfo = UTC


def rest_routes(service: MessageService, settings: RestSettings) -> list[web.RouteDef]:
    """Every address of REST 1.0 that the gateway answers, in any case; other methods on them are answered 405."""
    interface = RestInterface(service=service, settings=settings)
    boundary = Boundary(
        interface=Interface.REST,
        metrics=service.metrics,
        render_error=interface.render_error,
        code_of=lambda row: str(service.tables.send[row].rest_http),
    )
    table: list[tuple[str, str, str, Handler]] = [
        ("POST", "/api/sms/send", "send", interface.handle_send),
        ("GET", "/api/sms/sent/{id}", "read_sent", interface.handle_read_sent),
        ("GET", "/api/sms/sent", "list_sent", interface.handle_list_sent),
        ("GET", "/api/sms/sent/bundle/{id}", "read_bundle", interface.handle_read_bundle),
        ("GET", "/api/sms/received", "list_received", interface.handle_list_received),
        ("GET", "/api/sms/received/{id}", "read_received", interface.handle_read_received),
    ]
    return [
        route
        for method, usual, operation, handle in table
        for path in spellings(usual)
        for route in (
            _route(method, path, boundary.wrap(operation, handle)),
            web.route("*", path, _refuse_methods_but(method)),
        )
    ]


class RestInterface:
    """The handlers. Each reads a request, asks the service, and writes documents."""

    def __init__(self, *, service: MessageService, settings: RestSettings) -> None:
        self._service = service
        self._created_status = settings.created_status
        self._documents = DocumentMaker(tables=service.tables, now=service.now, time_zone=settings.time_zone)

    async def handle_send(self, request: web.Request) -> WholeResponse:
        """POST /api/sms/send."""
        credentials = codec.parse_credentials(request.headers)
        content_type = request.headers.get(hdrs.CONTENT_TYPE)
        if not codec.is_json(content_type):
            raise _unsupported_media_type(request)
        order = codec.parse_order(await read_body(request), content_type)
        records = (await self._service.send(order, credentials)).records()
        documents = [self._documents.created(record) for record in records]
        location = _location(records[0])
        return _answer(request, documents, of=SentMessage, status=self._created_status, location=location)

    async def handle_list_sent(self, request: web.Request) -> WholeResponse:
        """GET /api/sms/sent."""
        credentials = codec.parse_credentials(request.headers)
        filters = codec.parse_filters(raw_query(request), self._service.settings_of(credentials.account_id))
        return self._sent(request, await self._service.list_messages(credentials, filters))

    async def handle_read_bundle(self, request: web.Request) -> WholeResponse:
        """GET /api/sms/sent/bundle/{id}."""
        bundle_id = codec.parse_id(request.match_info["id"])
        records = await self._service.find_bundle(codec.parse_credentials(request.headers), bundle_id)
        return self._sent(request, records)

    async def handle_read_sent(self, request: web.Request) -> WholeResponse:
        """GET /api/sms/sent/{id}."""
        message_id = codec.parse_id(request.match_info["id"])
        record = await self._service.find_message(codec.parse_credentials(request.headers), message_id)
        return _answer(request, self._documents.read(record), of=SentMessage)

    async def handle_list_received(self, request: web.Request) -> WholeResponse:
        """GET /api/sms/received."""
        credentials = codec.parse_credentials(request.headers)
        filters = codec.parse_filters(raw_query(request), self._service.settings_of(credentials.account_id))
        stored = codec.select_incoming(await self._service.list_incoming(credentials), filters)
        return _answer(request, [self._documents.received(one) for one in stored], of=ReceivedMessage)

    async def handle_read_received(self, request: web.Request) -> WholeResponse:
        """GET /api/sms/received/{id}."""
        message_id = codec.parse_id(request.match_info["id"])
        stored = await self._service.find_incoming(codec.parse_credentials(request.headers), message_id)
        return _answer(request, self._documents.received(stored), of=ReceivedMessage)

    def render_error(self, request: web.Request, error: GatewayError, row: SendRowName) -> WholeResponse:
        """The status of the send table's row, and a document that says why."""
        status = self._service.tables.send[row].rest_http
        headers = {}
        if status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = CHALLENGE
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers["Retry-After"] = _retry_after(error)
        return _answer(request, problem_of(error), of=Problem, status=status, headers=headers)

    def _sent(self, request: web.Request, records: Sequence[MessageRecord]) -> WholeResponse:
        return _answer(request, [self._documents.read(record) for record in records], of=SentMessage)


def _answer(
    request: web.Request,
    document: formats.Document | Sequence[formats.Document],
    *,
    of: type[formats.Document],
    status: int = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
    location: str | None = None,
) -> WholeResponse:
    content_type = formats.choose_format(request.headers.get(hdrs.ACCEPT))
    usual = _HEADERS_BY_FORMAT[content_type]
    return WholeResponse(
        status=status,
        body=formats.render(document, content_type, of=of),
        headers={**usual, **headers} if headers else usual,
        location=location,
    )


def _location(first: MessageRecord) -> str:
    """Where to read what a send created."""
    if first.bundle_id is None:
        return f"/api/sms/sent/{first.id}"
    return f"/api/sms/sent/bundle/{first.bundle_id}"


def _retry_after(error: GatewayError) -> str:
    seconds = getattr(error, "retry_after_seconds", None)
    return str(RETRY_AFTER_SECONDS if seconds is None else math.ceil(seconds))


def _unsupported_media_type(request: web.Request) -> web.HTTPException:
    problem = Problem(message="the request's Content-Type must be application/json")
    content_type = formats.choose_format(request.headers.get(hdrs.ACCEPT))
    return web.HTTPUnsupportedMediaType(
        text=formats.render(problem, content_type, of=Problem).decode(),
        content_type=content_type.partition(";")[0],
    )


def _route(method: str, path: str, handle: Handler) -> web.RouteDef:
    if method == "GET":
        return web.get(path, handle, allow_head=False)  # Web API did not answer HEAD for a GET action
    return web.route(method, path, handle)


def _refuse_methods_but(allowed: str) -> Handler:
    async def handle_wrong_method(request: web.Request) -> web.StreamResponse:
        problem = Problem(message=f"the requested resource does not support the method; use {allowed}")
        headers = {"Allow": allowed}
        return _answer(request, problem, of=Problem, status=HTTPStatus.METHOD_NOT_ALLOWED, headers=headers)

    return handle_wrong_method
