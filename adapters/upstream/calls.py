"""The kinds of call that v2 is asked, each with the error that an answer means which is lost or cannot be read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from adapters.upstream.connection import Answer
from gateway.domain.errors import GatewayError, OutcomeUnknown, UpstreamUnavailable

T = TypeVar("T")

Parse = Callable[[bytes, Answer], T]
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
    error_by_status: Mapping[int, Callable[[], GatewayError]] = field(default_factory=dict)
    any_status: bool = False


def create(name: str, *, parse: Parse[T]) -> Call[T]:
    """A POST, which is carried out at most once."""
    return Call(name=name, parse=parse, method="POST", lost=OutcomeUnknown)


def delete(name: str, *, parse: Parse[T], error_by_status: Mapping[int, Callable[[], GatewayError]]) -> Call[T]:
    """A DELETE, which is carried out at most once."""
    return Call(name=name, parse=parse, method="DELETE", lost=OutcomeUnknown, error_by_status=error_by_status)
