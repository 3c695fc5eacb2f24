"""What is measured, and one measurement of it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from gateway.domain.intent import FIRST_ID_DEFAULT
from tests.bench.lineup import SLOW_CALLERS, Contender
from tests.bench.load import Load, count_arrived, run_open_loop, run_wrk

CALLERS = 64
DRAINED_SECONDS = 1.0  # nothing reached the upstream for so long: a queue is empty
DRAIN_MAX_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    `base` is the row it is compared with: a higher rate is a higher ratio. `must` and `aim` are for that ratio.
    Rows without `sends` are answered without the upstream; their rate is that of answers.
    """

    name: str
    title: str
    contender: str
    kind: str
    arguments: tuple[str, ...] = ()
    callers: int = CALLERS
    base: str = "bare"
    must: float | None = None
    aim: float | None = None
    sends: bool = True


def one_caller(name: str, title: str, recipients: str, *, base: str, must: float | None = None) -> Row:
    """Calls one after the other over REST, each to so many recipients."""
    return Row(
        name=name,
        title=f"one caller, {title}",
        contender="gateway",
        kind="list",
        arguments=(recipients,),
        callers=1,
        base=base,
        must=must,
    )


ROWS = (
    Row(name="bare", title="bare aiohttp pass-through", contender="bare", kind="aspx"),
    Row(name="nginx", title="nginx as a reverse proxy", contender="nginx", kind="aspx"),
    Row(name="newcomer", title="Spyne's WSGI server, requests, gunicorn", contender="newcomer", kind="soap"),
    Row(name="kannel-10", title="Kannel, no store, 10 pending", contender="kannel-10", kind="kannel"),
    Row(name="kannel-100", title="Kannel, no store, 100 pending", contender="kannel-100", kind="kannel"),
    Row(name="kannel-spool", title="Kannel, durable spool", contender="kannel-spool", kind="kannel"),
    Row(name="aspx", title="gateway: ASPX", contender="gateway", kind="aspx", must=0.75, aim=0.90),
    Row(name="rest", title="gateway: REST, one recipient", contender="gateway", kind="rest", must=0.70, aim=0.85),
    Row(name="soap", title="gateway: SOAP 1.1", contender="gateway", kind="soap", must=0.65, aim=0.85),
    Row(
        name="status",
        title="gateway: status query `sent/{id}`",
        contender="gateway",
        kind="status",
        arguments=(str(FIRST_ID_DEFAULT),),
        must=1.5,
        aim=2.0,
        sends=False,
    ),
    Row(
        name="slow-bare",
        title="upstream of 50 ms, 256 callers: bare",
        contender="slow-bare",
        kind="aspx",
        callers=SLOW_CALLERS,
        base="slow-bare",
    ),
    Row(
        name="slow-aspx",
        title="upstream of 50 ms, 256 callers: ASPX",
        contender="slow-gateway",
        kind="aspx",
        callers=SLOW_CALLERS,
        base="slow-bare",
        must=0.95,
    ),
    one_caller("one", "one recipient", "1", base="one"),
    one_caller("list", "500 recipients", "500", base="one", must=1 / 20),
    one_caller("long-list", "10 000 recipients", "10000", base="list", must=1 / 22),
)


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement. `per_second` is the rate that reached the upstream; times in microseconds."""

    row: str
    per_second: float
    answered_per_second: float
    cpu_micros: float
    p50: float
    p99: float
    p999: float
    rss_bytes: int
    failed: int


def measure(row: Row, contender: Contender, *, seconds: float) -> Measured:
    """Call for some seconds; then wait until what is queued has gone upstream."""
    arrived, used = count_arrived(contender.stub_port), contender.group.usage()
    load = run_wrk(contender.port, row.kind, *row.arguments, callers=row.callers, seconds=seconds)
    arrived = count_arrived(contender.stub_port) - arrived
    cpu_seconds = contender.group.usage().cpu_seconds - used.cpu_seconds
    delivered = arrived if row.sends and row.kind != "list" else load.requests
    drain(contender.stub_port)
    return Measured(
        row=row.name,
        per_second=delivered / load.seconds,
        answered_per_second=load.requests / load.seconds,
        cpu_micros=cpu_seconds / max(delivered, 1) * 1e6,
        p50=load.p50,
        p99=load.p99,
        p999=load.p999,
        rss_bytes=contender.group.usage().rss_bytes,
        failed=load.failed + load.broken,
    )


def drain(stub_port: int) -> None:
    """Wait until nothing more arrives."""
    deadline = time.monotonic() + DRAIN_MAX_SECONDS
    before = -1
    while before != (before := count_arrived(stub_port)) and time.monotonic() < deadline:
        time.sleep(DRAINED_SECONDS)


def measure_pace(contenders: Mapping[str, Contender], *, per_second: float, seconds: float) -> dict[str, Load]:
    """The gateway at a fixed rate, and the upstream alone at the same."""
    return {
        name: run_open_loop(contenders[contender].port, kind, per_second=per_second, seconds=seconds)
        for name, contender, kind in (("upstream", "stub", "upstream"), ("gateway", "gateway", "aspx"))
    }
