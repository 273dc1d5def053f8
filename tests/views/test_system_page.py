"""The System page: what it tells, and to whom."""

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.events.spec import DatasetSpec
from core.logs import TAIL
from core.store.request import RunRequest
from core.store.store import RunStore, StoreError
from tests.views.driving import APP, opened_at, stored, texts
from views.parts import system
from views.parts.frame.owners import keep_name
from views.parts.frame.users import User, key_of
from views.parts.runs.choosing import waits_for

PAGE = "views/system.py"


def waiting(owner: str = "") -> None:
    """Put a run into the queue that no worker of this process takes."""
    request = RunRequest(method="disco", dataset=DatasetSpec(path="secret name.parquet"))
    stored().add(request, {"epochs": 10, "lam": 20.0}, owner=owner)


def test_it_tells_of_queue_store_memory_devices_and_versions() -> None:
    waiting()
    app = opened_at(PAGE, None)
    logging.getLogger("views").error("a line with token=abc123")
    app.run()
    assert not app.exception
    assert not app.error
    figures = {each.label: (each.value, each.delta) for each in app.metric}
    assert figures["Running"] == ("0", "1 queued")
    assert {"Memory", "Events in memory", "Free disk", "Uptime"} <= set(figures)
    queue, devices, versions = (each.value for each in app.dataframe)
    assert queue["run"].tolist() == ["DisCo, λ = 20"]
    assert "owner" not in queue
    assert devices["device"][0] == "cpu"
    assert {"infoscope", "python", "torch"} <= set(versions["name"])
    assert "1 run, 0 recorded epochs" in texts(app.markdown)
    shown = texts(app.code)
    assert "runs.sqlite" in shown
    assert "a line with token=***" in shown


def test_it_tells_its_workers_and_which_program_trains_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    request = RunRequest(method="disco", dataset=DatasetSpec(path="events.parquet"))
    store = stored()
    own, others = (store.add(request.model_copy(update={"seed": k}), {"epochs": 10}).id for k in range(2))
    here = store.process
    store.claim(own)
    store.process = replace(here, host="elsewhere/boot", number=7)
    store.claim(others)
    store.process = here
    app = opened_at(PAGE, None)
    assert f"This server has {system.WORKERS} workers, 1 busy." in texts(app.caption)
    assert app.dataframe[0].value["trained by"].tolist() == ["this server", "elsewhere, process 7"]
    monkeypatch.setattr(system, "user", lambda: User("me"))
    assert opened_at(PAGE, None).dataframe[0].value["trained by"].tolist() == ["this server", "another program"]


def test_others_see_neither_log_nor_address_nor_the_data_of_other_users(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting("another")
    monkeypatch.setattr(system, "user", lambda: User("me"))
    app = opened_at(PAGE, None)
    assert not app.exception
    assert not app.code
    queue = app.dataframe[0].value
    assert queue["owner"].tolist() == ["another user"]
    assert queue["data"].tolist() == ["–"]
    assert "log is for whoever runs the server" in texts(app.caption)


def test_a_run_of_another_who_signed_in_bears_their_name(monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_of("https://id.example.org ann")
    keep_name(key, "Ann\n Smith")
    waiting(key)
    waiting("../../runs.sqlite")
    monkeypatch.setattr(system, "user", lambda: User("me"))
    queue = opened_at(PAGE, None).dataframe[0].value
    assert queue["owner"].tolist() == ["Ann Smith", "another user"]
    assert queue["data"].tolist() == ["–", "–"]


def test_a_port_that_is_none_is_logged_and_the_pages_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFOSCOPE_METRICS_PORT", "none")
    TAIL.lines.clear()
    app = opened_at(PAGE, None)
    assert not app.exception
    assert any("INFOSCOPE_METRICS_PORT is 'none'" in line for line in TAIL.lines)


def gone() -> RunStore:
    raise StoreError("the run store cannot be opened: disk is full")


def test_where_the_store_is_gone_the_page_says_so_once_logs_it_and_shows_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(system, "store", gone)
    TAIL.lines.clear()
    app = opened_at(PAGE, None)
    assert not app.exception
    assert [each.value for each in app.error] == ["The run store cannot be opened: disk is full."]
    figures = {each.label: (each.value, each.delta) for each in app.metric}
    assert figures["Running"] == ("–", "– queued")
    assert "Free disk" in figures
    assert "cpu" in app.dataframe[0].value["device"].tolist()
    assert any("cannot be opened: disk is full" in line for line in TAIL.lines)


def test_what_the_sidebar_lacks_is_said_in_the_sidebar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("views.parts.frame.sidebar.runner", gone)
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert not app.exception
    assert [each.value for each in app.sidebar.error] == ["The run store cannot be opened: disk is full."]
    assert not app.main.error


def test_a_cluster_that_takes_no_run_is_told_with_its_address_only_to_whoever_runs_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(system, "why_runs_wait", lambda: "the scheduler at tcp://private:8786 has no workers")
    (told,) = opened_at(PAGE, None).warning
    assert "the scheduler at tcp://private:8786 has no workers" in told.value.lower()
    monkeypatch.setattr(system, "user", lambda: User("me"))
    (told,) = opened_at(PAGE, None).warning
    assert told.value == "No run can begin here. The server's log says why: tell whoever runs it."
    monkeypatch.setenv("INFOSCOPE_DASK_ADDRESS", "tcp://127.0.0.1:1")
    (told,) = opened_at(PAGE, None).warning
    assert told.value == "No run can begin on the cluster. The scheduler has no workers."


def only_live_runs() -> None:
    from views.parts.frame.sidebar import _live_runs

    _live_runs()


def only_the_monitor() -> None:
    from views.parts.training.monitor import _monitor

    _monitor("261122-2015-4295", True)


@pytest.mark.parametrize("part", [only_live_runs, only_the_monitor])
def test_what_draws_itself_again_without_its_page_says_that_the_store_is_gone(
    part: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("views.parts.runs.choosing.store", gone)
    monkeypatch.setattr("views.parts.training.monitor.store", gone)
    app = AppTest.from_function(part, default_timeout=60).run()
    assert not app.exception
    assert [each.value for each in app.error] == ["The run store cannot be opened: disk is full."]


def only_the_opened_run() -> None:
    from views.parts.frame.state import told
    from views.parts.runs.choosing import opened_run

    with told():
        opened_run()


@pytest.mark.parametrize("part", [APP, only_the_opened_run])
def test_a_link_to_a_run_outlives_a_store_that_is_gone(
    part: str | Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("views.parts.runs.choosing.store", gone)
    monkeypatch.setattr("views.parts.frame.state.store", gone)
    app = (
        AppTest.from_file(part, default_timeout=60)
        if isinstance(part, str)
        else AppTest.from_function(part, default_timeout=60)
    )
    app.query_params["run"] = "261122-2015-4295"
    app.run()
    assert not app.exception
    assert {each.value for each in app.error} == {"The run store cannot be opened: disk is full."}
    assert not app.warning
    assert app.query_params["run"] in ("261122-2015-4295", ["261122-2015-4295"])


def test_a_run_that_nothing_is_before_is_the_next_unless_the_cluster_takes_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(3):
        waiting()
    runs = stored().runs()[::-1]
    assert [waits_for(run) for run in runs] == [
        f"waits for a free worker, {turn}" for turn in ("the next to begin", "1 run before it", "2 runs before it")
    ]
    monkeypatch.setattr("views.parts.runs.choosing.why_runs_wait", lambda: "no scheduler")
    assert waits_for(runs[0]) == "waits: the server takes no run, the page System says why"
    monkeypatch.setenv("INFOSCOPE_DASK_ADDRESS", "tcp://127.0.0.1:1")
    assert waits_for(runs[0]) == "waits: the cluster takes no run, the page System says why"
