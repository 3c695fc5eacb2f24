"""A real server with the SOAP routes over a service that keeps orders instead of sending them."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from adapters.soap.commands import SmsService
from adapters.soap.routes import soap_routes
from adapters.soap.settings import SoapSettings
from gateway.domain.errors import NothingScheduled
from gateway.domain.picture import Picture
from gateway.domain.sms import Credentials, Order
from gateway.ports import Balance
from tests.recording import Receipt, RecordingService

SCHEDULED_ID = 42_400_001


@dataclass(kw_only=True)
class SoapService(RecordingService):
    """The recording service with the use cases that only SOAP has. Only SCHEDULED_ID can be cancelled, once."""

    canceled: list[int] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)

    async def send_with_pictures(
        self, order: Order, pictures: Iterable[Picture], credentials: Credentials
    ) -> Receipt:
        self.pictures.extend(pictures)
        return await self.send(order, credentials)

    async def fetch_balance(self, credentials: Credentials) -> Balance:
        self._check(credentials)
        return Balance(account_id="ip1-12345", amount=1234.5, currency="SEK")

    async def cancel_bundle(self, credentials: Credentials, bundle_or_message_id: int, /) -> None:
        self._check(credentials)
        if bundle_or_message_id != SCHEDULED_ID or self.canceled:
            raise NothingScheduled("nothing is scheduled under that id")
        self.canceled.append(bundle_or_message_id)


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """A running server and what reached its service."""

    host: str
    port: int
    service: SoapService

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/sendsms/sendsms.asmx"


StartGateway = Callable[[SoapSettings], Awaitable[Gateway]]


@pytest.fixture
async def start_gateway() -> AsyncIterator[StartGateway]:
    runners: list[web.AppRunner] = []

    async def start(settings: SoapSettings) -> Gateway:
        service: SoapService = SoapService()
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.add_routes(soap_routes(service, settings))
        runner = web.AppRunner(app)
        await runner.setup()
        runners.append(runner)
        listener = socket.create_server(("127.0.0.1", 0))
        await web.SockSite(runner, listener).start()
        return Gateway(host="127.0.0.1", port=listener.getsockname()[1], service=service)

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def gateway(start_gateway: StartGateway) -> Gateway:
    return await start_gateway(SoapSettings())


def as_service(service: SoapService) -> SmsService:
    """Proves to the type checker that the stand-in has what SOAP asks for."""
    return service
