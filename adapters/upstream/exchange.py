"""One HTTP exchange with v2: time-outs, bounded answers, whose fault it is, and repeats where they harm nobody."""

import asyncio
import random
import time
from functools import lru_cache
from typing import Final, TypeVar

import structlog
from aiohttp import ClientResponse, ClientSession, ClientTimeout, hdrs
from multidict import CIMultiDict
from yarl import URL

from adapters.upstream.calls import Call
from adapters.upstream.problems import parse_problem, parse_retry_after
from adapters.upstream.settings import UpstreamSettings
from gateway.domain.errors import BadParameter, GatewayError, RateLimited, TokenRefused, UpstreamUnavailable
from gateway.ports import Metrics

log = structlog.get_logger()

_FIRST_WAIT_SECONDS: Final = 0.1
_LONGEST_WAIT_SECONDS: Final = 2.0  # a Retry-After beyond it goes up at once: a caller is waiting

T = TypeVar("T")


class Exchange:
    """Exchanges over one pooled session."""

    def __init__(self, session: ClientSession, settings: UpstreamSettings, metrics: Metrics) -> None:
        self._session = session
        self._settings = settings
        self._metrics = metrics
        self._limits_of = lru_cache(maxsize=64)(self._choose_limits)
        self._headers_of = lru_cache(maxsize=4096)(self._render_headers)

    async def perform(
        self,
        call: Call[T],
        url: URL,
        *,
        token: str | None,
        body: bytes | None = None,
        within_seconds: float | None = None,
    ) -> T:
        """Make a call and return what its answer says. Raises the errors of `ports.Upstream`.

        A call is repeated only after an error that says nothing was done, and only while the total time lasts:
        `within_seconds`, where that is less than the settings'.
        """
        total_seconds = self._settings.total_timeout_seconds
        left_seconds = total_seconds if within_seconds is None else min(within_seconds, total_seconds)
        deadline = time.monotonic() + left_seconds
        for attempt in range(self._settings.retries + 1):
            try:
                return await self._ask(call, url, token, body, self._limits_of(left_seconds))
            except (RateLimited, UpstreamUnavailable) as error:
                wait_seconds = _choose_wait(error.retry_after_seconds, attempt)
                left_seconds = deadline - time.monotonic() - wait_seconds
                is_last = attempt == self._settings.retries
                if is_last or left_seconds <= 0 or wait_seconds > _LONGEST_WAIT_SECONDS:
                    raise
            await asyncio.sleep(wait_seconds)
        raise AssertionError("the last attempt returns or raises")

    async def _ask(
        self, call: Call[T], url: URL, token: str | None, body: bytes | None, limits: ClientTimeout
    ) -> T:
        started = time.monotonic()
        outcome = "ok"
        try:
            with call.errors:
                response = await self._session.request(
                    call.method,
                    url,
                    data=body,
                    headers=self._headers_of(token),
                    allow_redirects=False,
                    timeout=limits,
                    middlewares=call.guards,
                )
                answer = await _read_bounded(response, self._settings.max_answer_bytes)
            return _read_answer(call, response, answer)
        except GatewayError as error:
            outcome = type(error).__name__
            log.warning("upstream call failed", call=call.name, error=outcome, problem=str(error))
            raise
        finally:
            self._metrics.upstream_call(call.name, outcome, time.monotonic() - started)

    def _choose_limits(self, seconds: float) -> ClientTimeout:
        """The connection gets its own time, so that "not even connected" is told from "no answer"."""
        settings = self._settings
        connect_seconds = min(settings.pool_timeout_seconds + settings.connect_timeout_seconds, seconds / 2)
        return ClientTimeout(total=seconds, connect=connect_seconds, sock_connect=settings.connect_timeout_seconds)

    def _render_headers(self, token: str | None) -> CIMultiDict[str]:
        headers = CIMultiDict(
            {
                hdrs.ACCEPT: "application/json",
                hdrs.ACCEPT_ENCODING: "identity",
                hdrs.USER_AGENT: self._settings.user_agent,
                hdrs.CONTENT_TYPE: "application/json",  # v2 answers 415 where it is missing
            }
        )
        if token is not None:
            if not (token.isascii() and token.isprintable() and token.strip()):
                raise TokenRefused("the token has characters that no bearer token has")
            headers[hdrs.AUTHORIZATION] = f"Bearer {token}"
        return headers


async def _read_bounded(response: ClientResponse, limit: int) -> bytes | None:
    """The whole body, or None where it is longer than `limit`.

    One that is not read to its end is closed here, and its connection with it.
    """
    body = bytearray()
    try:
        while part := await response.content.readany():
            body += part
            if len(body) > limit:
                response.close()
                return None
    except BaseException:
        response.close()
        raise
    return bytes(body)


def _read_answer(call: Call[T], response: ClientResponse, answer: bytes | None) -> T:
    """What an answer says; None is one that was too long."""
    if call.any_status:
        return call.parse(b"", response)
    if not 200 <= response.status < 300:
        raise _failure(call, response, answer or b"")
    if answer is None:
        raise call.lost("v2's answer is too long to be one")
    try:
        return call.parse(answer, response)
    except BadParameter as error:
        raise call.lost("v2's answer cannot be read") from error


def _failure(call: Call[T], response: ClientResponse, answer: bytes) -> GatewayError:
    if make_error := call.error_by_status.get(response.status):
        return make_error()
    seconds = parse_retry_after(response.headers.get(hdrs.RETRY_AFTER), response.headers.get(hdrs.DATE))
    return parse_problem(response.status, answer, retry_after_seconds=seconds, lost=call.lost)


def _choose_wait(retry_after_seconds: float | None, attempt: int) -> float:
    """What v2 asked for, else twice as long each time, at random so that callers do not come back together."""
    if retry_after_seconds is not None:
        return retry_after_seconds
    return random.uniform(0, min(_FIRST_WAIT_SECONDS * 2**attempt, _LONGEST_WAIT_SECONDS))  # noqa: S311 -- no secret
