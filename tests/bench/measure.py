"""One measurement of a row."""

import time
from collections.abc import Mapping

import msgspec

from tests.bench.disk import Syncs, time_syncs
from tests.bench.lineup import Contender, lone_gateway
from tests.bench.load import PacedLoad, count_arrived, count_recipients, run_open_loop, run_wrk
from tests.bench.processes import busy_seconds
from tests.bench.rows import CALLERS, Row

DRAINED_SECONDS = 0.5  # nothing reached the upstream for so long: a queue is empty
DRAIN_MAX_SECONDS = 60.0
LONG_LIST_SECONDS = 3.0


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement. `upstream_calls_each` is calls of the upstream for each answer; times in microseconds.

    `busy_processors` is how many the whole machine kept busy, load generator and upstream included. `ratios` are to
    the rates of other rows, measured right before.
    """

    row: str
    per_second: float
    upstream_calls_each: float
    cpu_micros: float
    busy_processors: float
    p50: float
    p99: float
    p999: float
    rss_bytes: int
    failed: int
    ratios: Mapping[str, float] = {}


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """At a fixed rate: the upstream alone, and behind others; and the disk by itself."""

    per_second: float
    syncs: Syncs
    upstream: PacedLoad
    bare: PacedLoad
    gateway: PacedLoad

    @property
    def added_p99(self) -> float:
        """Microseconds that the gateway adds to the upstream's own p99."""
        return self.gateway.p99 - self.upstream.p99

    @property
    def added_p99_by_bare(self) -> float:
        """Microseconds that the bare pass-through adds to it."""
        return self.bare.p99 - self.upstream.p99


def measure(row: Row, contender: Contender, *, seconds: float) -> Measured:
    """Call for some seconds; then wait until what is queued has gone upstream."""
    with contender.group.awake():
        recipients = count_recipients(contender.stub_port) if row.joins else 0
        arrived, used, busy = count_arrived(contender.stub_port), contender.group.usage(), busy_seconds()
        load = run_wrk(contender.ports, row.kind, *row.arguments, callers=row.callers, seconds=seconds)
        busy = busy_seconds() - busy
        arrived = count_arrived(contender.stub_port) - arrived
        now = contender.group.usage()
        drain(contender.stub_port)
        if row.joins:
            _check_joined(load.requests, count_recipients(contender.stub_port) - recipients, row.callers)
    counted = load.requests if row.counts_answers else arrived
    return Measured(
        row=row.name,
        per_second=counted / load.seconds,
        upstream_calls_each=arrived / max(load.requests, 1),
        cpu_micros=(now.cpu_seconds - used.cpu_seconds) / max(counted, 1) * 1e6,
        busy_processors=busy / load.seconds,
        p50=load.p50,
        p99=load.p99,
        p999=load.p999,
        rss_bytes=now.rss_bytes,
        failed=load.failed + load.broken,
    )


def _check_joined(answers: int, recipients: int, callers: int) -> None:
    """Each answer is for one recipient that went upstream; each caller ends with one call unanswered at most."""
    if not answers <= recipients <= answers + callers:
        raise RuntimeError(f"{answers} calls were answered, and {recipients} recipients reached the upstream")


def drain(stub_port: int) -> None:
    """Wait until nothing more arrives."""
    deadline = time.monotonic() + DRAIN_MAX_SECONDS
    before = -1
    while before != (before := count_arrived(stub_port)) and time.monotonic() < deadline:
        time.sleep(DRAINED_SECONDS)


def measure_long_list() -> int:
    """Bytes that calls with 10 000 recipients take above idle at most, of a gateway that gets no other calls."""
    with lone_gateway() as gateway:
        run_wrk(gateway.ports, "list", "10000", callers=1, seconds=LONG_LIST_SECONDS)
        return gateway.group.peak_rss_bytes() - gateway.idle_rss_bytes


def measure_pace(contenders: Mapping[str, Contender], *, seconds: float) -> Pace:
    """The gateway at half of what it can carry, which is measured right before: by the minute it is another."""
    stub, bare, gateway = (contenders[name] for name in ("stub", "bare", "gateway"))
    with gateway.group.awake():
        fastest = run_wrk(gateway.ports, "aspx", callers=CALLERS, seconds=seconds)
    per_second = fastest.requests / fastest.seconds / 2
    return Pace(
        per_second=per_second,
        syncs=time_syncs(),
        upstream=run_open_loop(stub.ports[0], "upstream", per_second=per_second, seconds=seconds),
        bare=_run_open_loop_behind(bare, per_second=per_second, seconds=seconds),
        gateway=_run_open_loop_behind(gateway, per_second=per_second, seconds=seconds),
    )


def _run_open_loop_behind(contender: Contender, *, per_second: float, seconds: float) -> PacedLoad:
    with contender.group.awake():
        load = run_open_loop(contender.ports[0], "aspx", per_second=per_second, seconds=seconds)
        drain(contender.stub_port)
        return load
