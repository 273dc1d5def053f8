"""A data folder that takes nothing: what is said of it, and that no run begins which could not be kept."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from core.jobs.runner import ThreadRunner
from core.store.database import RECENT, Database, StoreError
from core.store.disk import why_unwritable
from core.store.request import RunRequest
from core.store.store import RunStore


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let all disks have so many bytes free."""
    return lambda free: monkeypatch.setattr("core.store.disk.shutil.disk_usage", lambda _: SimpleNamespace(free=free))


def test_a_folder_that_is_there_or_can_be_made_takes_all(tmp_path: Path) -> None:
    assert why_unwritable(tmp_path) == why_unwritable(tmp_path / "to" / "be made") == ""


def test_a_full_disk_a_read_only_folder_and_a_file_are_said(
    tmp_path: Path, fill: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    fill(120_000)
    assert why_unwritable(data) == f"the disk of {data} is full: 0.120 MB are free there; make room on it"
    fill(0)
    assert "nothing is free there" in why_unwritable(data)
    data.touch()
    assert why_unwritable(data).startswith(f"{data} is a file: ")
    monkeypatch.setattr("core.store.disk.os.access", lambda *_: False)
    assert why_unwritable(tmp_path / "x").startswith(f"nothing can be written to {tmp_path / 'x'}: {tmp_path} is read-")


def test_no_run_begins_on_a_full_disk_and_it_begins_when_there_is_room(
    store: RunStore,
    request_for: Callable[..., RunRequest],
    tmp_path: Path,
    fill: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.jobs.runner.work_through", lambda store, run, *_, **__: store.finish(run.id, "done"))
    runner = ThreadRunner(store, tmp_path / "runs", workers=0)
    run = runner.submit(request_for())
    fill(0)
    assert not runner.work_on_next()
    assert runner.problem.startswith("the disk of ")
    assert store.get(run.id).status == "queued"
    fill(10**9)
    assert runner.work_on_next()
    assert (runner.problem, store.get(run.id).status) == ("", "done")


def test_what_a_database_refused_is_the_matter_until_it_was_long_ago(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_connection: Connection) -> None:
        raise OperationalError("insert", {}, sqlite3.OperationalError("database or disk is full"))

    now = [0.0]
    monkeypatch.setattr("core.store.database.time.monotonic", lambda: now[0])
    with closing(Database(f"sqlite:///{tmp_path}/runs.sqlite")) as database:
        assert database.trouble == ""
        with pytest.raises(StoreError):
            database.use(full)
        assert database.trouble == "database or disk is full"
        now[0] = RECENT + 1
        assert database.trouble == ""


def test_a_run_that_was_given_up_says_why_it_waits(store: RunStore, request_for: Callable[..., RunRequest]) -> None:
    run = store.add(request_for(), {"epochs": 3})
    for k in range(4):
        assert store.claim(run.id)
        store.give_back(run.id, "the run store refused: database or disk is full")
        given_up = store.get(run.id)
        assert given_up.waiting == (k < 3)
    assert given_up.error.startswith(
        "it was given up 4 times after epoch 0: the run store refused: database or disk is"
    )


def test_a_store_that_cannot_be_opened_says_it_without_a_number(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"cannot be opened: file exists$|cannot be opened: not a directory$"):
        RunStore(f"sqlite:///{tmp_path}/file/runs.sqlite")
