"""`make bench-growth`: what a send and a read cost as the store grows. What it measured is in docs/growth.md.

Three series on SQLite, each with a store for every size, measured in turns in one session: messages stored,
accounts, and intents that are still open. GROWTH_ROUNDS (60), GROWTH_MOST (10000000) and GROWTH_FOLDER come from
the environment. The stores lie in memory (/dev/shm) unless told otherwise: a disk's syncs take from 0.2 to 5 ms as
they like, and hide what the store itself costs. All runs on one processor: whether a store's thread happens to
share the event loop's decides over a third of the cost, for as long as it lives.
"""

import asyncio
import itertools
import json
import os
import platform
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import track

from adapters.store.sqlite import SqliteStore, open_sqlite
from gateway.domain.account import Account
from gateway.domain.intent import UNDECIDED, Intent, Outcome, OutcomeKind, render_reference
from gateway.domain.sms import Interface, Priority
from tests.bench.growth_page import PATH

FIRST_ID = 1_000_000
ACCOUNT = "ip1-12345"
OPERATIONS_A_ROUND = 50
FILLED_AT_ONCE = 100_000
IN_MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112 - a constant
ACCEPTED = OutcomeKind.ACCEPTED

console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Series:
    """What grows, through which sizes, and what is measured beside a send."""

    title: str
    sizes: tuple[int, ...]
    fill: Callable[[sqlite3.Connection, int], None]
    read_title: str
    read: Callable[[SqliteStore, int], Awaitable[object]]


def fill_messages(connection: sqlite3.Connection, count: int, outcome: OutcomeKind = ACCEPTED) -> None:
    """Settled (or open) single messages, as a gateway leaves them."""
    now = int(datetime.now(UTC).timestamp() * 1e6)
    far_away = now + 10**13
    settled = outcome is ACCEPTED

    def intents() -> Iterator[tuple[object, ...]]:
        for number in range(count):
            batch = f"{number:024x}" if settled else None
            due_at = None if settled else far_away
            yield (
                FIRST_ID + number,
                ACCOUNT,
                "aspx",
                "iP1",
                "Hej",
                2,
                now,
                1,
                0,
                outcome,
                now,
                batch,
                now,
                "old",
                due_at,
            )

    def messages() -> Iterator[tuple[object, ...]]:
        for number in range(count):
            yield (FIRST_ID + number, FIRST_ID + number, f"4670{number % 10**7:07}", 201 if settled else None, now)

    _insert(
        connection,
        "INSERT INTO intents (id, account_id, interface, sender, body, priority, created_at, message_count,"
        " unfinished, outcome, outcome_at, batch_id, attempted_at, owner, due_at)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        intents(),
    )
    _insert(
        connection,
        "INSERT INTO messages (id, intent_id, recipient, status, status_at) VALUES (?,?,?,?,?)",
        messages(),
    )
    connection.execute("UPDATE store SET next_id = ?", (FIRST_ID + count,))


def fill_open(connection: sqlite3.Connection, count: int) -> None:
    """Intents that wait for their outcome, none of them due."""
    fill_messages(connection, count, OutcomeKind.OPEN)


def fill_accounts(connection: sqlite3.Connection, count: int) -> None:
    """Accounts; the hash is not a real one, since nobody logs in here."""
    rows = ((f"ip1-{n}", f"ip1-{n}", "$argon2id$v=19$m=19456,t=2,p=1$" + "x" * 65, 0) for n in range(count))
    _insert(
        connection,
        "INSERT INTO accounts (account_key, account_id, api_key_hash, created_at) VALUES (?,?,?,?)",
        rows,
    )


def _insert(connection: sqlite3.Connection, sql: str, rows: Iterator[tuple[object, ...]]) -> None:
    for chunk in iter(lambda: list(itertools.islice(rows, FILLED_AT_ONCE)), []):
        with connection:
            connection.executemany(sql, chunk)


async def read_message(store: SqliteStore, size: int) -> object:
    """What `GET sent/{id}` asks of the store."""
    found = await store.find_message(FIRST_ID + random.randrange(size), account_id=ACCOUNT)
    assert found is not None
    return found


async def read_account(store: SqliteStore, size: int) -> Account:
    """What a caller's first call asks of it."""
    found = await store.find_account(f"ip1-{random.randrange(size)}")
    assert found is not None
    return found


async def claim_nothing(store: SqliteStore, _size: int) -> object:
    """What the settler asks of it twice a second."""
    now = datetime.now(UTC)
    return await store.claim_intents(
        UNDECIDED, owner="bench", now=now, due_at=now + timedelta(minutes=1), limit=500
    )


MOST = int(os.environ.get("GROWTH_MOST", "10000000"))
SERIES = (
    Series(
        "messages stored",
        tuple(size for size in (10_000, 100_000, 1_000_000, 10_000_000) if size <= MOST),
        fill_messages,
        "`sent/{id}`",
        read_message,
    ),
    Series("accounts", (10, 1_000, 100_000), fill_accounts, "finding an account", read_account),
    Series("open intents", (0, 1_000, 100_000), fill_open, "a look at what is due", claim_nothing),
)


async def send(store: SqliteStore, message_id: int) -> None:
    """What one send asks of the store: an intent before, an outcome after."""
    now = datetime.now(UTC)
    intent = Intent(
        id=message_id,
        bundle_id=None,
        account_id=ACCOUNT,
        interface=Interface.ASPX,
        sender="iP1",
        body="Hej",
        priority=Priority.NORMAL,
        created_at=now,
        reference=render_reference(store.store_id, message_id),
        numbers=("46701234567",),
    )
    due_at = now + timedelta(minutes=1)
    await store.record_intents([intent], kind=OutcomeKind.OPEN, owner="bench", due_at=due_at)
    outcome = Outcome(kind=ACCEPTED, batch_id=f"{message_id:024x}", price=0.35, currency="SEK")
    await store.record_outcome(intent.id, outcome, at=now, due_at=due_at)


async def open_filled(series: Series, size: int, folder: Path) -> SqliteStore:
    """A store of that size."""
    path = folder / f"{series.title.replace(' ', '-')}-{size}.db"
    await (await open_sqlite(path, first_id=FIRST_ID)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        series.fill(connection, size)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return await open_sqlite(path)


async def measure(series: Series, rounds: int, folder: Path) -> list[dict[str, float]]:
    """Median microseconds of a send and of a read at every size, the sizes in turns and in any order."""
    stores = {
        size: await open_filled(series, size, folder) for size in track(series.sizes, f"filling: {series.title}")
    }
    sends: dict[int, list[float]] = {size: [] for size in stores}
    reads: dict[int, list[float]] = {size: [] for size in stores}
    for _ in track(range(rounds), f"measuring: {series.title}"):
        for size, store in random.sample(list(stores.items()), len(stores)):
            ids = await store.lease_ids(OPERATIONS_A_ROUND)
            sends[size] += [await _timed(send(store, message_id)) for message_id in ids]
            reads[size] += [await _timed(series.read(store, size)) for _ in range(OPERATIONS_A_ROUND)]
    for store in stores.values():
        await store.close()
    return [
        {"size": size, "send_micros": statistics.median(sends[size]), "read_micros": statistics.median(reads[size])}
        for size in stores
    ]


async def _timed(work: Awaitable[object]) -> float:
    started = time.perf_counter()
    await work
    return (time.perf_counter() - started) * 1e6


async def main() -> None:
    """Measure every series, and write down what was found."""
    rounds = int(os.environ.get("GROWTH_ROUNDS", "60"))
    found: dict[str, object] = {}
    parent = os.environ.get("GROWTH_FOLDER") or IN_MEMORY
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(prefix="smsgw-growth-", dir=parent) as folder:
        for series in SERIES:
            points = await measure(series, rounds, Path(folder))
            found[series.title] = {"read_title": series.read_title, "points": points}
    document = {
        "measured_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        "rounds": rounds,
        "operations": OPERATIONS_A_ROUND,
        "folder": parent or "the folder for temporary files",
        "series": found,
    }
    PATH.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
