"""Many events: what the page asks for, refuses, queues and shows; and other pages cope with its runs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.ensembles.toys import gaussian_sets_spec, two_gaussians_spec
from core.events.spec import DatasetSpec
from core.numbers import format_number
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run
from tests.views.driving import opened_at, press, require_pages_cope, stored, texts, worked_through

SMALL = {"epochs": 1, "hidden": [8]}


@pytest.fixture
def spec(toys_of: Callable[[int], DatasetSpec]) -> DatasetSpec:
    return toys_of(1500)


def trained(method: str, dataset: DatasetSpec, **config: object) -> Run:
    request = RunRequest(task="ensembles", method=method, dataset=dataset, config=SMALL | config)
    return worked_through(request)


def two_classes(**config: object) -> Run:
    dataset = two_gaussians_spec(1500, 0.5, 0, settings().toys)
    return trained("classification", dataset, truth="log_ratio", constructions=["set"], **config)


def opened(spec: DatasetSpec | None, page: str = "views/ensembles.py", **link: str) -> AppTest:
    return opened_at(page, spec, **link)


def test_without_data_the_toy_is_offered_and_its_run_is_queued(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("views.parts.frame.state.WORKERS", 0)
    app = opened(None)
    assert not app.exception
    assert "press **Train**" in texts(app.info)
    app.number_input(key="sets-shift").set_value(0.2)
    app.number_input(key="sets-n").set_value(2000)
    app.number_input(key="sets-set_size").set_value(5)
    app.multiselect(key="sets-constructions").set_value(["set"])
    app.selectbox(key="sets-loss").set_value("mlc")
    press(app, "Train")
    assert not app.exception and not app.error
    (run,) = stored().runs()
    assert (run.request.task, run.request.method) == ("ensembles", "classification")
    assert run.request.config == {"set_size": 5, "constructions": ["set"], "loss": "mlc", "truth": "log_ratio"}
    assert run.request.dataset.name == "Gaussians at ±0.2"
    assert "first figures appear after the first epoch" in texts(app.caption)


def test_sets_that_the_events_do_not_make_are_refused_and_nothing_is_queued(spec: DatasetSpec) -> None:
    app = opened(spec)
    app.number_input(key="sets-set_size").set_value(900)
    press(app, "Train")
    assert not app.exception
    assert "Sets of 900 events" in texts(app.error) and "use smaller sets or more events" in texts(app.error)
    app.segmented_control(key="question").set_value("regression").run()
    app.selectbox(key="sets-events-regression").set_value("current").run()
    app.selectbox(key="sets-parameter").set_value("mass").run()
    press(app, "Train")
    assert not app.exception
    assert "weights, with which sets cannot be drawn" in texts(app.error)
    assert stored().runs() == []


def test_a_finished_run_is_opened_by_its_link_and_shows_areas_and_a_verdict(data_folder: Path) -> None:
    run = two_classes()
    assert run.status == "done", run.error
    app = opened(None, run=run.id)
    assert not app.exception and not app.error
    areas = app.dataframe[0].value.set_index(["classifier", "N"])
    reached = format_number(run.headline["auc_product_3"], run.headline["auc_product_3_error"])
    assert areas.loc[("f₁→₃", "3"), "AUC"] == reached
    assert {("f₃ set", "3"), ("f₁", "1"), ("exact ratio", "3")} <= set(areas.index)
    assert f"→ {reached} by the product f₁→₃" in texts(app.info)
    assert "The exact likelihood ratio reaches" in texts(app.info)
    assert "python -m core ensembles" in texts(app.code)


def test_a_regression_shows_every_way_with_its_resolution(data_folder: Path) -> None:
    run = trained("regression", gaussian_sets_spec(200, 10, 0, settings().toys), set_size=10, truth="x")
    assert run.status == "done", run.error
    app = opened(None, run=run.id)
    assert not app.exception and not app.error
    assert app.segmented_control(key="question").value == "regression"
    ways = app.dataframe[0].value.set_index("way")["resolution"]
    assert len(ways) == 5 and ways["exact"].startswith("0.")
    assert "From sets of 10 events 4 ways find θ" in texts(app.info)


def test_other_pages_cope_with_its_runs(spec: DatasetSpec) -> None:
    runs = (two_classes(), trained("classification", spec, constructions=[]))
    require_pages_cope(
        ("runs", "compare", "unlearn", "disentangle", "scan", "tune"), runs, spec, "Classifiers of sets, N = 3"
    )


def test_a_toy_is_not_offered_as_a_file_too_which_would_lose_its_exact_answer(data_folder: Path) -> None:
    app = opened(two_gaussians_spec(500, 0.5, 0, settings().toys))
    assert app.selectbox(key="sets-events-classification").options == ["Gaussians at ±ε (exact)"]
