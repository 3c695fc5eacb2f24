"""What is counted can be scraped, keeps its labels few, and is written down."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from adapters import metric_names
from adapters.metrics import PrometheusMetrics, metrics_routes
from adapters.soap.contract import SendSms
from adapters.upstream import client
from adapters.upstream.calls import Call
from gateway.domain.intent import OutcomeKind
from gateway.domain.report import ForwardKind
from gateway.domain.sms import Interface
from gateway.domain.status import MessageStatus, UpstreamStatus
from gateway.ports import Metrics

REPOSITORY = Path(__file__).parents[2]
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def count_everything(metrics: Metrics) -> None:
    metrics.call(Interface.SOAP, "sms", "ok", 0.02)
    metrics.legacy_code(Interface.ASPX, "101")
    metrics.messages(Interface.REST, 2, 5)
    metrics.outcome(OutcomeKind.ACCEPTED)
    metrics.upstream_call("send_batch", "RateLimited", 0.3)
    metrics.report("applied")
    metrics.incoming()
    metrics.unmapped_status(MessageStatus(code=UpstreamStatus(299), at=datetime(2026, 1, 1, tzinfo=UTC)))
    metrics.email_asked(Interface.REST)
    metrics.repeated("join")
    metrics.forward(ForwardKind.REPORT, "dead")
    metrics.pending(OutcomeKind.QUEUED, 7)
    metrics.breaker("half_open")
    metrics.commit(12, 0.003)


async def samples(metrics: PrometheusMetrics) -> Samples:
    page, _ = await metrics.render("")
    return parsed(page.decode())


def parsed(page: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in parse_text(page)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


async def test_everything_that_is_counted_shows() -> None:
    metrics = PrometheusMetrics()
    count_everything(metrics)
    found = await samples(metrics)
    assert value(found, "smsgw_calls_total", interface="soap", operation="sms", outcome="ok") == 1
    assert value(found, "smsgw_call_duration_seconds_sum", interface="soap", operation="sms") == 0.02
    assert value(found, "smsgw_legacy_codes_total", interface="aspx", code="101") == 1
    assert value(found, "smsgw_messages_total", interface="rest") == 2
    assert value(found, "smsgw_segments_total", interface="rest") == 5
    assert value(found, "smsgw_outcomes_total", outcome="accepted") == 1
    assert value(found, "smsgw_upstream_calls_total", call="send_batch", outcome="RateLimited") == 1
    assert value(found, "smsgw_upstream_duration_seconds_count", call="send_batch") == 1
    assert value(found, "smsgw_delivery_reports_total", fate="applied") == 1
    assert value(found, "smsgw_incoming_messages_total") == 1
    assert value(found, "smsgw_unmapped_statuses_total", code="299") == 1
    assert value(found, "smsgw_email_copies_asked_total", interface="rest") == 1
    assert value(found, "smsgw_repeated_calls_total", mode="join") == 1
    assert value(found, "smsgw_forwards_total", kind="report", outcome="dead") == 1
    assert value(found, "smsgw_pending_intents", outcome="queued") == 7
    assert value(found, "smsgw_breaker_state", state="half_open") == 1
    assert value(found, "smsgw_breaker_state", state="closed") == 0
    assert value(found, "smsgw_store_commit_rows_sum") == 12
    assert value(found, "smsgw_store_commit_duration_seconds_bucket", le="0.005") == 1
    assert {name for name, _ in found} >= {"smsgw_build_info", "process_cpu_seconds_total"}


async def test_every_metric_of_the_table_is_there() -> None:
    metrics = PrometheusMetrics()
    count_everything(metrics)
    shown = {name for name, _ in await samples(metrics)}
    assert [
        metric.name for metric in metric_names.METRICS if not {metric.name, f"{metric.name}_count"} & shown
    ] == []


async def test_labels_outside_the_table_are_counted_as_other() -> None:
    metrics = PrometheusMetrics()
    for number in range(5000):
        metrics.call(Interface.SOAP, f"op{number}", f"outcome{number}", 0.1)
        metrics.legacy_code(Interface.SOAP, str(number + 1000))
        metrics.upstream_call(f"call{number}", f"error{number}", 0.1)
        metrics.report(f"fate{number}")
        metrics.repeated(f"mode{number}")
    found = await samples(metrics)
    assert value(found, "smsgw_calls_total", interface="soap", operation="other", outcome="other") == 5000
    assert value(found, "smsgw_upstream_calls_total", call="other", outcome="other") == 5000
    assert len(found) < 100


async def test_a_duration_falls_into_the_bucket_that_the_library_would_have_chosen() -> None:
    registry = CollectorRegistry()
    table = metric_names.UPSTREAM_DURATION
    theirs = Histogram(table.name, table.meaning, tuple(table.labels), buckets=table.buckets, registry=registry)
    metrics = PrometheusMetrics()
    for seconds in (0.0, *table.buckets, *(bound + 1e-6 for bound in table.buckets), 3600.0):
        theirs.labels("ping").observe(seconds)
        metrics.upstream_call("ping", "ok", seconds)
    wanted = parsed(generate_latest(registry).decode())
    found = await samples(metrics)
    keys = [key for key in wanted if not key[0].endswith("_created")]
    assert [found[key] for key in keys] == pytest.approx([wanted[key] for key in keys])


async def test_what_is_counted_after_a_page_is_on_the_next_one_once() -> None:
    metrics = PrometheusMetrics()
    metrics.call(Interface.SOAP, "sms", "ok", 0.25)
    first = await samples(metrics)
    metrics.call(Interface.SOAP, "sms", "ok", 0.5)
    metrics.call(Interface.SOAP, "sms", "ok", 0.5)
    for found, calls, seconds in (
        (first, 1, 0.25),
        (await samples(metrics), 3, 1.25),
        (await samples(metrics), 3, 1.25),
    ):
        assert value(found, "smsgw_calls_total", interface="soap", operation="sms", outcome="ok") == calls
        assert value(found, "smsgw_call_duration_seconds_sum", interface="soap", operation="sms") == seconds
        assert value(found, "smsgw_call_duration_seconds_count", interface="soap", operation="sms") == calls


async def test_what_is_counted_while_pages_are_written_is_counted_once() -> None:
    metrics = PrometheusMetrics()
    counted = 0
    pages = [asyncio.create_task(metrics.render("")) for _ in range(20)]
    while not all(page.done() for page in pages):
        metrics.incoming()
        counted += 1
        await asyncio.sleep(0)
    assert value(await samples(metrics), "smsgw_incoming_messages_total") == counted


@pytest.mark.parametrize("metric", metric_names.METRICS, ids=lambda metric: metric.name)
def test_names_follow_the_conventions(metric: metric_names.Metric) -> None:
    assert metric.name.startswith("smsgw_")
    assert metric.name.endswith("_total") == (metric.kind is metric_names.Kind.COUNTER)
    assert bool(metric.buckets) == (metric.kind is metric_names.Kind.HISTOGRAM)
    assert not metric.labels.keys() & {"account", "account_id", "number", "id", "text"}


def test_the_operations_that_callers_know_are_in_the_table() -> None:
    assert set(SendSms.public_methods) <= metric_names.OPERATIONS


def test_the_calls_of_the_upstream_client_are_in_the_table() -> None:
    calls = {value.name for value in vars(client).values() if isinstance(value, Call)}
    assert calls == metric_names.UPSTREAM_CALLS


@pytest.mark.parametrize(
    ("accept", "content_type", "parse"),
    [
        ("", "text/plain", parse_text),
        ("application/openmetrics-text;version=1.0.0", "application/openmetrics-text", parse_openmetrics),
    ],
)
async def test_the_page_is_written_in_the_format_that_is_asked_for(
    accept: str, content_type: str, parse: object
) -> None:
    metrics = PrometheusMetrics()
    count_everything(metrics)
    app = web.Application()
    app.add_routes(metrics_routes(metrics))
    async with TestServer(app) as server, ClientSession() as session:
        response = await session.get(server.make_url("/metrics"), headers={"Accept": accept})
        assert response.status == 200
        assert response.content_type == content_type
        families = list(parse(await response.text()))  # type: ignore[operator]  # one of two parsers
    assert "smsgw_calls" in {family.name.removesuffix("_total") for family in families}


WORKER = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from tests.unit import test_metrics
sys.stdout.write(asyncio.run(getattr(test_metrics, sys.argv[2])()))
"""


def run_worker(work: Callable[[], Awaitable[str]], directory: Path) -> Samples:
    """The page that `work` gives in a process of its own, which shares `directory` with others."""
    process = subprocess.run(
        [sys.executable, "-c", WORKER, str(REPOSITORY), work.__name__],
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return parsed(process.stdout)


async def count_and_render() -> str:
    metrics = PrometheusMetrics()
    count_everything(metrics)
    return (await metrics.render(""))[0].decode()


async def count_and_wait_until_another_would_see_it() -> str:
    """Returns the page, and has counted once more since."""
    page = ""
    async with PrometheusMetrics() as metrics:
        metrics.incoming()
        while "smsgw_incoming_messages_total 1.0" not in page:
            await asyncio.sleep(0.01)
            page = (await PrometheusMetrics().render(""))[0].decode()
        metrics.incoming()
    return page


async def render_only() -> str:
    return (await PrometheusMetrics().render(""))[0].decode()


def test_workers_of_one_machine_are_counted_together(tmp_path: Path) -> None:
    run_worker(count_and_render, tmp_path)
    found = run_worker(count_and_render, tmp_path)
    assert value(found, "smsgw_calls_total", interface="soap", operation="sms", outcome="ok") == 2
    assert value(found, "smsgw_call_duration_seconds_bucket", interface="soap", operation="sms", le="0.025") == 2
    assert value(found, "smsgw_store_commit_rows_sum") == 24
    assert value(found, "smsgw_pending_intents", outcome="queued") == 7


def test_what_a_worker_counts_is_shown_by_the_others_while_it_runs_and_to_its_end(tmp_path: Path) -> None:
    running = run_worker(count_and_wait_until_another_would_see_it, tmp_path)
    assert value(running, "smsgw_incoming_messages_total") == 1
    assert value(run_worker(render_only, tmp_path), "smsgw_incoming_messages_total") == 2
