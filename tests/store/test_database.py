"""The database: its tables through all versions, and errors in words."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text, update

from core.errors import DataError
from core.store import database as module
from core.store.database import VERSION, Database, upgrade
from core.store.migrations import HEAD, REVISIONS
from core.store.request import RunRequest
from core.store.store import RunStore
from core.store.tables import Base

OLD = """
CREATE TABLE runs (
    id VARCHAR NOT NULL, created FLOAT NOT NULL, status VARCHAR NOT NULL, request TEXT NOT NULL, config TEXT NOT NULL,
    n_epochs INTEGER NOT NULL, process INTEGER NOT NULL, epoch INTEGER NOT NULL, started FLOAT, finished FLOAT,
    deleted FLOAT, stopping BOOLEAN NOT NULL, error TEXT NOT NULL, remarks TEXT NOT NULL, headline TEXT NOT NULL,
    result TEXT, PRIMARY KEY (id)
);
CREATE INDEX ix_runs_created ON runs (created);
CREATE INDEX ix_runs_status ON runs (status);
CREATE TABLE snapshots (
    run VARCHAR NOT NULL, epoch INTEGER NOT NULL, time FLOAT NOT NULL, scalars TEXT NOT NULL, view TEXT,
    PRIMARY KEY (run, epoch), FOREIGN KEY(run) REFERENCES runs (id)
);
"""
"""What the program made before its tables had numbers."""
NOBODY = 2**22 + 1
"""No process has this number."""

Requests = Callable[..., RunRequest]


def differences(connection: Connection) -> list[object]:
    """Return how the tables differ from those that the program describes."""
    wanted = {"include_name": lambda name, kind, _parents: (kind, name) != ("table", VERSION.name)}
    return list(compare_metadata(MigrationContext.configure(connection, opts=wanted), Base.metadata))


def old_store(path: Path, request: RunRequest) -> None:
    """Write a store of the old program: a run that is done, one that was running and one that was queued."""
    with sqlite3.connect(path) as connection:
        connection.executescript(OLD)
        for run, status, headline in [("a", "done", '{"auc": 0.9}'), ("b", "running", "{}"), ("c", "queued", "{}")]:
            values = (run, status, request.model_dump_json(), NOBODY, headline)
            connection.execute(
                "insert into runs values (?, 1, ?, ?, '{}', 3, ?, 1, 2, null, null, 0, '', '[]', ?, null)", values
            )
            connection.execute("insert into snapshots values (?, 1, 3.5, '{\"loss\": 0.5}', null)", (run,))
    connection.close()


def test_runs_of_an_unnumbered_database_are_kept(tmp_path: Path, request_for: Requests) -> None:
    old_store(tmp_path / "runs.sqlite", request_for())
    store = RunStore(f"sqlite:///{tmp_path}/runs.sqlite")
    runs = {run.id: run for run in store.runs()}
    assert {name: run.status for name, run in runs.items()} == {"a": "done", "b": "running", "c": "queued"}
    assert (runs["a"].headline, runs["a"].owner, runs["a"].request) == ({"auc": 0.9}, "", request_for())
    assert [(entry.seconds, entry.scalars) for entry in store.history("a")] == [(1.5, {"loss": 0.5})]
    assert {run.id for run in store.adopt_orphans()} == {"b", "c"}
    assert (store.get("b").status, store.get("c").status) == ("interrupted", "queued")
    assert store._database.use(differences) == []
    store.close()


def test_migrated_tables_are_the_described_ones(database: str) -> None:
    """From nothing through all migrations, and made at once."""
    made = Database(database)
    assert made.use(differences) == []

    def migrate(connection: Connection) -> None:
        Base.metadata.drop_all(connection)
        VERSION.drop(connection)
        upgrade(connection, None)

    made.use(migrate)
    assert made.use(differences) == []
    assert made.use(lambda connection: connection.scalar(VERSION.select())) == HEAD
    made.close()


def test_all_migrations_are_listed() -> None:
    scripts = ScriptDirectory(str(Path(module.__file__).parent / "migrations"))
    assert [script.revision for script in scripts.walk_revisions()] == list(reversed(REVISIONS))


def test_a_database_of_a_newer_program_is_refused(database: str) -> None:
    made = Database(database)
    made.use(lambda connection: connection.execute(update(VERSION).values(version_num="0999")))
    with pytest.raises(DataError, match=f"made by a newer program .tables 0999; this program knows {HEAD}.: update"):
        Database(database)
    made.close()


@pytest.mark.parametrize("start", ["nothing", "unnumbered tables"])
def test_servers_that_start_at_once_make_the_tables_once(database: str, start: str) -> None:
    if start == "unnumbered tables":
        old = Database(database)
        old.use(lambda connection: (Base.metadata.drop_all(connection), VERSION.drop(connection)))
        old.use(lambda connection: (upgrade(connection, None, REVISIONS[0]), VERSION.drop(connection)))
        old.close()
    gate, problems = threading.Barrier(6), []

    def open_it() -> None:
        gate.wait()
        try:
            Database(database).close()
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    last = Database(database)
    assert last.use(differences) == []
    assert last.use(lambda connection: connection.execute(VERSION.select()).all()) == [(HEAD,)]
    last.close()


def test_a_defect_is_not_asked_again(database: str) -> None:
    made = Database(database)
    asked: list[Connection] = []

    def wrong(connection: Connection) -> None:
        asked.append(connection)
        connection.execute(text("select nonsense"))

    with pytest.raises(Exception, match="nonsense"):
        made.use(wrong)
    assert len(asked) == 1
    made.close()


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite").write_text("no database at all, but long enough to be looked at " * 100)
    with pytest.raises(DataError, match=r"runs\.sqlite cannot be opened: .*file is not a database"):
        Database(f"sqlite:///{tmp_path}/runs.sqlite")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be opened"):
        Database(f"sqlite:///{tmp_path}/file/runs.sqlite")


def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    with pytest.raises(DataError, match=r"ann:\*\*\*@127.0.0.1:1/runs cannot be opened: .*refused") as said:
        Database("postgresql://ann:hush@127.0.0.1:1/runs", patience=0.1)
    texts, problem = [], said.value
    while problem is not None:
        texts.append(f"{problem!r} {problem}")
        problem = problem.__cause__ or problem.__context__
    assert "hush" not in " ".join(texts)
