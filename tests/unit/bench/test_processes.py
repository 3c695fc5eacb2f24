"""Processes that are started, stand still, and are measured."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.processes import Group
from tests.system import choose_port

BUSY = """
import socket, sys
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True: pass
"""
LIMIT_SECONDS = 30.0


@pytest.fixture
def group(tmp_path: Path) -> Iterator[Group]:
    """One process that is always busy."""
    started = Group(tmp_path / "log")
    port = choose_port()
    started.start([sys.executable, "-c", BUSY, str(port)], port=port)
    yield started
    started.stop()


def state(group: Group) -> str:
    return Path(f"/proc/{group.first_pid}/stat").read_text().rpartition(")")[2].split()[0]


def until_state(group: Group, *wanted: str) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while state(group) not in wanted:
        assert time.monotonic() < deadline, state(group)
        time.sleep(0.01)


def test_who_is_halted_uses_no_processor_until_awake(group: Group) -> None:
    group.halt()
    until_state(group, "T")
    used = group.usage().cpu_seconds
    time.sleep(0.1)
    assert group.usage().cpu_seconds == used
    with group.awake():
        until_state(group, "R", "S")
    until_state(group, "T")


def test_who_is_halted_can_be_stopped(tmp_path: Path) -> None:
    group = Group(tmp_path / "log")
    port = choose_port()
    group.start([sys.executable, "-c", BUSY, str(port)], port=port)
    group.halt()
    group.stop()
    assert not Path(f"/proc/{group.first_pid}").exists()


def test_the_peak_is_no_less_than_what_is_held_now(group: Group) -> None:
    held = group.usage().rss_bytes
    assert group.peak_rss_bytes() >= held > 0


def test_a_process_that_joined_is_counted(group: Group, tmp_path: Path) -> None:
    other = Group(tmp_path / "other")
    other.join(group.first_pid)
    assert other.usage().rss_bytes > 0
    other.stop()
    assert state(group) in "RS"


def test_one_that_ended_counts_for_nothing(tmp_path: Path) -> None:
    group = Group(tmp_path / "log")
    with pytest.raises(RuntimeError, match="ended at once"):
        group.start([sys.executable, "-c", ""], port=choose_port())
    assert group.usage().rss_bytes == 0
    group.stop()
