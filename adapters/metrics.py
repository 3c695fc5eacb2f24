"""Counting, for Prometheus: `gateway.ports.Metrics` and GET /metrics. Names and labels are in metric_names."""

import asyncio
import platform
from bisect import bisect_left
from collections.abc import Callable
from importlib import metadata
from typing import Any, Protocol, TypeVar

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, values
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from adapters import metric_names
from gateway.domain.intent import OutcomeKind
from gateway.domain.report import ForwardKind
from gateway.domain.sms import Interface
from gateway.domain.status import MessageStatus

Child = TypeVar("Child")
Family = TypeVar("Family", Counter, Gauge, Histogram)


class _Children(dict[tuple[str, ...], Child]):
    """What counts under each set of a metric's labels, found once: the hot path is one look-up."""

    def __init__(self, metric: metric_names.Metric, make_child: Callable[[tuple[str, ...]], Child]) -> None:
        super().__init__()
        self._allowed = tuple(metric.labels.values())
        self._make_child = make_child

    def __missing__(self, labels: tuple[str, ...]) -> Child:
        bounded = tuple(
            str(value) if allowed is None or value in allowed else metric_names.OTHER
            for value, allowed in zip(labels, self._allowed, strict=True)
        )
        if bounded != labels:
            return self[bounded]
        self[bounded] = child = self._make_child(bounded)
        return child


class _Number(Protocol):
    """The library's own: in memory behind a lock, or in a file of this process that the others read."""

    def inc(self, amount: float) -> None: ...


def _number_of(counter: Counter) -> _Number:
    # Private: the library's `inc` asks with each call whether there are labels, in three calls more.
    number: _Number = counter._value
    return number


class _Observer:
    """The numbers of a histogram."""

    def __init__(self, histogram: Histogram) -> None:
        # Private: the library's `observe` asks as `inc` does, and seeks the bucket one by one.
        self._sum: _Number = histogram._sum
        self._buckets: list[_Number] = histogram._buckets
        self._bounds = histogram._upper_bounds

    def observe(self, amount: float) -> None:
        self._sum.inc(amount)
        self._buckets[bisect_left(self._bounds, amount)].inc(1)


def _labelled(family: Family, labels: tuple[str, ...]) -> Family:
    return family.labels(*labels) if labels else family


class PrometheusMetrics:
    """`gateway.ports.Metrics`, counted with prometheus_client in a registry of its own.

    With PROMETHEUS_MULTIPROC_DIR set, the workers of one machine are counted together.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._calls = self._counter(metric_names.CALLS)
        self._call_duration = self._histogram(metric_names.CALL_DURATION)
        self._codes = self._counter(metric_names.CODES)
        self._messages = self._counter(metric_names.MESSAGES)
        self._segments = self._counter(metric_names.SEGMENTS)
        self._outcomes = self._counter(metric_names.OUTCOMES)
        self._pending = self._gauge(metric_names.PENDING_INTENTS)
        self._upstream = self._counter(metric_names.UPSTREAM)
        self._upstream_duration = self._histogram(metric_names.UPSTREAM_DURATION)
        self._breaker = self._gauge(metric_names.BREAKER)
        self._reports = self._counter(metric_names.REPORTS)
        self._incoming = self._counter(metric_names.INCOMING)
        self._unmapped = self._counter(metric_names.UNMAPPED)
        self._email = self._counter(metric_names.EMAIL)
        self._repeated = self._counter(metric_names.REPEATED)
        self._forwards = self._counter(metric_names.FORWARDS)
        self._commit_rows = self._histogram(metric_names.COMMIT_ROWS)
        self._commit_duration = self._histogram(metric_names.COMMIT_DURATION)
        self._gauge(metric_names.BUILD)[metadata.version("sendsms-gateway"), platform.python_version()].set(1)
        ProcessCollector(registry=self._registry)

    def call(self, interface: Interface, operation: str, outcome: str, seconds: float) -> None:
        """See ports.Metrics."""
        self._calls[interface, operation, outcome].inc(1)
        self._call_duration[interface, operation].observe(seconds)

    def legacy_code(self, interface: Interface, code: str) -> None:
        """See ports.Metrics."""
        self._codes[interface, code].inc(1)

    def messages(self, interface: Interface, messages: int, segments: int) -> None:
        """See ports.Metrics."""
        self._messages[(interface,)].inc(messages)
        self._segments[(interface,)].inc(segments)

    def outcome(self, kind: OutcomeKind) -> None:
        """See ports.Metrics."""
        self._outcomes[(kind,)].inc(1)

    def upstream_call(self, call: str, outcome: str, seconds: float) -> None:
        """See ports.Metrics."""
        self._upstream[call, outcome].inc(1)
        self._upstream_duration[(call,)].observe(seconds)

    def report(self, fate: str) -> None:
        """See ports.Metrics."""
        self._reports[(fate,)].inc(1)

    def incoming(self) -> None:
        """See ports.Metrics."""
        self._incoming[()].inc(1)

    def unmapped_status(self, status: MessageStatus) -> None:
        """See ports.Metrics."""
        self._unmapped[(str(status.code),)].inc(1)

    def email_asked(self, interface: Interface) -> None:
        """See ports.Metrics."""
        self._email[(interface,)].inc(1)

    def repeated(self, mode: str) -> None:
        """See ports.Metrics."""
        self._repeated[(mode,)].inc(1)

    def forward(self, kind: ForwardKind, outcome: str) -> None:
        """See ports.Metrics."""
        self._forwards[kind, outcome].inc(1)

    def pending(self, kind: OutcomeKind, count: int) -> None:
        """See ports.Metrics."""
        self._pending[(kind,)].set(count)

    def breaker(self, state: str) -> None:
        """See ports.Metrics."""
        for known in metric_names.BREAKER_STATES:
            self._breaker[(known,)].set(known == state)

    def commit(self, rows: int, seconds: float) -> None:
        """See ports.Metrics."""
        self._commit_rows[()].observe(rows)
        self._commit_duration[()].observe(seconds)

    def render(self, accept: str) -> tuple[bytes, str]:
        """The page of all metrics in the format that `accept` asks for, and its content type."""
        encode, content_type = choose_encoder(accept)
        return encode(self._collected()), content_type

    def _collected(self) -> CollectorRegistry:
        if values.ValueClass is values.MutexValue:  # the library chose at its import, by the environment
            return self._registry
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # the library left it so
        return together

    def _counter(self, metric: metric_names.Metric) -> _Children[_Number]:
        counter = Counter(registry=self._registry, **_named(metric))
        return _Children(metric, lambda labels: _number_of(_labelled(counter, labels)))

    def _gauge(self, metric: metric_names.Metric) -> _Children[Gauge]:
        gauge = Gauge(registry=self._registry, multiprocess_mode=metric.across_processes, **_named(metric))  # type: ignore[arg-type]  # the table holds its modes
        return _Children(metric, lambda labels: _labelled(gauge, labels))

    def _histogram(self, metric: metric_names.Metric) -> _Children[_Observer]:
        histogram = Histogram(registry=self._registry, buckets=metric.buckets, **_named(metric))
        return _Children(metric, lambda labels: _Observer(_labelled(histogram, labels)))


def _named(metric: metric_names.Metric) -> dict[str, Any]:
    return {"name": metric.name, "documentation": metric.meaning, "labelnames": tuple(metric.labels)}


def metrics_routes(metrics: PrometheusMetrics) -> list[web.RouteDef]:
    """GET /metrics, as text or in the OpenMetrics format, whichever is asked for."""

    async def handle_metrics(request: web.Request) -> web.Response:
        # In a thread: rendering thousands of label sets would hold up every call (design.md).
        page, content_type = await asyncio.to_thread(metrics.render, request.headers.get("Accept", ""))
        return web.Response(body=page, headers={"Content-Type": content_type})

    return [web.get("/metrics", handle_metrics)]
