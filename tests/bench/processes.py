"""The contenders' processes: started, waited for, and what they use of the machine (from /proc)."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60.0  # under valgrind, on a busy machine
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_UTIME, _STIME, _RSS = 11, 12, 21  # fields of /proc/PID/stat after the name, proc(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What processes have used so far: CPU time, and the memory they hold."""

    cpu_seconds: float
    rss_bytes: int


def busy_seconds() -> float:
    """CPU time that the whole machine has used so far, whoever used it (proc(5), /proc/stat)."""
    user, nice, system, _idle, _iowait, irq, softirq = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS_PER_SECOND


class Group:
    """The processes that make one contender, children included."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("wb")
        self._started: list[subprocess.Popen[bytes]] = []
        self._joined: list[int] = []

    def start(self, command: Sequence[str], *, port: int, environment: Mapping[str, str] | None = None) -> float:
        """Start a process, wait until its port takes connections; the seconds that took."""
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
        self._started.append(process)
        _wait_for_port(port, process)
        return time.perf_counter() - began

    def join(self, pid: int) -> None:
        """Count a process that somebody else started, and ends, as one of them."""
        self._joined.append(pid)

    @property
    def first_pid(self) -> int:
        """The process that was started first."""
        return self._started[0].pid

    def usage(self) -> Usage:
        """What all of them have used."""
        stats = [stat for pid in self._pids() if (stat := _read_stat(pid))]
        return Usage(
            cpu_seconds=sum(int(stat[_UTIME]) + int(stat[_STIME]) for stat in stats) / TICKS_PER_SECOND,
            rss_bytes=sum(int(stat[_RSS]) for stat in stats) * PAGE_BYTES,
        )

    def peak_rss_bytes(self) -> int:
        """The most memory that each has held, all together."""
        return sum(_read_peak_kib(pid) for pid in self._pids()) * 1024

    @contextmanager
    def awake(self) -> Iterator[None]:
        """They run meanwhile, and stand still afterwards: who is not measured takes nothing from who is."""
        self._signal(signal.SIGCONT)
        try:
            yield
        finally:
            self.halt()

    def halt(self) -> None:
        """Have them stand still until they are awake again."""
        self._signal(signal.SIGSTOP)

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._pids():
            with suppress(ProcessLookupError):  # ended meanwhile
                os.kill(pid, number)

    def _pids(self) -> list[int]:
        roots = [*self._joined, *(process.pid for process in self._started)]
        return [pid for root in roots for pid in _family(root)]

    def stop(self) -> None:
        """End them, the last one started first."""
        self._signal(signal.SIGCONT)
        for process in reversed(self._started):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._log.close()


def _family(pid: int) -> list[int]:
    children = _read_proc(pid, f"task/{pid}/children").split()
    return [pid, *(member for child in children for member in _family(int(child)))]


def _read_stat(pid: int) -> list[str]:
    return _read_proc(pid, "stat").rpartition(")")[2].split()


def _read_proc(pid: int, name: str) -> str:
    """Empty where the process has ended: PostgreSQL's own helpers come and go."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _read_peak_kib(pid: int) -> int:
    lines = _read_proc(pid, "status").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"ended at once: {process.args!r}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError(f"takes no connections: {process.args!r}")
