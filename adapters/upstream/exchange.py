"""One HTTP exchange with v2: time-outs, bounded answers, whose fault it is, and repeats where they harm nobody."""

import asyncio
import random
import time
from functools import lru_cache
from typing import Final, TypeVar

import structlog

from adapters.upstream.calls import Call
from adapters.upstream.connection import Answer, AnswerLost
from adapters.upstream.pool import Pool
from adapters.upstream.problems import parse_problem, parse_retry_after
from adapters.upstream.settings import UpstreamSettings
from gateway.domain.errors import BadParameter, GatewayError, RateLimited, TokenRefused, UpstreamUnavailable
from gateway.ports import Metrics

log = structlog.get_logger()

_FIRST_WAIT_SECONDS: Final = 0.1
_LONGEST_WAIT_SECONDS: Final = 2.0  # a Retry-After beyond it goes up at once: a caller is waiting

T = TypeVar("T")


class Exchange:
    """Exchanges with one host over a pool of connections to it."""

    def __init__(self, pool: Pool, host: str, settings: UpstreamSettings, metrics: Metrics) -> None:
        self._pool = pool
        self._host = host
        self._settings = settings
        self._metrics = metrics
        self._headers_of = lru_cache(maxsize=4096)(self._render_headers)

    async def perform(
        self,
        call: Call[T],
        path: str,
        *,
        token: str | None,
        body: bytes | None = None,
        within_seconds: float | None = None,
    ) -> T:
        """Make a call and return what its answer says. Raises the errors of `ports.Upstream`.

        A call is repeated only after an error that says nothing was done, and only while the total time lasts:
        `within_seconds`, where that is less than the settings'.
        """
        request = self._render(call.method, path, token, body)
        total_seconds = self._settings.total_timeout_seconds
        left_seconds = total_seconds if within_seconds is None else min(within_seconds, total_seconds)
        deadline = time.monotonic() + left_seconds
        for attempt in range(self._settings.retries + 1):
            try:
                return await self._ask(call, request, left_seconds)
            except (RateLimited, UpstreamUnavailable) as error:
                wait_seconds = _choose_wait(error.retry_after_seconds, attempt)
                left_seconds = deadline - time.monotonic() - wait_seconds
                is_last = attempt == self._settings.retries
                if is_last or left_seconds <= 0 or wait_seconds > _LONGEST_WAIT_SECONDS:
                    raise
            await asyncio.sleep(wait_seconds)
        raise AssertionError("the last attempt returns or raises")

    async def _ask(self, call: Call[T], request: bytes, seconds: float) -> T:
        started = time.monotonic()
        outcome = "ok"
        try:
            try:
                answer = await self._pool.ask(request, seconds=seconds)
            except AnswerLost as error:
                raise call.lost(str(error)) from error
            return _read_answer(call, answer)
        except GatewayError as error:
            outcome = type(error).__name__
            log.warning("upstream call failed", call=call.name, error=outcome, problem=str(error))
            raise
        finally:
            self._metrics.upstream_call(call.name, outcome, time.monotonic() - started)

    def _render(self, method: str, path: str, token: str | None, body: bytes | None) -> bytes:
        """The whole request, so that it is written in one go."""
        head = f"{method} {path} HTTP/1.1\r\n{self._headers_of(token)}"
        if body is None:
            return f"{head}\r\n".encode("ascii")
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body

    def _render_headers(self, token: str | None) -> str:
        lines = [
            f"Host: {self._host}",
            "Accept: application/json",
            "Accept-Encoding: identity",
            f"User-Agent: {self._settings.user_agent}",
            "Content-Type: application/json",  # v2 answers 415 where it is missing
        ]
        if token is not None:
            if not (token.isascii() and token.isprintable() and token.strip()):
                raise TokenRefused("the token has characters that no bearer token has")
            lines.append(f"Authorization: Bearer {token}")
        return "".join(f"{line}\r\n" for line in lines)


def _read_answer(call: Call[T], answer: Answer) -> T:
    """What an answer says."""
    if call.any_status:
        return call.parse(b"", answer)
    if not 200 <= answer.status < 300:
        raise _failure(call, answer)
    if answer.body is None:
        raise call.lost("v2's answer is too long to be one, or not packed as it says")
    try:
        return call.parse(answer.body, answer)
    except BadParameter as error:
        raise call.lost("v2's answer cannot be read") from error


def _failure(call: Call[T], answer: Answer) -> GatewayError:
    if make_error := call.error_by_status.get(answer.status):
        return make_error()
    seconds = parse_retry_after(answer.header(b"retry-after"), answer.header(b"date"))
    return parse_problem(answer.status, answer.body or b"", retry_after_seconds=seconds, lost=call.lost)


def _choose_wait(retry_after_seconds: float | None, attempt: int) -> float:
    """What v2 asked for, else twice as long each time, at random so that callers do not come back together."""
    if retry_after_seconds is not None:
        return retry_after_seconds
    return random.uniform(0, min(_FIRST_WAIT_SECONDS * 2**attempt, _LONGEST_WAIT_SECONDS))  # noqa: S311 -- no secret
