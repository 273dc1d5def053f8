"""A PostgreSQL server of the system's packages, in a folder of its own, for the tests that need a real one."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.sql import SQL, Identifier

OPTIONS = (
    "-c listen_addresses= -c fsync=off -c full_page_writes=off -c shared_buffers=16MB "
    "-c max_connections=60 -c autovacuum=off"
)
UNPRIVILEGED = ("postgres", "nobody")


def missing() -> str:
    """Return why there is no server to start; empty when there is one."""
    if _programs() is None:
        return "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        return "PostgreSQL does not run as root, and there is no runuser to become somebody else"
    return ""


def _programs() -> Path | None:
    """Return the folder of initdb and pg_ctl."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@dataclass
class Server:
    """A server on a socket in its folder; only this user and the server's may enter."""

    folder: Path

    @classmethod
    def make(cls) -> "Server":
        """Make the files of a new server."""
        server = cls(Path(tempfile.mkdtemp(prefix="infoscope-pg-")))
        if os.geteuid() == 0:
            shutil.chown(server.folder, UNPRIVILEGED[0] if _exists(UNPRIVILEGED[0]) else UNPRIVILEGED[1])
        data = str(server.folder / "data")
        server._run("initdb", "-D", data, "-U", "infoscope", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        return server

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._run("pg_ctl", "-D", self._data, "-l", str(self.folder / "log"), "-w", "-o", self._options, "start")

    def stop(self) -> None:
        """End it at once, as if its machine had lost power."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def remove(self) -> None:
        """End it, if it runs, and remove its files."""
        if self.is_running:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def is_running(self) -> bool:
        """Return whether it was started and not stopped."""
        return (self.folder / "data" / "postmaster.pid").exists()

    def empty(self, schema: str) -> str:
        """Make a schema without tables and return its address."""
        with psycopg.connect(f"host={self.folder} user=infoscope dbname=postgres", autocommit=True) as connection:
            connection.execute(SQL("create schema {}").format(Identifier(schema)))
        options = quote(f"-csearch_path={schema}")
        return f"postgresql://infoscope@/postgres?host={quote(str(self.folder))}&options={options}"

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    @property
    def _options(self) -> str:
        return f"{OPTIONS} -c unix_socket_directories={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str((_programs() or Path()) / program), *arguments]
        if os.geteuid() == 0:
            user = self.folder.owner()
            command = ["runuser", "-u", user, "--", *command]
        # The server keeps what it inherits: a pipe would never end.
        with (self.folder / f"{program}.txt").open("w") as said:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=self.folder, check=False, timeout=60
            )
        if done.returncode:
            raise RuntimeError(f"{program}: {(self.folder / f'{program}.txt').read_text()}")


def _exists(user: str) -> bool:
    return subprocess.run(["id", user], capture_output=True, check=False).returncode == 0
