"""A disk that can be filled: a small tmpfs where this process may mount one, else a limit on the size of files."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tests.faults.processes import Process

SIZE = "16m"


class Disk(Protocol):
    """Where a gateway's data is."""

    kind: str

    def fill(self, process: Process) -> None:
        """Leave no room."""

    def free(self, process: Process | None) -> None:
        """Make room again."""


class SmallDisk:
    """A file system of its own, filled by a file."""

    kind = "tmpfs"

    def __init__(self, directory: Path) -> None:
        self._ballast = directory / "ballast"

    def fill(self, process: Process) -> None:
        """Write until nothing goes in any more."""
        with self._ballast.open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(4096))
            except OSError:
                return

    def free(self, process: Process | None) -> None:
        """Remove what was written."""
        self._ballast.unlink()


class LimitedFiles:
    """Any file system: no file of the process may grow."""

    kind = "RLIMIT_FSIZE"

    def fill(self, process: Process) -> None:
        """Nothing may be written beyond the first page of any file."""
        process.limit_files(4096)

    def free(self, process: Process | None) -> None:
        """Lift the limit."""
        if process:
            process.limit_files(None)


@contextmanager
def small_disk(directory: Path) -> Iterator[Disk]:
    """A disk at `directory`, which is made."""
    directory.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(directory)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        yield LimitedFiles()
        return
    try:
        yield SmallDisk(directory)
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)
