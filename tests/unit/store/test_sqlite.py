"""What is SQLite's own: one file, one process, grouped commits, full disks, copies."""

import asyncio
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from adapters.store.sqlite import open_sqlite
from adapters.store.statements import Dialect, load_migrations
from gateway.domain.errors import ConfigurationError, StoreUnavailable
from gateway.domain.intent import OutcomeKind
from tests.contract.making import ACCEPTED, NOON, claim, later, make_intent, make_report, record, record_accepted

FILE = "gateway.db"


def _rights_of_others(folder: Path) -> list[int]:
    return [path.stat().st_mode & 0o077 for path in folder.iterdir()]


async def test_a_store_is_the_same_after_it_was_closed(tmp_path: Path) -> None:
    first = await open_sqlite(tmp_path / FILE, first_id=1000)
    await record(first, make_intent(first, 1000))
    await first.lease_ids(5)
    await first.close()
    second = await open_sqlite(tmp_path / FILE, first_id=7)
    assert second.store_id == first.store_id
    assert await second.lease_ids(1) == range(1005, 1006)
    assert await second.find_intent(1000) is not None
    await second.close()


async def test_two_stores_have_different_ids(tmp_path: Path) -> None:
    stores = [await open_sqlite(tmp_path / name) for name in ("a.db", "b.db")]
    assert stores[0].store_id != stores[1].store_id
    for store in stores:
        await store.close()


async def test_a_second_gateway_is_kept_away_until_the_first_has_closed(tmp_path: Path) -> None:
    first = await open_sqlite(tmp_path / FILE)
    with pytest.raises(ConfigurationError, match=r"another gateway uses .*gateway\.db; stop it"):
        await open_sqlite(tmp_path / FILE)
    await first.close()
    await (await open_sqlite(tmp_path / FILE)).close()


async def test_a_command_works_beside_a_running_gateway(tmp_path: Path) -> None:
    gateway = await open_sqlite(tmp_path / FILE)
    command = await open_sqlite(tmp_path / FILE, beside_gateway=True)
    await record(command, make_intent(command, 100))
    assert await gateway.find_intent(100) is not None
    assert command.store_id == gateway.store_id
    await command.close()
    await gateway.close()


async def test_what_a_store_of_the_first_schema_had_pending_is_found_after_the_migrations(tmp_path: Path) -> None:
    first = load_migrations(Dialect.SQLITE)[0]
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.executescript(f"{first.script} CREATE TABLE migrations (number INTEGER PRIMARY KEY);")
        connection.executescript(
            """
            INSERT INTO migrations (number) VALUES (1);
            INSERT INTO store (store_id, next_id, pings) VALUES ('0123abcd', 400, 0);
            INSERT INTO intents (id, account_id, interface, sender, priority, created_at, message_count, unfinished,
                outcome, outcome_at, owner)
            SELECT 100 + key, 'ip1-12345', 'rest', 'iP1', 1, 0, 1, 1, value, 0, 'gateway'
            FROM json_each('["open", "accepted", "queued", "refused", "unknown", "open"]');
            INSERT INTO messages (id, intent_id, recipient) SELECT id, id, '46701234567' FROM intents;
            """
        )
    store = await open_sqlite(tmp_path / FILE)
    assert [stored.intent.id for stored in await store.list_pending(limit=9)] == [100, 102, 104, 105]
    assert await store.count_pending() == {OutcomeKind.OPEN: 2, OutcomeKind.QUEUED: 1, OutcomeKind.UNKNOWN: 1}
    await store.close()


async def test_a_schema_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    await (await open_sqlite(tmp_path / FILE)).close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("INSERT INTO migrations (number) VALUES (999)")
    connection.close()
    with pytest.raises(ConfigurationError, match="has number 999, this program knows up to"):
        await open_sqlite(tmp_path / FILE)


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database " * 100)
    with pytest.raises(ConfigurationError, match=r"cannot use .*gateway\.db: file is not a database"):
        await open_sqlite(tmp_path / FILE)


async def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file or directory"):
        await open_sqlite(tmp_path / "nowhere" / FILE)


async def test_only_its_owner_can_read_the_store(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / FILE)
    await store.ping()
    assert _rights_of_others(tmp_path) == [0, 0, 0, 0]  # the file, its log, its index, its lock
    await store.close()


async def test_what_waits_is_committed_together_and_counted(tmp_path: Path) -> None:
    commits: list[int] = []
    store = await open_sqlite(tmp_path / FILE, on_commit=lambda operations, _seconds: commits.append(operations))
    before = _count_transactions(tmp_path)
    await asyncio.gather(*(record(store, make_intent(store, number)) for number in range(100, 200)))
    await asyncio.gather(
        *(store.record_outcome(number, ACCEPTED, at=NOON, due_at=later(9)) for number in range(100, 200))
    )
    assert sum(commits) == 200
    assert len(commits) < 200
    assert _count_transactions(tmp_path) - before == len(commits)
    await store.close()


def _count_transactions(folder: Path) -> int:
    """What a log holds that has not started over yet: a transaction's last frame says how large the file is."""
    log = (folder / f"{FILE}-wal").read_bytes()
    frame_bytes = 24 + int.from_bytes(log[8:12], "big")
    return sum(any(log[frame + 4 : frame + 8]) for frame in range(32, len(log), frame_bytes))


async def test_an_operation_that_fails_harms_none_of_its_group(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / FILE)
    await record(store, make_intent(store, 150))
    answers = await asyncio.gather(
        *(record(store, make_intent(store, number)) for number in range(100, 200)), return_exceptions=True
    )
    assert [type(answer).__name__ for answer in answers if answer is not None] == ["IntegrityError"]
    for number in range(100, 200):
        assert await store.find_intent(number) is not None
    await store.close()


async def test_a_caller_that_does_not_wait_is_no_reason_to_lose_what_he_sent(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / FILE)
    task = asyncio.ensure_future(record(store, make_intent(store, 100)))
    await asyncio.sleep(0)
    task.cancel()
    await store.ping()
    assert await store.find_intent(100) is not None
    await store.close()


async def test_closing_commits_what_has_gathered_and_a_closed_store_says_so(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / FILE)
    tasks = [asyncio.ensure_future(record(store, make_intent(store, number))) for number in range(100, 150)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*tasks) == [None] * 50
    with pytest.raises(StoreUnavailable):
        await store.ping()
    with pytest.raises(StoreUnavailable):
        await store.list_accounts()


async def test_who_finds_nothing_to_do_commits_nothing(tmp_path: Path) -> None:
    commits: list[int] = []
    store = await open_sqlite(tmp_path / FILE, on_commit=lambda operations, _seconds: commits.append(operations))
    await record(store, make_intent(store, 100))
    assert not await claim(store, OutcomeKind.OPEN, OutcomeKind.QUEUED, now=later(0))
    assert not await store.claim_forwards(now=later(0), due_at=later(60), limit=9)
    assert not await store.apply_reports(
        now=later(0), orphans_before=later(0), wants_forward=lambda _: True, limit=9
    )
    await store.close()
    assert commits == [1]


async def test_what_retention_erases_is_not_in_the_file_any_more(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / FILE)
    intent = make_intent(store, 100, "46701234567", body="a text that must go")
    await record_accepted(store, intent)
    await store.record_report(make_report(201, recipient="46707654321", batch_id="?"), at=later(0))
    await store.apply_reports(now=later(9), orphans_before=later(9), wants_forward=lambda _: False, limit=9)
    await store.erase_texts(before=later(9), limit=9)
    await store.close()
    content = (tmp_path / FILE).read_bytes()
    assert b"iP1" in content
    for erased in (b"a text that must go", b"46701234567", b"46707654321"):
        assert erased not in content


async def test_large_bundles_are_erased_and_deleted_in_small_steps_too(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / FILE)
    for first_id in (10_000, 20_000, 30_000):
        numbers = (f"467{number:08}" for number in range(1500))
        await record_accepted(store, make_intent(store, first_id, *numbers, bundle_id=first_id - 1))
    assert [await store.erase_texts(before=later(9), limit=200) for _ in range(4)] == [1, 1, 1, 0]
    assert [await store.delete_rows(before=later(9), limit=200) for _ in range(4)] == [1, 1, 1, 0]
    await store.close()


# ---- copies ------------------------------------------------------------------------------------------------


async def test_a_backup_made_while_the_store_is_written_to_is_a_store(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / FILE)
    await record(store, make_intent(store, 100))
    more = [asyncio.ensure_future(record(store, make_intent(store, number))) for number in range(200, 400)]
    await store.backup(tmp_path / "copy.db")
    await asyncio.gather(*more)
    copy = await open_sqlite(tmp_path / "copy.db")
    assert copy.store_id == store.store_id
    assert await copy.find_intent(100) is not None
    await copy.close()
    await store.close()


async def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / FILE)
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(ConfigurationError, match=r"copy\.db exists already"):
        await store.backup(tmp_path / "copy.db")
    with pytest.raises(ConfigurationError, match="No such file or directory"):
        await store.backup(tmp_path / "nowhere" / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"
    await store.close()


# ---- faults ------------------------------------------------------------------------------------------------


def _start_recorder(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.unit.store.recorder", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


async def test_every_id_that_was_promised_survives_a_kill(tmp_path: Path) -> None:
    promised: list[int] = []
    for round_number in range(3):
        child = _start_recorder(str(tmp_path / FILE))
        assert child.stdout
        promised += [int(child.stdout.readline()) for _ in range(200 * (round_number + 1))]
        child.send_signal(signal.SIGKILL)
        promised += [int(line) for line in child.stdout if re.fullmatch(r"\d{8}\n", line)]
        child.wait()
    store = await open_sqlite(tmp_path / FILE)
    kept = {stored.intent.id for stored in await store.list_pending(limit=100_000)}
    assert len(promised) == len(set(promised)) >= 1200
    assert kept.issuperset(promised)
    await store.close()


async def test_a_full_disk_refuses_and_works_again_when_there_is_room(tmp_path: Path) -> None:
    child = _start_recorder(str(tmp_path / FILE), "full")
    output, _ = await asyncio.to_thread(child.communicate)
    assert child.returncode == 0
    lines = [line.split() for line in output.splitlines()]
    kept = [int(number) for word, number in lines if word == "kept"]
    refused = [int(number) for word, number in lines if word == "refused"]
    assert len(refused) == 1
    store = await open_sqlite(tmp_path / FILE)
    assert [stored.intent.id for stored in await store.list_pending(limit=10_000)] == kept
    assert (await store.count_pending())[OutcomeKind.OPEN] == len(kept) > 1
    await store.close()
