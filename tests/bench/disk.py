"""How long the disk takes to keep something, without any gateway: every send waits for that twice."""

import os
import tempfile
import time

import msgspec

SYNCS = 500
PAGE = b"\0" * 4096


class Syncs(msgspec.Struct, frozen=True, kw_only=True):
    """Microseconds for four KiB to be on disk, one after the other."""

    p50: float
    p99: float


def time_syncs() -> Syncs:
    """In the folder for temporary files, where the stores of the contenders are."""
    with tempfile.NamedTemporaryFile(prefix="smsgw-bench-", buffering=0) as file:
        micros = sorted(_time_sync(file.fileno()) for _ in range(SYNCS))
    return Syncs(p50=micros[SYNCS // 2], p99=micros[SYNCS * 99 // 100])


def _time_sync(descriptor: int) -> float:
    os.write(descriptor, PAGE)
    began = time.perf_counter()
    os.fdatasync(descriptor)
    return (time.perf_counter() - began) * 1e6
