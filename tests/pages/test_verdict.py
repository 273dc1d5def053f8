"""The verdict on a run: its words, and the two ways on from it."""

from pathlib import Path

import pytest

from core.audit.audited import Audit, Finding
from core.jobs.runner import check_request
from core.store.request import RunRequest
from core.store.store import LIVE
from pages.parts.data.roles import guessed_dataset
from pages.parts.training import verdict
from tests.pages.driving import opened_at, stored, texts, worked_through


def request(toy_file: Path, method: str, **options: object) -> RunRequest:
    config = {"epochs": 2, "hidden": [8], **options}
    return RunRequest(method=method, dataset=guessed_dataset(str(toy_file)), config=config)


def test_the_verdict_stands_before_the_numbers_and_compares_with_the_baseline(toy_file: Path) -> None:
    worked_through(request(toy_file, "baseline"))
    run = worked_through(request(toy_file, "disco"))
    app = opened_at("pages/unlearn.py", run.request.dataset, run=run.id)
    assert not app.exception
    said = texts(app.info) + texts(app.success)
    assert "Background rejection at 50 %" in said and said.count("→") == 3
    assert [button.label for button in app.main.button if button.key == f"other-lambda-{run.id}"] == ["Try other λ"]


def test_trying_other_lambdas_begins_one_slider_of_the_same_method(toy_file: Path) -> None:
    run = worked_through(request(toy_file, "disco"))
    app = opened_at("pages/unlearn.py", run.request.dataset, run=run.id)
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
    app = opened_at("pages/unlearn.py", first.request.dataset, run=first.id)
    offered = app.multiselect(key="beside")
    assert offered.options == ["DisCo λ = 5"]
    app = offered.set_value([second.id]).run()
    assert not app.exception


def test_the_verdict_says_which_tests_of_the_audit_fail() -> None:
    rows = [("Information", False), ("Sculpting", True), ("Flat efficiency", False), ("S/√B in the peak", None)]
    found = tuple(Finding("m", name, passed, 0.5, 0.5, "", "") for name, passed in rows)
    audit = Audit.__new__(Audit)
    object.__setattr__(audit, "findings", found)
    assert verdict.outcome(audit) == "The audit fails 2 of 3 tests, see below: Information, Flat efficiency."
    object.__setattr__(audit, "findings", found[1:2])
    assert verdict.outcome(audit) == "All tests of the audit are passed (1)."
    assert verdict.outcome(None) == ""
