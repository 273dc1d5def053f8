"""The page Compare: good links, wrong links, and what it says of runs that differ."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.runner import check_request
from core.jobs.work import work_through
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import RunStore
from tests.views.driving import figures_of, press
from views.parts.data.roles import guessed_dataset

APP = str(Path(__file__).parents[2] / "app.py")
FIGURES = 3
LONGEST_ON_A_PHONE = 40
"""Characters of a chosen run that stand in one line at 390 pixels."""


@pytest.fixture
def make(tmp_path: Path, toy_table: Callable[..., EventTable]) -> Callable[..., DatasetSpec]:
    def written(name: str = "toy", seed: int = 1) -> DatasetSpec:
        path = tmp_path / f"{name}.parquet"
        pq.write_table(pa.table(dict(toy_table(1500, seed=seed).columns)), path)
        return guessed_dataset(str(path))

    return written


def stored() -> RunStore:
    return RunStore(settings().database_url)


def trained(spec: DatasetSpec, method: str = "baseline", seed: int = 0, task: str = "unlearn", **config: object) -> str:
    request = RunRequest(
        task=task, method=method, dataset=spec, seed=seed, config={"epochs": 2, "hidden": [8]} | config
    )
    run = stored().add(request, check_request(request))
    stored().claim(run.id)
    work_through(stored(), stored().get(run.id), settings().runs / run.id)
    assert stored().get(run.id).headline
    return run.id


def opened(*runs: str, page: str = "views/compare.py") -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60).switch_page(page)
    if runs:
        app.query_params["runs"] = ",".join(runs)
    return app.run()


def texts(elements: object) -> str:
    return " ".join(element.value for element in elements)  # type: ignore[attr-defined]


def test_before_any_run_it_says_what_to_do() -> None:
    assert "No run has ended yet" in texts(opened().info)


def test_two_runs_on_the_same_events(make: Callable[..., DatasetSpec]) -> None:
    spec = make()
    a, b = trained(spec), trained(spec, "disco", lam=50.0)
    app = press(opened(), "Compare DisCo, λ = 50 with Baseline")  # offered before any was chosen
    assert app.query_params["runs"] in (f"{a},{b}", [f"{a},{b}"])
    assert not app.exception and not app.error
    assert len(figures_of(app)) == FIGURES
    assert "Beside Baseline, DisCo λ = 50 has" in texts(app.info)
    assert ".st-key-compare-reading:has(.stCacheSpinner)" in " ".join(each.proto.body for each in app.get("html"))
    assert "DisCo λ = 50: judged on the same held-out events" in texts(app.caption)
    options, merits = sorted((frame.value for frame in app.dataframe[:2]), key=lambda frame: "option" not in frame)
    assert {"method", "λ"} <= set(options["option"]) and "seed" not in set(options["option"])
    assert merits["run"].tolist() == ["Baseline", "DisCo λ = 50"]
    assert merits["R50 − first"][0] == "" and "±" in merits["R50 − first"][1]


def test_other_seeds_and_sliders_are_compared_in_quadrature(make: Callable[..., DatasetSpec]) -> None:
    spec = make()
    a, b = trained(spec, "flat0", lam=5.0), trained(spec, "flat0", seed=1, lam=5.0)
    slider = trained(spec, "flat0", seed=2, task="slide", lam_min=0.1, lam_max=10.0)
    app = opened(a, b, slider)
    assert not app.exception and not app.error
    names = app.dataframe[0].value["run"].tolist()
    assert names == [
        "Flat efficiency λ = 5 (seed 0)",
        "Flat efficiency λ = 5 (seed 1)",
        "Flat efficiency slider λ = 10",
    ]
    assert "added in quadrature" in texts(app.caption)
    assert not app.warning


def test_different_data_are_allowed_with_a_note(make: Callable[..., DatasetSpec]) -> None:
    app = opened(trained(make()), trained(make("other", seed=2)))
    assert not app.exception and not app.error
    assert "different data" in texts(app.warning)
    assert len(figures_of(app)) == FIGURES


def test_links_that_name_wrong_runs_are_told_and_the_rest_is_shown(make: Callable[..., DatasetSpec]) -> None:
    spec = make()
    a, b = trained(spec), trained(spec, "disco")
    request = RunRequest(dataset=spec)
    failed = stored().add(request, check_request(request))
    stored().finish(failed.id, "failed", error="the loss is not finite")
    app = opened(a, "no-such-run", failed.id, b, a)
    assert not app.exception
    assert "no run 'no-such-run'" in texts(app.warning)
    assert f"Run {failed.id} (DisCo, λ =" in texts(app.warning)
    assert "is failed and has no result" in texts(app.warning)
    assert app.multiselect(key="compare-choice").value == [a, b]
    assert len(figures_of(app)) == FIGURES


def test_one_run_and_seven_runs(make: Callable[..., DatasetSpec]) -> None:
    spec = make()
    runs = [trained(spec, seed=0)]
    assert "Choose a second run" in texts(opened(runs[0]).info)
    runs += [trained(spec, seed=seed) for seed in range(1, 7)]
    app = opened(*runs)
    assert not app.exception
    assert "7 runs are too many" in texts(app.warning)
    assert app.multiselect(key="compare-choice").value == runs[:6]
    labels = app.multiselect(key="compare-choice").options
    assert f"Baseline, seed 1 · {runs[1]}" in labels and max(map(len, labels)) <= LONGEST_ON_A_PHONE
    app.multiselect(key="compare-choice").set_value(runs[1:3]).run()
    assert not app.exception
    assert app.query_params["runs"] in (",".join(runs[1:3]), [",".join(runs[1:3])])
    app.multiselect(key="compare-choice").set_value([]).run()
    assert "Choose two to six runs" in texts(app.info)


def test_a_run_without_its_files_is_named(make: Callable[..., DatasetSpec]) -> None:
    spec = make()
    a, b = trained(spec), trained(spec, "disco")
    (settings().runs / b / "scores.parquet").unlink()
    app = opened(a, b)
    assert not app.exception
    assert "scores.parquet" in texts(app.error)
    assert "Choose another run" in texts(app.info)
