"""Counting, for Prometheus: `gateway.ports.Metrics` and GET /metrics. Names and labels are in metric_names."""

import asyncio
import platform
from bisect import bisect_right
from collections.abc import Callable
from importlib import metadata
from typing import Any, Self, TypeVar

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, values
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from adapters import metric_names
from gateway.domain.intent import OutcomeKind
from gateway.domain.report import ForwardKind
from gateway.domain.sms import Interface
from gateway.domain.status import MessageStatus
from gateway.tasks import Tasks

FLUSH_SECONDS = 1.0  # so long do amounts gather; what one worker counts is on the others' pages by then

Labels = tuple[str, ...]
Amounts = list[float]
Add = Callable[[Amounts], None]
"""Adds to the library's numbers what has been counted under one set of labels; may reorder its argument."""

Child = TypeVar("Child")
Family = TypeVar("Family", Counter, Gauge, Histogram)


class _Children(dict[Labels, Child]):
    """What counts under each set of a metric's labels, found once: the hot path is one look-up."""

    def __init__(self, metric: metric_names.Metric, make_child: Callable[[Labels], Child]) -> None:
        super().__init__()
        self._allowed = tuple(metric.labels.values())
        self._make_child = make_child

    def __missing__(self, labels: Labels) -> Child:
        bounded = tuple(
            str(value) if allowed is None or value in allowed else metric_names.OTHER
            for value, allowed in zip(labels, self._allowed, strict=True)
        )
        if bounded != labels:
            return self[bounded]
        self[bounded] = child = self._make_child(bounded)
        return child


class _Tally(_Children[Amounts]):
    """The amounts counted since the last flush, and where each list of them then goes."""

    def __init__(self, metric: metric_names.Metric, add_to: Callable[[Labels], Add]) -> None:
        super().__init__(metric, self._begin)
        self._add_to = add_to
        self._lists: list[tuple[Amounts, Add]] = []

    def _begin(self, labels: Labels) -> Amounts:
        amounts: Amounts = []
        self._lists.append((amounts, self._add_to(labels)))
        return amounts

    def flush(self) -> None:
        # In the thread that counts: nothing comes between adding the amounts and forgetting them.
        for amounts, add in self._lists:
            if amounts:
                add(amounts)
                amounts.clear()


def _labelled(family: Family, labels: Labels) -> Family:
    return family.labels(*labels) if labels else family


def _sum_up(counter: Counter) -> Add:
    return lambda amounts: counter.inc(sum(amounts))


def _distribute(histogram: Histogram) -> Add:
    # Private: the library's `observe` takes one amount at a time, and tries one bucket after the other.
    total, buckets, bounds = histogram._sum, histogram._buckets, histogram._upper_bounds

    def add(amounts: Amounts) -> None:
        total.inc(sum(amounts))
        amounts.sort()
        below = 0
        for bucket, bound in zip(buckets, bounds, strict=True):
            up_to = bisect_right(amounts, bound)
            bucket.inc(up_to - below)
            below = up_to

    return add


class PrometheusMetrics:
    """`gateway.ports.Metrics`, counted with prometheus_client in a registry of its own.

    Everything is called in the event loop's thread. To count is to append to a list; the library's numbers follow
    before a page is rendered and, while the context is open, every second. It is to be open where a lot is counted,
    for the lists grow, and where PROMETHEUS_MULTIPROC_DIR is set: each worker's page shows what all have flushed.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._tasks = Tasks()
        self._tallies: list[_Tally] = []
        self._calls = self._timer(metric_names.CALLS, metric_names.CALL_DURATION)
        self._codes = self._counter(metric_names.CODES)
        self._messages = self._counter(metric_names.MESSAGES)
        self._segments = self._counter(metric_names.SEGMENTS)
        self._outcomes = self._counter(metric_names.OUTCOMES)
        self._pending = self._gauge(metric_names.PENDING_INTENTS)
        self._upstream = self._timer(metric_names.UPSTREAM, metric_names.UPSTREAM_DURATION)
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

    async def __aenter__(self) -> Self:
        self._tasks.spawn(self._keep_flushing(), name="metrics")
        return self

    async def __aexit__(self, *_exc_info: object) -> None:
        await self._tasks.stop()
        self._flush()

    def call(self, interface: Interface, operation: str, outcome: str, seconds: float) -> None:
        """See ports.Metrics."""
        self._calls[interface, operation, outcome].append(seconds)

    def legacy_code(self, interface: Interface, code: str) -> None:
        """See ports.Metrics."""
        self._codes[interface, code].append(1)

    def messages(self, interface: Interface, messages: int, segments: int) -> None:
        """See ports.Metrics."""
        self._messages[(interface,)].append(messages)
        self._segments[(interface,)].append(segments)

    def outcome(self, kind: OutcomeKind) -> None:
        """See ports.Metrics."""
        self._outcomes[(kind,)].append(1)

    def upstream_call(self, call: str, outcome: str, seconds: float) -> None:
        """See ports.Metrics."""
        self._upstream[call, outcome].append(seconds)

    def report(self, fate: str) -> None:
        """See ports.Metrics."""
        self._reports[(fate,)].append(1)

    def incoming(self) -> None:
        """See ports.Metrics."""
        self._incoming[()].append(1)

    def unmapped_status(self, status: MessageStatus) -> None:
        """See ports.Metrics."""
        self._unmapped[(str(status.code),)].append(1)

    def email_asked(self, interface: Interface) -> None:
        """See ports.Metrics."""
        self._email[(interface,)].append(1)

    def repeated(self, mode: str) -> None:
        """See ports.Metrics."""
        self._repeated[(mode,)].append(1)

    def forward(self, kind: ForwardKind, outcome: str) -> None:
        """See ports.Metrics."""
        self._forwards[kind, outcome].append(1)

    def pending(self, kind: OutcomeKind, count: int) -> None:
        """See ports.Metrics."""
        self._pending[(kind,)].set(count)

    def breaker(self, state: str) -> None:
        """See ports.Metrics."""
        for known in metric_names.BREAKER_STATES:
            self._breaker[(known,)].set(known == state)

    def commit(self, rows: int, seconds: float) -> None:
        """See ports.Metrics."""
        self._commit_rows[()].append(rows)
        self._commit_duration[()].append(seconds)

    async def render(self, accept: str) -> tuple[bytes, str]:
        """The page of all metrics in the format that `accept` asks for, and its content type."""
        self._flush()
        # In a thread: rendering thousands of label sets would hold up every call (design.md).
        return await asyncio.to_thread(self._encode, accept)

    async def _keep_flushing(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            self._flush()

    def _flush(self) -> None:
        for tally in self._tallies:
            tally.flush()

    def _encode(self, accept: str) -> tuple[bytes, str]:
        encode, content_type = choose_encoder(accept)
        return encode(self._collected()), content_type

    def _collected(self) -> CollectorRegistry:
        if values.ValueClass is values.MutexValue:  # the library chose at its import, by the environment
            return self._registry
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # the library left it so
        return together

    def _tally(self, metric: metric_names.Metric, add_to: Callable[[Labels], Add]) -> _Tally:
        tally = _Tally(metric, add_to)
        self._tallies.append(tally)
        return tally

    def _counter(self, metric: metric_names.Metric) -> _Tally:
        counter = Counter(registry=self._registry, **_named(metric))
        return self._tally(metric, lambda labels: _sum_up(_labelled(counter, labels)))

    def _histogram(self, metric: metric_names.Metric) -> _Tally:
        histogram = Histogram(registry=self._registry, buckets=metric.buckets, **_named(metric))
        return self._tally(metric, lambda labels: _distribute(_labelled(histogram, labels)))

    def _timer(self, counted: metric_names.Metric, timed: metric_names.Metric) -> _Tally:
        """Of seconds; the histogram has the counter's labels but for the last, the outcome."""
        counter = Counter(registry=self._registry, **_named(counted))
        histogram = Histogram(registry=self._registry, buckets=timed.buckets, **_named(timed))

        def add_to(labels: Labels) -> Add:
            count, distribute = counter.labels(*labels), _distribute(histogram.labels(*labels[:-1]))

            def add(seconds: Amounts) -> None:
                count.inc(len(seconds))
                distribute(seconds)

            return add

        return self._tally(counted, add_to)

    def _gauge(self, metric: metric_names.Metric) -> _Children[Gauge]:
        gauge = Gauge(registry=self._registry, multiprocess_mode=metric.across_processes, **_named(metric))  # type: ignore[arg-type]  # the table holds its modes
        return _Children(metric, lambda labels: _labelled(gauge, labels))


def _named(metric: metric_names.Metric) -> dict[str, Any]:
    return {"name": metric.name, "documentation": metric.meaning, "labelnames": tuple(metric.labels)}


def metrics_routes(metrics: PrometheusMetrics) -> list[web.RouteDef]:
    """GET /metrics, as text or in the OpenMetrics format, whichever is asked for."""

    async def handle_metrics(request: web.Request) -> web.Response:
        page, content_type = await metrics.render(request.headers.get("Accept", ""))
        return web.Response(body=page, headers={"Content-Type": content_type})

    return [web.get("/metrics", handle_metrics)]
