"""The verdict on a run: its words, and the two ways on from it."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.jobs.runner import check_request
from core.store.request import RunRequest
from core.store.store import LIVE
from tests.views.driving import opened_at, stored, texts, worked_through
from views.parts.data.roles import guessed_dataset
from views.parts.training import monitor, verdict


def request(toy_file: Path, method: str, **options: object) -> RunRequest:
    config = {"epochs": 2, "hidden": [8], **options}
    return RunRequest(method=method, dataset=guessed_dataset(str(toy_file)), config=config)


def test_the_verdict_stands_before_the_numbers_and_compares_with_the_baseline(toy_file: Path) -> None:
    worked_through(request(toy_file, "baseline"))
    run = worked_through(request(toy_file, "disco"))
    app = opened_at("views/unlearn.py", run.request.dataset, run=run.id)
    assert not app.exception
    said = texts(app.info) + texts(app.success)
    assert "Background rejection at 50 %" in said and said.count("→") == 3
    assert [button.label for button in app.main.button if button.key == f"other-lambda-{run.id}"] == ["Try other λ"]


def test_a_newer_baseline_of_fewer_epochs_is_no_reference_and_another_one_is_offered(toy_file: Path) -> None:
    run = worked_through(request(toy_file, "disco"))
    worked_through(request(toy_file, "baseline", epochs=1))
    app = opened_at("views/unlearn.py", run.request.dataset, run=run.id)
    assert not app.exception
    said = texts(app.info) + texts(app.success)
    assert "Background rejection at 50 %" in said and "→" not in said
    offer = "Train the baseline beside it"
    assert offer in {box.label for box in app.checkbox}  # of 40 epochs, as the form has it
    app.number_input(key="disco-epochs").set_value(1)
    app.text_input(key="disco-hidden").set_value("8").run()
    assert offer not in {box.label for box in app.checkbox}


def test_a_run_stopped_in_its_warm_up_is_called_a_baseline(toy_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = worked_through(request(toy_file, "disco", warmup=1.0, ramp=0.0))
    monkeypatch.setattr(monitor, "still_there", lambda _: replace(run, status="stopped", n_epochs=40))
    app = opened_at("views/unlearn.py", run.request.dataset, run=run.id)
    assert not app.exception
    said = texts(app.info) + texts(app.success)
    assert "Stopped at epoch 2 of 40, while λ was still 0: in effect the baseline. Background rejection" in said


def test_trying_other_lambdas_begins_one_slider_of_the_same_method(toy_file: Path) -> None:
    run = worked_through(request(toy_file, "disco"))
    app = opened_at("views/unlearn.py", run.request.dataset, run=run.id)
    app.button(key=f"other-lambda-{run.id}").click().run()
    assert not app.exception
    (slider,) = [each for each in stored().runs() if each.request.task == "slide"]
    assert (slider.request.method, slider.request.dataset) == ("disco", run.request.dataset)
    stored().stop(slider.id)


@pytest.mark.parametrize(("method", "penalty"), [("baseline", verdict.PREFERRED), ("disco", "disco")])
def test_a_slider_that_is_on_its_way_is_not_begun_twice(toy_file: Path, method: str, penalty: str) -> None:
    run = worked_through(request(toy_file, method))
    slider = RunRequest(task="slide", method=penalty, dataset=run.request.dataset)
    on_its_way = stored().add(slider, check_request(slider))
    assert verdict.slider_beside(run).id == on_its_way.id
    assert len(stored().runs(LIVE)) == 1


def test_a_further_run_on_the_same_events_is_offered_on_the_same_axes(toy_file: Path) -> None:
    first, second = (worked_through(request(toy_file, "disco", lam=lam)) for lam in (1.0, 5.0))
    app = opened_at("views/unlearn.py", first.request.dataset, run=first.id)
    offered = app.multiselect(key="beside")
    assert offered.options == ["DisCo λ = 5"]
    app = offered.set_value([second.id]).run()
    assert not app.exception
