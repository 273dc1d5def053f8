"""A server that can keep nothing: each page says so on top, and events are explored all the same."""

from types import SimpleNamespace

import pytest

from core.events.samples import sample_path
from core.settings import settings
from core.store.request import RunRequest
from tests.views.driving import opened_at, press, stored, texts
from views.parts.data.roles import guessed_dataset
from views.parts.frame import disk


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be free, and nothing be written to the folder of links."""
    monkeypatch.setattr("core.store.disk.shutil.disk_usage", lambda _: SimpleNamespace(free=0))

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.jobs.datasets._write", refuse)


@pytest.mark.usefixtures("full_disk")
def test_a_sample_is_explored_on_a_full_disk() -> None:
    app = opened_at("views/data.py", None)
    assert f"The disk of {settings().data} is full: nothing is free there".replace("_", "\\_") in texts(app.error)
    app = press(app, "Use this sample")
    assert not app.exception
    assert len(app.error) == 1
    assert "data" not in app.query_params
    app.switch_page("views/information.py").run()
    assert "share" in texts(app.markdown)


@pytest.mark.parametrize("trouble", ["", "database or disk is full"])
def test_a_run_whose_epochs_are_refused_says_that_it_waits(trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.store.store.RunStore.trouble", trouble)
    spec = guessed_dataset(str(sample_path("resonance")))
    run = stored().add(RunRequest(dataset=spec), {"epochs": 3})
    stored().claim(run.id)
    app = opened_at("views/unlearn.py", spec, run=run.id)
    shown = " ".join(each.proto.text for each in app.get("progress"))
    assert f"run {run.id} · epoch 0 of 3" in shown
    waits = "waits: its epochs cannot be recorded (database or disk is full); it goes on by itself when they can"
    assert (waits in shown) == bool(trouble)


def test_a_run_whose_worker_was_lost_says_that_it_waits_and_not_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "why_runs_wait", lambda: "the scheduler at tcp://private:8786 has no workers")
    run = stored().add(RunRequest(dataset=guessed_dataset(str(sample_path("resonance")))), {"epochs": 3})
    stored().claim(run.id)
    assert disk.why_not_recorded(stored().get(run.id)) == ""
    monkeypatch.setenv("INFOSCOPE_DASK_ADDRESS", "tcp://private:8786")
    assert disk.why_not_recorded(run) == ""
    said = disk.why_not_recorded(stored().get(run.id))
    assert said.startswith("waits: the scheduler has no workers; it goes on from its last state")
