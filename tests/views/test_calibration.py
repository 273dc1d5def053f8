"""Calibration: what the page asks for, refuses, queues and shows; and other pages cope with its runs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.calibration.toys import toy_config, toy_spec
from core.events.spec import DatasetSpec
from core.numbers import format_number
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run
from tests.views.driving import opened_at, press, require_pages_cope, stored, texts, worked_through

SPECTRA = ("uniform", "falling")


@pytest.fixture
def spec(toys_of: Callable[[int], DatasetSpec]) -> DatasetSpec:
    return toys_of(3000)


def trained(name: str = "gaussian", **config: object) -> Run:
    dataset = toy_spec(name, SPECTRA, 2000, 0, settings().toys)
    small = {"epochs": 2, "hidden": [8], "batch_size": 256}
    request = RunRequest(
        task="calibrate", method="side_by_side", dataset=dataset, config=toy_config(name) | small | config
    )
    return worked_through(request)


def opened(spec: DatasetSpec | None, page: str = "views/calibration.py", **link: str) -> AppTest:
    return opened_at(page, spec, **link)


def test_without_data_a_toy_is_offered_and_its_run_is_queued(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("views.parts.frame.state.WORKERS", 0)
    app = opened(None)
    assert not app.exception
    assert "press **Train**" in texts(app.info)
    app.number_input(key="calibration-n").set_value(3000)
    app.number_input(key="calibration-gaussian-epochs").set_value(7)
    app.multiselect(key="calibration-gaussian-test").set_value(["gaussian"])
    press(app, "Train")
    assert not app.exception and not app.error
    (run,) = stored().runs()
    assert (run.request.task, run.request.method) == ("calibrate", "side_by_side")
    assert run.request.config == toy_config("gaussian") | {
        "epochs": 7, "train": ["uniform", "falling"], "test": ["gaussian"],
    }  # fmt: skip
    assert run.request.dataset.roles.protected == ("z", "uniform", "falling", "gaussian")
    assert "first figures appear after the first epoch" in texts(app.caption)


def test_jets_of_negative_energy_are_not_offered(data_folder: Path) -> None:
    app = opened(None)
    app.selectbox(key="calibration-sample").set_value("jets").run()
    assert app.multiselect(key="calibration-jets-train").options == ["uniform", "falling"]


def test_too_few_events_and_no_truth_are_refused_and_nothing_is_queued(spec: DatasetSpec) -> None:
    app = opened(spec)
    app.number_input(key="calibration-n").set_value(350)
    press(app, "Train")
    assert not app.exception
    assert "effective training events; at least 300 are needed" in texts(app.error)
    app.selectbox(key="calibration-sample").set_value("current").run()
    app.multiselect(key="calibration-truth").set_value([])
    press(app, "Train")
    assert not app.exception
    assert "has no truth" in texts(app.error)
    app.multiselect(key="calibration-truth").set_value(["mass"])
    app.multiselect(key="calibration-current-train").set_value([])
    press(app, "Train")
    assert not app.exception
    assert texts(app.error) == "Number of training spectra (train) is 0; allowed: at least 1."
    assert stored().runs() == []


def test_layers_that_are_no_numbers_are_refused_in_words(data_folder: Path) -> None:
    app = opened(None)
    app.text_input(key="calibration-gaussian-hidden").set_value("32, abc")
    press(app, "Train")
    assert not app.exception
    assert {each.value for each in app.error} == {"One of hidden layers (hidden) is 'abc'; allowed: a whole number."}
    assert stored().runs() == []


def test_a_data_set_with_a_truth_is_weighted_to_its_spectra(spec: DatasetSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("views.parts.frame.state.WORKERS", 0)
    unweighted = spec.roles.model_copy(update={"weight": None})  # some of the toy's weights are negative
    app = opened(spec.model_copy(update={"roles": unweighted}))
    app.selectbox(key="calibration-sample").set_value("current").run()
    app.multiselect(key="calibration-truth").set_value(["mass"])
    app.multiselect(key="calibration-current-train").set_value(["sample"])
    app.multiselect(key="calibration-current-test").set_value(["sample"])
    press(app, "Train")
    assert not app.exception and not app.error, texts(app.error)
    (run,) = stored().runs()
    roles = run.request.dataset.roles
    assert roles.protected == ("mass",) and "mass" not in roles.features and roles.label is None
    assert (run.request.config["truth"], run.request.config["train"]) == (["mass"], ["sample"])


def test_a_finished_run_is_opened_by_its_link_and_says_what_moves(data_folder: Path) -> None:
    run = trained()
    assert run.status == "done", run.error
    app = opened(None, run=run.id)
    assert not app.exception and not app.error
    moved = format_number(run.headline["shift_mse_uniform_falling_uniform"])[:4]
    assert "from uniform to falling, mean squared error moves the answer by " in texts(app.info)
    assert f"moves the answer by {moved}" in texts(app.info)
    bulk = app.dataframe[0].value.set_index(["method", "trained on"])
    bias = run.headline["bias_mse_falling_uniform"]
    assert bulk.loc[("Mean squared error", "falling"), "bias"].startswith(format_number(bias)[:4])
    assert bulk.loc[("Mean squared error", "uniform"), "pull width"] == "–"
    assert app.dataframe[1].value["exact [nats]"].tolist()[0] == "0.886"
    assert "python -m core calibrate" in texts(app.code)
    quantity = app.segmented_control(key="closure")
    assert quantity.options == ["ẑ − z against z", "ẑ − z against ẑ"]
    app.segmented_control(key="tested").set_value("falling").run()
    assert not app.exception
    assert "of the spectrum “falling”" in texts(app.caption)
    again = opened(None, run=run.id, tested="falling", closure="nothing")
    assert "of the spectrum “falling”" in texts(again.caption)
    assert "closure “nothing”" in texts(again.warning)


def test_jets_show_a_ratio_and_a_unit(data_folder: Path) -> None:
    run = trained("jets", methods=["mse"], train=["uniform"])
    app = opened(None, run=run.id)
    assert not app.exception and not app.error
    assert {"ẑ/z", "bias [GeV]"} <= set(app.dataframe[0].value.columns)
    assert len(app.dataframe) == 1
    assert "In the bulk of the training spectra, mean squared error is off by" in texts(app.info)


def test_other_pages_cope_with_its_runs(spec: DatasetSpec) -> None:
    runs = (trained(), trained(train=["falling"]))
    require_pages_cope(
        ("runs", "compare", "unlearn", "ensembles", "scan", "tune"), runs, spec, "Calibration, uniform and falling"
    )
