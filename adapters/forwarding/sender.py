"""One attempt to tell a caller's own system something: `gateway.ports.Forwarder` over HTTP."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    NonHttpUrlClientError,
    TCPConnector,
)
from aiohttp.connector import SocketFactoryType
from yarl import URL

from adapters.errors import translated
from adapters.forwarding import codec, signing
from adapters.forwarding.addresses import AddressForbidden, open_public_socket
from gateway.domain.account import AccountSettings
from gateway.domain.errors import ForwardFailed
from gateway.domain.report import ForwardKind, Notice
from gateway.ports import Clock

_ERRORS: Final[Mapping[type[Exception], Callable[[], ForwardFailed]]] = {
    AddressForbidden: partial(ForwardFailed, "the address is private; forward_to_private_addresses permits it"),
    TimeoutError: partial(ForwardFailed, "no answer in time"),
    NonHttpUrlClientError: partial(ForwardFailed, "the address is not one that can be called"),
    ValueError: partial(ForwardFailed, "the address is not one that can be called"),  # aiohttp's InvalidURL too
    ClientConnectorError: partial(ForwardFailed, "no connection"),
    ClientError: partial(ForwardFailed, "the answer was lost"),
    OSError: partial(ForwardFailed, "the answer was lost"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardingSettings:
    """`timeout_seconds` is for one attempt, connecting included."""

    timeout_seconds: float = 10.0
    pool_size: int = 100
    user_agent: str = "sendsms-gateway"


class ForwardSender:
    """Tells callers' own systems, within `async with`. A redirect is an answer like any other that is not 2xx."""

    def __init__(self, settings: ForwardingSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    async def __aenter__(self) -> Self:
        self._open = AsyncExitStack()
        self._public = await self._open.enter_async_context(self._make_session(open_public_socket))
        self._any = await self._open.enter_async_context(self._make_session(None))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    def _make_session(self, open_socket: SocketFactoryType | None) -> ClientSession:
        return ClientSession(
            connector=TCPConnector(limit=self._settings.pool_size, socket_factory=open_socket),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=self._settings.timeout_seconds),
            headers={"User-Agent": self._settings.user_agent, "Accept": "*/*"},
        )

    async def deliver(self, notice: Notice, *, settings: AccountSettings) -> None:
        """`GET` with placeholders, or `POST` of JSON; 2xx is delivered. Raises ForwardFailed."""
        address = codec.render_address(_choose_template(notice, settings), notice)
        is_post = settings.forward_method == "POST"
        body = codec.render_document(notice) if is_post else b""
        headers = dict(signing.render_headers(notice.webhook_id, self._clock.now(), body, settings.forward_secret))
        if is_post:
            headers["Content-Type"] = "application/json; charset=utf-8"
        status = await self._ask(settings, address, headers, body)
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise ForwardFailed(f"answered {status}")

    async def _ask(self, settings: AccountSettings, address: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer, whose body nobody needs: it is not read."""
        session = self._any if settings.forward_to_private_addresses else self._public
        with translated(_ERRORS):
            url = URL(address, encoded=True)
            try:
                async with session.request(
                    settings.forward_method, url, data=body or None, headers=headers, allow_redirects=False
                ) as answer:
                    return answer.status
            except ClientConnectorError as error:
                if isinstance(error.os_error, AddressForbidden):
                    raise error.os_error from error
                raise


def _choose_template(notice: Notice, settings: AccountSettings) -> str:
    is_report = notice.kind is ForwardKind.REPORT
    template = settings.report_forward_url if is_report else settings.incoming_forward_url
    if template is None:
        raise ForwardFailed("the account has no address for this any more")
    return template
