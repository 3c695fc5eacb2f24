"""The kinds of call that v2 is asked, each with the errors its failures mean.

aiohttp repeats GET, PUT and DELETE by itself once after a dropped connection, never POST. For GET that is welcome.
A DELETE that was carried out and is repeated would answer "nothing to cancel", so that is prevented.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Generic, TypeVar

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientHandlerType,
    ClientMiddlewareType,
    ClientRequest,
    ClientResponse,
    ConnectionTimeoutError,
)

from adapters.errors import translated
from gateway.domain.errors import GatewayError, OutcomeUnknown, UpstreamError, UpstreamUnavailable

T = TypeVar("T")


def _errors(lost: Callable[[str], UpstreamError]) -> translated:
    """First what comes before anything is sent, then what leaves it open."""
    return translated(
        {
            ConnectionTimeoutError: partial(UpstreamUnavailable, "no connection to v2 in time"),
            ClientConnectorError: partial(UpstreamUnavailable, "no connection to v2"),
            TimeoutError: partial(lost, "no answer from v2 in time"),
            ClientError: partial(lost, "v2's answer was lost"),
            OSError: partial(lost, "v2's answer was lost"),
        }
    )


_READ_ERRORS: Final = _errors(UpstreamUnavailable)
_CHANGE_ERRORS: Final = _errors(OutcomeUnknown)


async def _fail_once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Take a dropped connection out of aiohttp's hands, which would repeat the request."""
    with _CHANGE_ERRORS:
        return await handler(request)


Parse = Callable[[bytes, ClientResponse], T]
"""Reads the body of an answer, and its headers where they say something. May raise BadParameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T]):
    """One kind of call, under the name that metrics show, and how its answer is read; a GET unless it says more.

    `lost` is the error for an answer that is lost or cannot be read: a read may simply be made again.
    `error_by_status` goes before what a status means elsewhere. `any_status`: whatever is answered is an answer.
    """

    name: str
    parse: Parse[T]
    method: str = "GET"
    lost: type[OutcomeUnknown | UpstreamUnavailable] = UpstreamUnavailable
    errors: translated = _READ_ERRORS
    guards: tuple[ClientMiddlewareType, ...] = ()
    error_by_status: Mapping[int, Callable[[], GatewayError]] = field(default_factory=dict)
    any_status: bool = False


def create(name: str, *, parse: Parse[T]) -> Call[T]:
    """A POST, which is carried out at most once."""
    return Call(name=name, parse=parse, method="POST", lost=OutcomeUnknown, errors=_CHANGE_ERRORS)


def delete(name: str, *, parse: Parse[T], error_by_status: Mapping[int, Callable[[], GatewayError]]) -> Call[T]:
    """A DELETE, which is carried out at most once."""
    return Call(
        name=name,
        parse=parse,
        method="DELETE",
        lost=OutcomeUnknown,
        errors=_CHANGE_ERRORS,
        guards=(_fail_once,),
        error_by_status=error_by_status,
    )
