"""What is PostgreSQL's own: several nodes on one database, connections that are lost, commits in groups."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise

import asyncpg
import pytest

from adapters.store.postgres import open_postgres
from adapters.store.postgres_connection import POOL_MAX_CONNECTIONS, SESSION
from adapters.store.statements import Dialect, load_statements
from gateway.domain.errors import ConfigurationError, StoreUnavailable
from gateway.domain.intent import Outcome, OutcomeKind
from gateway.domain.report import ReportFate
from gateway.domain.status import SendRowName
from gateway.ports import RepeatGuard, Store
from tests import postgres
from tests.contract.making import (
    ACCEPTED,
    NOON,
    claim,
    later,
    make_incoming,
    make_intent,
    make_report,
    record,
    record_accepted,
)

QUEUE = OutcomeKind.QUEUED
STATEMENTS = load_statements(Dialect.POSTGRES)


def refusal(row: str) -> Outcome:
    return Outcome(kind=OutcomeKind.REFUSED, reason=SendRowName(row))


@pytest.fixture
async def address() -> str:
    """An empty schema."""
    return await postgres.server().make_schema()


@pytest.fixture
async def nodes(address: str) -> AsyncIterator[list[Store]]:
    """Three gateways' stores on one database, opened at the same time."""
    opened: list[Store] = list(await asyncio.gather(*(open_postgres(address, first_id=1000) for _ in range(3))))
    yield opened
    for node in opened:
        await node.close()


# ---- several nodes -----------------------------------------------------------------------------------------


async def test_nodes_that_open_an_empty_database_at_once_share_one_store(nodes: list[Store]) -> None:
    assert len({node.store_id for node in nodes}) == 1


async def test_no_two_nodes_lease_the_same_id(nodes: list[Store]) -> None:
    leases = await asyncio.gather(*(node.lease_ids(7) for node in nodes for _ in range(20)))
    ids = sorted(number for lease in leases for number in lease)
    assert ids == list(range(1000, 1000 + 60 * 7))


async def test_each_queued_intent_is_claimed_by_one_node(nodes: list[Store]) -> None:
    await record(nodes[0], *(make_intent(nodes[0], number) for number in range(100, 400)), kind=QUEUE, due_at=NOON)

    async def claim_all(node: Store, name: str) -> list[int]:
        claimed: list[int] = []
        while got := await claim(node, QUEUE, now=NOON, owner=name, limit=7):
            claimed += got
        return claimed

    taken = await asyncio.gather(*(claim_all(node, f"node-{n}") for n, node in enumerate(nodes)))
    assert sorted(number for mine in taken for number in mine) == list(range(100, 400))
    assert (await nodes[0].count_pending())[OutcomeKind.OPEN] == 300


async def test_each_report_and_each_forward_is_worked_off_by_one_node(nodes: list[Store]) -> None:
    for number in range(40):
        recipient = f"467000000{number:02}"
        await record_accepted(nodes[0], make_intent(nodes[0], 100 + number, recipient))
        await nodes[0].record_report(make_report(201, recipient=recipient), at=NOON)

    async def work(node: Store) -> tuple[int, list[int]]:
        applied = 0
        while reports := await node.apply_reports(
            now=later(1), orphans_before=NOON, wants_forward=lambda _: True, limit=3
        ):
            applied += sum(report.fate is ReportFate.APPLIED for report in reports)
        forwards: list[int] = []
        while claimed := await node.claim_forwards(now=later(1), due_at=later(60), limit=3):
            forwards += [forward.subject_id for forward in claimed]
        return applied, forwards

    worked = await asyncio.gather(*(work(node) for node in nodes))
    assert sum(applied for applied, _ in worked) == 40
    assert sorted(number for _, mine in worked for number in mine) == list(range(100, 140))


async def test_of_equal_calls_to_several_nodes_one_is_recorded(nodes: list[Store]) -> None:
    async def send(number: int) -> int | None:
        guard = RepeatGuard(account_id="ip1-12345", fingerprint=b"same", first_id=number, expires_at=later(60))
        node = nodes[number % 3]
        return await record(node, make_intent(node, number), guard=guard)

    answers = await asyncio.gather(*(send(number) for number in range(100, 130)))
    recorded = [stored.intent.id for stored in await nodes[0].list_pending(limit=100)]
    assert len(recorded) == 1
    assert sorted(answers, key=str) == [recorded[0]] * 29 + [None]


async def test_of_outcomes_from_several_nodes_the_first_wins_everywhere(nodes: list[Store]) -> None:
    await record(nodes[0], make_intent(nodes[0], 100))
    outcomes = [ACCEPTED, refusal("invalid_sender"), refusal("invalid_body")]
    answers = await asyncio.gather(
        *(
            node.record_outcome(100, outcome, at=NOON, due_at=None)
            for node, outcome in zip(nodes, outcomes, strict=True)
        )
    )
    found = await nodes[0].find_intent(100)
    assert found is not None
    assert {answer.reason for answer in answers} == {found.outcome.reason}


async def test_an_incoming_sms_that_reaches_two_nodes_is_kept_once(nodes: list[Store]) -> None:
    kept = await asyncio.gather(
        *(node.record_incoming(make_incoming(), message_id=500 + n, forward=True) for n, node in enumerate(nodes))
    )
    assert len({stored.id for stored in kept}) == 1
    assert len(await nodes[0].claim_forwards(now=NOON, due_at=NOON, limit=9)) == 1


# ---- groups ------------------------------------------------------------------------------------------------


async def test_what_waits_is_committed_together_and_counted(address: str) -> None:
    commits: list[int] = []
    store = await open_postgres(address, on_commit=lambda operations, _seconds: commits.append(operations))
    before = await _count_transactions(address)
    await asyncio.gather(*(record(store, make_intent(store, number)) for number in range(100, 200)))
    await asyncio.gather(
        *(store.record_outcome(number, ACCEPTED, at=NOON, due_at=later(9)) for number in range(100, 200))
    )
    assert sum(commits) == 200
    assert len(commits) < 200
    assert await _count_transactions(address) - before < len(commits) + 10  # the server's own, if it is tidying up
    await store.close()


async def _count_transactions(address: str) -> int:
    """How many have written anything on that server since it was made."""
    connection = await asyncpg.connect(address)
    count: int = await connection.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    await connection.close()
    return count


async def test_the_intents_of_outcomes_are_looked_up_by_id_however_many_there_are(
    address: str, nodes: list[Store]
) -> None:
    await record(nodes[0], *(make_intent(nodes[0], number) for number in range(100, 1100)))
    connection = await asyncpg.connect(address, server_settings=SESSION)
    await connection.execute("ANALYZE intents; SET plan_cache_mode = force_generic_plan")
    await connection.execute(f"PREPARE write (text, text, text) AS {STATEMENTS['write_lines']}")
    plan = [row[0] for row in await connection.fetch("EXPLAIN EXECUTE write ('[]', '[]', '[]')")]
    await connection.close()
    conditions = [below for line, below in pairwise(plan) if "Scan" in line and "intents" in line]
    assert conditions
    assert all("Cond: (id = " in condition for condition in conditions)


async def test_an_operation_that_fails_harms_none_of_its_group(nodes: list[Store]) -> None:
    store = nodes[0]
    await record(store, make_intent(store, 150))
    answers = await asyncio.gather(
        *(record(store, make_intent(store, number)) for number in range(100, 200)),
        record(store, make_intent(store, 300, body="a lone surrogate \ud83d")),
        return_exceptions=True,
    )
    failed = [answer for answer in answers if answer is not None]
    assert [type(answer) for answer in failed] == [asyncpg.UniqueViolationError, asyncpg.DataError]
    assert len(await store.list_pending(limit=1000)) == 100


async def test_what_has_gathered_is_committed_although_who_counts_commits_fails(address: str) -> None:
    def fail(_operations: int, _seconds: float) -> None:
        raise RuntimeError("cannot count")

    store = await open_postgres(address, on_commit=fail)
    tasks = []
    for number in range(100, 110):
        tasks.append(asyncio.ensure_future(record(store, make_intent(store, number))))
        await asyncio.sleep(0)
    async with asyncio.timeout(30):
        assert await asyncio.gather(*tasks) == [None] * 10
    await store.close()


async def test_closing_commits_what_has_gathered_and_a_closed_store_says_so(address: str) -> None:
    store = await open_postgres(address)
    tasks = [asyncio.ensure_future(record(store, make_intent(store, number))) for number in range(100, 150)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*tasks) == [None] * 50
    with pytest.raises(StoreUnavailable):
        await store.ping()


async def until_waiting(connection: asyncpg.Connection, transactions: int) -> None:
    """Until so many transactions wait for what others hold."""
    while await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < transactions:
        await asyncio.sleep(0.01)


async def test_a_row_that_another_transaction_holds_keeps_only_its_own_group_waiting(
    address: str, nodes: list[Store]
) -> None:
    store = nodes[0]
    await record(store, make_intent(store, 100))
    other = await asyncpg.connect(address)
    async with asyncio.timeout(30):
        async with other.transaction():
            await other.execute("SELECT FROM intents WHERE id = 100 FOR UPDATE")
            held_up = asyncio.ensure_future(store.record_outcome(100, ACCEPTED, at=NOON, due_at=None))
            await until_waiting(other, 1)
            for number in range(110, 120):
                await record(store, make_intent(store, number))
            assert not held_up.done()
        assert await held_up == ACCEPTED
    await other.close()


async def test_of_two_groups_that_are_held_up_neither_keeps_the_others_waiting(
    address: str, nodes: list[Store]
) -> None:
    store = nodes[0]
    await record(store, make_intent(store, 100), make_intent(store, 200))
    holders = [await asyncpg.connect(address) for _ in range(2)]
    held_up = []
    async with asyncio.timeout(30):
        for number, holder in zip((100, 200), holders, strict=True):
            await holder.execute(f"BEGIN; SELECT FROM intents WHERE id = {number} FOR UPDATE")
            held_up.append(asyncio.ensure_future(store.record_outcome(number, ACCEPTED, at=NOON, due_at=None)))
            await until_waiting(holder, len(held_up))
            await record(store, make_intent(store, number + 10))
        for outcome, holder in zip(held_up, holders, strict=True):
            assert not outcome.done()
            await holder.close()
        assert await asyncio.gather(*held_up) == [ACCEPTED] * 2
        await record(store, make_intent(store, 300))
    assert len(await store.list_pending(limit=9)) == 3


# ---- a database that goes away -----------------------------------------------------------------------------


async def until_it_works(attempt: Callable[[], Awaitable[None]]) -> None:
    """Try until the store is back; a minute at most."""
    async with asyncio.timeout(60):
        while True:
            try:
                await attempt()
            except StoreUnavailable:
                await asyncio.sleep(0.05)
            else:
                return


async def test_a_restart_of_the_database_is_an_outage_that_ends(nodes: list[Store]) -> None:
    store = nodes[0]
    promised: list[int] = []
    outages = 0
    stop = asyncio.Event()

    async def keep_recording(number: int) -> None:
        nonlocal outages
        while not stop.is_set():
            number += 10
            try:
                await record(store, make_intent(store, number))
            except StoreUnavailable:
                outages += 1
                await asyncio.sleep(0.02)
            else:
                promised.append(number)

    callers = [asyncio.create_task(keep_recording(1000 + n)) for n in range(8)]
    await asyncio.to_thread(postgres.server().restart)
    await until_it_works(store.ping)
    stop.set()
    await asyncio.gather(*callers)
    await record(store, make_intent(store, 10))
    kept = {stored.intent.id for stored in await store.list_pending(limit=1_000_000)}
    assert outages > 0
    assert kept.issuperset(promised)


async def test_a_restart_between_two_calls_is_noticed_by_neither(nodes: list[Store]) -> None:
    await record(nodes[0], make_intent(nodes[0], 100))
    await asyncio.to_thread(postgres.server().restart)
    await record(nodes[0], make_intent(nodes[0], 200))


async def test_connections_that_break_again_and_again_leave_room_for_others(address: str) -> None:
    store = await open_postgres(address)
    other = await asyncpg.connect(address)
    for number in range(100, 100 + 2 * POOL_MAX_CONNECTIONS):
        held_up = asyncio.ensure_future(record(store, make_intent(store, number)))
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'smsgw' AND datname = current_database()"
        )
        await asyncio.gather(held_up, return_exceptions=True)
    await until_it_works(store.ping)
    await record(store, make_intent(store, 300))
    async with asyncio.timeout(30):
        await store.close()
    await other.close()


# ---- a database that cannot be used ------------------------------------------------------------------------


async def test_a_schema_of_a_newer_program_is_refused(address: str) -> None:
    await (await open_postgres(address)).close()
    connection = await asyncpg.connect(address)
    await connection.execute("INSERT INTO migrations (number) VALUES (999)")
    await connection.close()
    with pytest.raises(ConfigurationError, match="has number 999, this program knows up to"):
        await open_postgres(address)


async def test_a_store_is_the_same_when_it_is_opened_again(address: str) -> None:
    first = await open_postgres(address, first_id=1000)
    await first.lease_ids(5)
    await first.close()
    second = await open_postgres(address, first_id=7)
    assert second.store_id == first.store_id
    assert await second.lease_ids(1) == range(1005, 1006)
    await second.close()


async def test_a_database_that_does_not_exist_is_refused_by_name(address: str) -> None:
    with pytest.raises(ConfigurationError, match='database "nowhere" does not exist'):
        await open_postgres(address.replace("/postgres?", "/nowhere?"))


async def test_a_user_who_may_not_make_tables_is_told_what_is_missing(address: str) -> None:
    connection = await asyncpg.connect(address)
    await connection.execute("CREATE ROLE guest LOGIN")
    await connection.close()
    with pytest.raises(ConfigurationError, match="refuses this gateway: no schema has been selected"):
        await open_postgres(address.replace("//postgres:", "//guest:"))


async def test_an_address_that_cannot_be_read_is_refused_without_quoting_it() -> None:
    with pytest.raises(ConfigurationError, match="write postgresql://") as refused:
        await open_postgres("postgresql://me:secret@host:nonsense/db")
    assert "secret" not in str(refused.value)


async def test_a_missing_driver_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'sendsms-gateway\[postgres\]'"):
        await open_postgres("postgresql:///")


async def test_a_database_that_does_not_answer_is_unavailable(unused_tcp_port: int) -> None:
    with pytest.raises(StoreUnavailable):
        await open_postgres(f"postgresql://postgres@127.0.0.1:{unused_tcp_port}/postgres")
