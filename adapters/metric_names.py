"""Every metric there is: its name, type, labels and meaning.

Labels are bounded: a value outside the set that a label has here is counted as "other".
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain.account import RepeatMode
from gateway.domain.intent import PENDING, OutcomeKind
from gateway.domain.report import ForwardKind, ReportFate
from gateway.domain.sms import Interface
from gateway.domain.status import SEND_ROW_BY_ERROR

OTHER = "other"

OPERATIONS = frozenset(
    # SOAP's are called here as its contract declares them, whatever the operator renames them to.
    {"sms", "balans", "smsVidTid", "bundleSms", "avbrytBundle", "beskrivning", "description", "unknown"}
    | {"send", "list_sent", "read_sent", "read_bundle", "list_received", "read_received"}
)
UPSTREAM_CALLS = frozenset(
    {"send_batch", "cancel_batch", "get_batch", "list_batches", "list_messages", "balance", "set_incoming", "ping"}
)
CALL_OUTCOMES = frozenset({"ok", "http", "internal_error", *SEND_ROW_BY_ERROR.values()})
UPSTREAM_OUTCOMES = frozenset({"ok", *(error.__name__ for error in SEND_ROW_BY_ERROR)})
INTERFACES = frozenset(Interface)
LEGACY_CODES = frozenset(str(code) for code in range(600))  # SOAP's and ASPX's codes, REST 1.0's HTTP statuses
UPSTREAM_CODES = frozenset(str(code) for code in range(100, 600))
BREAKER_STATES = frozenset({"closed", "half_open", "open"})

_CALL_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_COMMIT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
_COMMIT_ROWS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Kind(StrEnum):
    """The types of metrics."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One row of the table. `labels`: name -> the values it can have; None: few by nature (a version)."""

    name: str
    kind: Kind
    meaning: str
    labels: Mapping[str, Collection[str] | None] = field(default_factory=dict)
    buckets: tuple[float, ...] = ()
    across_processes: str = "max"  # how a gauge of several workers becomes one: prometheus_client's modes


CALLS = Metric(
    name="smsgw_calls_total",
    kind=Kind.COUNTER,
    meaning="Legacy calls answered; outcome is ok, or why the call failed.",
    labels={"interface": INTERFACES, "operation": OPERATIONS, "outcome": CALL_OUTCOMES},
)
CALL_DURATION = Metric(
    name="smsgw_call_duration_seconds",
    kind=Kind.HISTOGRAM,
    meaning="Time from reading a legacy call to its answer.",
    labels={"interface": INTERFACES, "operation": OPERATIONS},
    buckets=_CALL_SECONDS,
)
CODES = Metric(
    name="smsgw_legacy_codes_total",
    kind=Kind.COUNTER,
    meaning="Legacy status codes handed out in an id's place; for REST 1.0, HTTP statuses.",
    labels={"interface": INTERFACES, "code": LEGACY_CODES},
)
MESSAGES = Metric(
    name="smsgw_messages_total",
    kind=Kind.COUNTER,
    meaning="Messages taken from callers and put on disk.",
    labels={"interface": INTERFACES},
)
SEGMENTS = Metric(
    name="smsgw_segments_total",
    kind=Kind.COUNTER,
    meaning="Segments of those messages, as they are billed.",
    labels={"interface": INTERFACES},
)
OUTCOMES = Metric(
    name="smsgw_outcomes_total",
    kind=Kind.COUNTER,
    meaning="What became of intents, one for each POST to v2; unknown ones are counted again when settled.",
    labels={"outcome": frozenset(OutcomeKind)},
)
PENDING_INTENTS = Metric(
    name="smsgw_pending_intents",
    kind=Kind.GAUGE,
    meaning="Intents that are open, queued or unknown now.",
    labels={"outcome": PENDING},
    across_processes="mostrecent",
)
UPSTREAM = Metric(
    name="smsgw_upstream_calls_total",
    kind=Kind.COUNTER,
    meaning="HTTP exchanges with v2, repeats included; outcome is ok, or the kind of error.",
    labels={"call": UPSTREAM_CALLS, "outcome": UPSTREAM_OUTCOMES},
)
UPSTREAM_DURATION = Metric(
    name="smsgw_upstream_duration_seconds",
    kind=Kind.HISTOGRAM,
    meaning="Time of one HTTP exchange with v2.",
    labels={"call": UPSTREAM_CALLS},
    buckets=_CALL_SECONDS,
)
BREAKER = Metric(
    name="smsgw_breaker_state",
    kind=Kind.GAUGE,
    meaning="1 for the circuit breaker's state now, 0 for the others; summed over workers.",
    labels={"state": BREAKER_STATES},
    across_processes="livesum",
)
REPORTS = Metric(
    name="smsgw_delivery_reports_total",
    kind=Kind.COUNTER,
    meaning="Delivery reports worked off, and those refused as forged or unreadable.",
    labels={"fate": frozenset({*ReportFate, "forged", "unreadable"})},
)
INCOMING = Metric(name="smsgw_incoming_messages_total", kind=Kind.COUNTER, meaning="Incoming SMS stored.")
UNMAPPED = Metric(
    name="smsgw_unmapped_statuses_total",
    kind=Kind.COUNTER,
    meaning="Status codes of v2 that have no row in the tables and were mapped by their group.",
    labels={"code": UPSTREAM_CODES},
)
EMAIL = Metric(
    name="smsgw_email_copies_asked_total",
    kind=Kind.COUNTER,
    meaning="Calls that asked for an e-mail copy, which no longer exists.",
    labels={"interface": INTERFACES},
)
REPEATED = Metric(
    name="smsgw_repeated_calls_total",
    kind=Kind.COUNTER,
    meaning="Calls that repeated another one within the account's window.",
    labels={"mode": frozenset(RepeatMode)},
)
FORWARDS = Metric(
    name="smsgw_forwards_total",
    kind=Kind.COUNTER,
    meaning="Attempts to forward to a caller's own system; dead ones are given up.",
    labels={"kind": frozenset(ForwardKind), "outcome": frozenset({"delivered", "failed", "dead"})},
)
COMMIT_ROWS = Metric(
    name="smsgw_store_commit_rows",
    kind=Kind.HISTOGRAM,
    meaning="How many changes the store committed at once.",
    buckets=_COMMIT_ROWS,
)
COMMIT_DURATION = Metric(
    name="smsgw_store_commit_duration_seconds",
    kind=Kind.HISTOGRAM,
    meaning="Time of one commit, disk included.",
    buckets=_COMMIT_SECONDS,
)
BUILD = Metric(
    name="smsgw_build_info",
    kind=Kind.GAUGE,
    meaning="Always 1; the labels say what runs.",
    labels={"version": None, "python": None},
)

METRICS = (
    CALLS, CALL_DURATION, CODES, MESSAGES, SEGMENTS, OUTCOMES, PENDING_INTENTS, UPSTREAM, UPSTREAM_DURATION,
    BREAKER, REPORTS, INCOMING, UNMAPPED, EMAIL, REPEATED, FORWARDS, COMMIT_ROWS, COMMIT_DURATION, BUILD,
)  # fmt: skip

_REFERENCE_HEAD = """\
# Metrics

<!-- Made by `make docs` from adapters/metric_names.py. -->

`GET /metrics`, on the main port unless `admin.listen` names another. No label ever holds an account, a number, an
id or a text. The usual `process_*` metrics are there too, except with several workers.

| Metric | Type | Labels | Meaning |
|---|---|---|---|
"""


def render_reference() -> str:
    """docs/metrics.md."""
    return _REFERENCE_HEAD + "".join(f"{_reference_row(metric)}\n" for metric in METRICS)


def _reference_row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.meaning} |"
