"""The operator's commands, given while a gateway runs on the same store."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import encode_basic_auth

from gateway.bootstrap import open_store
from gateway.ports import Store
from tests.system import API_KEY, System, running_system

PATIENCE_SECONDS = 30


async def smsgw(system: System, *arguments: str, columns: int = 200) -> tuple[int, str]:
    """The exit code and everything that was printed, to a terminal so wide."""
    config = str(system.config.data_dir.parent / "smsgw.toml")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        *arguments,
        "--config",
        config,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"COLUMNS": str(columns)},
    )
    printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()


async def send(system: System, to: str = "46701234567", expected: str = "") -> int:
    query = f"acc=ip1-12345&pass={API_KEY}&from=iP1&to={to}&msg=Hemligt"
    async with system.session.get(f"{system.url}/sendsms.aspx?{query}") as answer:
        text = await answer.text()
    assert text == expected or int(text) > 1000
    return int(text)


async def test_messages_shows_a_whole_history_without_text_or_number(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system:
        message_id = await send(system, "46700000514")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "514" not in (printed := (await smsgw(system, "messages", str(message_id)))[1]):
                await asyncio.sleep(0.1)
        assert "52 Delivery to phone failed" in printed
        for name in ("Queued", "Funded", "Sending", "DeliveryToHandsetFailed", "accepted", "…514", "ip1-12345"):
            assert name in printed
        assert "Hemligt" not in printed
        assert "46700000514" not in printed
        code, printed = await smsgw(system, "messages", "17")
        assert code == 1
        assert "there is no message 17" in printed


async def test_messages_says_where_v2_was_not_asked(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system:
        bundle_id = await send(system, "abc,46701234567")
        found = {(await smsgw(system, "messages", str(bundle_id + place)))[1] for place in (1, 2)}
        (refused,) = (printed for printed in found if "…abc" in printed)
        assert "45 Invalid phone number" in refused
        assert "v2 was not asked to send it" in refused
        (other,) = found - {refused}
        assert "v2 was not asked" not in other


@asynccontextmanager
async def unknown_send(tmp_path: Path) -> AsyncIterator[tuple[System, int]]:
    """A send whose outcome stays unknown, since v2 cannot even be asked."""
    more = "[delivery]\npatience_seconds = 0.1\n"
    async with running_system(tmp_path, more=more) as system:
        await send(system)  # the credentials are known from here on
        await system.arm(
            {"kind": "reset", "method": "POST", "path": "/v2/batches"},
            {"kind": "status", "status": 503, "method": "GET", "path": "/v2/batches"},
        )
        yield system, await send(system)


async def test_the_ledger_lists_what_is_unknown_and_settles_it_by_hand(tmp_path: Path) -> None:
    async with unknown_send(tmp_path) as (system, message_id):
        code, printed = await smsgw(system, "ledger", "list")
        assert code == 0
        assert f"{message_id}" in printed
        (reference,) = re.findall(r"sgw-\w+-\d+", printed)
        assert reference in (await smsgw(system, "ledger", "list", columns=80))[1]
        batch = "5bc86b6e85c7209830f96936"
        code, printed = await smsgw(system, "ledger", "accept", str(message_id), "--batch", batch)
        assert (code, printed) == (0, f"Send {message_id} is settled: accepted.\n")
        code, printed = await smsgw(system, "ledger", "fail", str(message_id), "--yes")
        assert code == 1
        assert "settled already: accepted" in printed
        assert (await smsgw(system, "ledger", "list"))[1] == "Every send is settled.\n"
        code, printed = await smsgw(system, "ledger", "fail", "17", "--yes")
        assert code == 1
        assert "there is no send 17" in printed


async def test_dead_letters_are_listed_and_replayed(tmp_path: Path) -> None:
    more = '[defaults]\nreport_forward_url = "https://127.0.0.1/"\n'  # a private address, so it is never called
    async with running_system(tmp_path, more=more) as system:
        message_id = await send(system)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "DeliveredToHandset" not in (await smsgw(system, "messages", str(message_id)))[1]:
                await asyncio.sleep(0.1)
    async with open_store(system.config) as store:  # the gateway has stopped, and tries none of them now
        assert await give_up_letters(store)
    code, printed = await smsgw(system, "callbacks", "list")
    assert code == 0
    assert f"report {message_id}" in printed
    assert "smsgw callbacks replay" in printed
    code, printed = await smsgw(system, "callbacks", "replay", "--all")
    assert code == 0
    assert "will be sent again" in printed
    assert (await smsgw(system, "callbacks", "list"))[1] == "There are no dead letters.\n"
    assert (await smsgw(system, "callbacks", "replay"))[0] == 2


async def give_up_letters(store: Store) -> bool:
    """Make every letter dead, as three days would; whether there was one."""
    later = datetime.now(UTC) + timedelta(days=1)
    letters = await store.claim_forwards(now=later, due_at=later, limit=100)
    for letter in letters:
        await store.record_forward(letter.id, problem="answered 500", due_at=None)
    return bool(letters)


async def test_incoming_sms_come_in_once_v2_was_told_where(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system:
        code, printed = await smsgw(system, "accounts", "receive", "ip1-12345")
        assert code == 0, printed
        sms = {"sender": "46701234567", "recipient": "46737494700", "body": "JA TACK"}
        async with system.session.post(f"{system.sandbox_url}/sandbox/incoming", json=sms) as answer:
            assert answer.status < 300, await answer.text()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (received := await get_received(system)):
                await asyncio.sleep(0.05)
        assert [(message["From"], message["Message"]) for message in received] == [("46701234567", "JA TACK")]
        code, printed = await smsgw(system, "accounts", "receive", "ip1-17")
        assert code == 1
        assert "there is no account ip1-17" in printed


@pytest.mark.parametrize(
    ("status", "advice"), [(401, "smsgw accounts set-token ip1-12345"), (500, "look at upstream.base_url")]
)
async def test_where_v2_cannot_be_told_the_operator_is_told_what_to_do(
    status: int, advice: str, tmp_path: Path
) -> None:
    async with running_system(tmp_path) as system:
        await system.arm({"kind": "status", "status": status})
        code, printed = await smsgw(system, "accounts", "receive", "ip1-12345")
        assert code == 1
        assert advice in printed


async def get_received(system: System) -> list[dict[str, str]]:
    login = {"Authorization": encode_basic_auth("ip1-12345", API_KEY)}
    async with system.session.get(f"{system.url}/api/sms/received", headers=login) as answer:
        assert answer.status == 200
        received: list[dict[str, str]] = await answer.json()
        return received


async def test_a_backup_made_while_running_is_a_store(tmp_path: Path) -> None:
    async with running_system(tmp_path) as system:
        message_id = await send(system)
        copy = tmp_path / "copy" / "smsgw.db"
        copy.parent.mkdir()
        code, printed = await smsgw(system, "backup", str(copy))
        assert code == 0, printed
        assert "secret.key" in printed
        moved = system.config.model_copy(update={"data_dir": copy.parent})
        async with open_store(moved) as store:
            assert await store.find_message(message_id, account_id="ip1-12345") is not None
        code, printed = await smsgw(system, "backup", str(copy))
        assert code == 2
        assert "exists already" in printed


@pytest.mark.parametrize("command", [("migrate",), ("erase", "--yes")])
async def test_keeping_the_store_in_order_leaves_new_messages_alone(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    async with running_system(tmp_path) as system:
        message_id = await send(system)
        code, printed = await smsgw(system, *command)
        assert code == 0, printed
        assert "…567" in (await smsgw(system, "messages", str(message_id)))[1]
