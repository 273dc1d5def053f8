"""Training on many events: what it takes is said before the click, and fewer are one click away."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import DataError
from core.events.table import EventTable
from core.jobs.runner import check_request
from core.store.request import RunRequest
from core.store.run import Run
from tests.views.driving import opened_at, press, texts
from views.parts.data.roles import guessed_dataset
from views.parts.frame import state
from views.parts.runs import choosing
from views.parts.training import monitor


def many(monkeypatch: pytest.MonkeyPatch, memory: int) -> None:
    """Let tables say that they hold 5.8 million events, and the machine that so much memory is free."""
    monkeypatch.setattr(EventTable, "n_events", property(lambda _: 5_800_000))
    free = type("Free", (), {"available": memory})()
    monkeypatch.setattr("core.observability.system.memory", lambda: free)


def primary(app: object) -> set[str]:
    return {each.label for each in app.button if each.proto.type == "primary"}  # type: ignore[attr-defined]


def test_fewer_events_are_one_click_away_and_stand_out_where_memory_is_scarce(
    toy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = guessed_dataset(str(toy_file))
    many(monkeypatch, memory=8 * 2**30)
    app = opened_at("views/unlearn.py", spec)
    assert "2,900,000 of 5,800,000 events are learnt from" in texts(app.info)
    assert "of training on one processor core" in texts(app.info)
    assert "beside reading the events and judging 2,320,000 of them each time" in texts(app.info)
    assert "of memory, of which 8.0 GiB are free" in texts(app.info)
    assert "Train on 500,000 events" not in primary(app)
    many(monkeypatch, memory=2**30)
    app.run()
    assert "of memory, of which 1.0 GiB are free" in texts(app.warning)
    assert "Train on 500,000 events" in primary(app)
    asked = refusing(monkeypatch)
    press(app, "Train on 500,000 events")
    assert [request.config["train_events"] for request in asked] == [500_000]
    app.run()
    assert len(asked) == 1
    assert "500,000 of 5,800,000 events are learnt from" in texts(app.warning)
    (field,) = [each for each in app.number_input if each.label == "Training events"]
    assert field.value == 500_000
    assert "Train on 500,000 events" not in {each.label for each in app.button}
    press(app, "Take all events")
    assert "2,900,000 of 5,800,000 events are learnt from" in texts(app.warning)


def refusing(monkeypatch: pytest.MonkeyPatch) -> list[RunRequest]:
    """Let no training be queued, and return those that are asked for from now on."""
    asked: list[RunRequest] = []

    def refuse(_desk: object, request: RunRequest) -> None:
        asked.append(request)
        raise DataError("not now")

    monkeypatch.setattr("views.parts.frame.state.Desk.submit", refuse)
    return asked


def test_a_slider_on_many_events_is_told_and_offered_fewer_as_a_training_is(
    toy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(monkeypatch, memory=8 * 2**30)
    app = opened_at("views/tune.py", guessed_dataset(str(toy_file)))
    said = texts(app.info)
    assert "2,900,000 of 5,800,000 events are learnt from in each of 55 epochs: about 18 minutes of training on" in said
    assert "of memory, of which 8.0 GiB are free" in said
    app.selectbox(key="slide-method").set_value("disco").run()
    assert "events are learnt from in each of 40 epochs, for 2 λ in each step: about 27 minutes" in texts(app.info)
    asked = refusing(monkeypatch)
    press(app, "Train on 500,000 events")
    assert [(request.task, request.config["train_events"]) for request in asked] == [("slide", 500_000)]
    assert "500,000 of 5,800,000 events are learnt from" in texts(app.info)
    app.run()
    assert len(asked) == 1
    press(app, "Take all events")
    assert "2,900,000 of 5,800,000 events are learnt from" in texts(app.info)


def test_a_scan_on_many_events_is_told_and_trains_on_fewer_on_the_page_and_by_its_command(
    toy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = guessed_dataset(str(toy_file))
    assert "Training events" not in {each.label for each in opened_at("views/scan.py", spec).number_input}
    many(monkeypatch, memory=8 * 2**30)
    app = opened_at("views/scan.py", spec)
    said = "2,900,000 of 5,800,000 events are learnt from in each of 40 epochs, by each of 33 runs, 2 at a time: about"
    assert said in texts(app.info)
    assert "train_events" not in app.code[0].value
    started: list[list[RunRequest]] = []
    monkeypatch.setattr("views.parts.training.scan_form.start", lambda _spec, requests: started.append(requests))
    press(app, "Train on 500,000 events")
    assert [{request.config["train_events"] for request in requests} for requests in started] == [{500_000}]
    assert app.number_input(key="scan-train_events").value == 500_000
    assert "--option train_events=500000" in app.code[0].value
    press(app, "Take all events")
    assert said in texts(app.info) and len(started) == 1
    app.number_input(key="scan-train_events").set_value(10).run()
    assert "is 10; allowed: at least 1000" in texts(app.error)


def test_the_line_of_a_long_epoch_tells_its_batches() -> None:
    values = dict.fromkeys(Run.__dataclass_fields__) | {"epoch": 3, "n_epochs": 40, "batch": 0, "batches": 0}
    assert monitor._where(Run(**values)) == "epoch 3 of 40"  # type: ignore[arg-type]
    within = Run(**values | {"batch": 1234, "batches": 2600})  # type: ignore[arg-type]
    assert monitor._where(within) == "batch 1,234 of 2,600 in epoch 4 of 40"
    assert within.epochs_done == pytest.approx(3 + 1234 / 2600)


def test_a_baseline_on_other_events_is_no_reference(toy_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = RunRequest(method="disco", dataset=guessed_dataset(str(toy_file)), config={"train_events": 2000})
    values = dict.fromkeys(Run.__dataclass_fields__) | {"status": "done", "pinned": False, "headline": {}}

    def baseline(**config: object) -> Run:
        asked = request.model_copy(update={"method": "baseline", "config": config})
        return Run(**values | {"request": asked, "config": check_request(asked)})  # type: ignore[arg-type]

    runs = [baseline(), baseline(train_events=2000), baseline(train_events=3000)]
    monkeypatch.setattr(choosing, "visible_runs", lambda _statuses: runs)
    assert choosing.baseline_of(request) is runs[1]
    monkeypatch.setattr(choosing, "visible_runs", lambda _statuses: runs[::2])
    assert choosing.baseline_of(request) is None
    stopped = replace(runs[1], status="stopped", headline={})
    monkeypatch.setattr(choosing, "visible_runs", lambda _statuses: [stopped])
    assert choosing.baseline_of(request) is None
    judged = replace(stopped, headline={"auc": 0.9})
    monkeypatch.setattr(choosing, "visible_runs", lambda _statuses: [stopped, judged, runs[1]])
    assert choosing.baseline_of(request) is runs[1]
    monkeypatch.setattr(choosing, "visible_runs", lambda _statuses: [stopped, judged])
    assert choosing.baseline_of(request) is judged


def test_a_training_whose_baseline_is_refused_is_opened_and_told(
    toy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = state.Desk.submit

    def refuse(desk: state.Desk, request: RunRequest) -> Run:
        if request.method == "baseline":
            raise DataError("1 of your runs waits; allowed: 1")
        return submit(desk, request)

    monkeypatch.setattr(state.Desk, "submit", refuse)
    app = opened_at("views/unlearn.py", guessed_dataset(str(toy_file)))
    app.number_input(key="disco-epochs").set_value(1)
    press(app, "Train")
    assert "allowed: 1" in texts(app.info)
    assert app.query_params["run"]
    assert not app.exception
