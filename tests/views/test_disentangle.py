"""Disentangle: what the page asks for, refuses, queues and shows; and other pages cope with its runs."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.figures.elbo import BELOW_NOUGHT
from core.jobs.runner import check_request
from core.jobs.work import work_through
from core.numbers import format_number
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run
from tests.views.driving import opened_at, press, protected, stored, texts
from views.parts.data.roles import guessed_dataset

SMALL = {"latent": 3, "epochs": 2, "downstream_epochs": 2, "hidden": ["16"], "batch_size": 256}


@pytest.fixture
def spec(tmp_path: Path, toy_table: Callable[..., EventTable]) -> DatasetSpec:
    path = tmp_path / "toy.parquet"
    pq.write_table(pa.table(dict(toy_table(1500).columns)), path)
    return guessed_dataset(str(path))


def trained(spec: DatasetSpec, *, stopped: bool = False, **config: object) -> Run:
    request = RunRequest(task="disentangle", method="beta_tcvae", dataset=spec, config=SMALL | config)
    store = stored()
    run = store.add(request, check_request(request))
    store.claim(run.id)
    if stopped:
        store.stop(run.id)
    work_through(store, store.get(run.id), settings().runs / run.id)
    return store.get(run.id)


def opened(spec: DatasetSpec | None, page: str = "views/disentangle.py", **link: str) -> AppTest:
    return opened_at(page, spec, **link)


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: str(metric.value) for metric in app.metric}


def test_without_data_or_runs_it_says_what_to_do(spec: DatasetSpec) -> None:
    assert "Choose a sample or upload a file first" in texts(opened(None).info)
    app = opened(spec)
    assert not app.exception
    assert "ties one of them to the protected variable" in texts(app.info)
    assert app.selectbox(key="disentangle-model").value == "beta_tcvae"


def test_a_latent_that_the_protected_variables_fill_is_refused_and_nothing_is_queued(spec: DatasetSpec) -> None:
    app = opened(spec)
    protected(app).set_value(["mass", "noise"])
    app.number_input(key="disentangle-beta_tcvae-latent").set_value(2).run()
    press(app, "Train")
    assert not app.exception
    assert "Latent is 2" in texts(app.error) and "at least 3 are needed" in texts(app.error)
    assert stored().runs() == []


def test_no_protected_variable_is_refused(spec: DatasetSpec) -> None:
    app = opened(spec)
    protected(app).set_value([]).run()
    press(app, "Train")
    assert not app.exception
    assert "protected" in texts(app.error)
    assert stored().runs() == []


def test_train_queues_the_run_with_its_options_and_a_baseline(
    spec: DatasetSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("views.parts.frame.state.WORKERS", 0)
    app = opened(spec)
    app.selectbox(key="disentangle-model").set_value("factor_vae").run()
    app.number_input(key="disentangle-factor_vae-beta").set_value(7.0)
    app.number_input(key="disentangle-factor_vae-supervision").set_value(3.0)
    app.selectbox(key="disentangle-downstream").set_value("disco").run()
    press(app, "Train")
    assert not app.exception
    baseline, run = stored().runs()
    assert (baseline.request.task, baseline.request.method) == ("unlearn", "baseline")
    assert (run.request.task, run.request.method) == ("disentangle", "factor_vae")
    assert run.request.config == {"beta": 7.0, "supervision": 3.0, "downstream": "disco"}
    assert app.session_state["run"] == run.id
    assert run.n_epochs == run.config["epochs"] + run.config["downstream_epochs"]
    assert "first figures appear after the first epoch" in texts(app.caption)


def test_a_finished_run_is_opened_by_its_link_and_shows_what_its_latent_holds(spec: DatasetSpec) -> None:
    run = trained(spec)
    assert run.status == "done", run.error
    app = opened(None, run=run.id)
    assert not app.exception
    mig = format_number(run.headline["mig"], run.headline["mig_error"])
    assert "of 1.39 nats" in texts(app.markdown) and f"MIG {mig}." in texts(app.markdown)
    found = metrics(app)
    assert found["AUC without z′"].startswith(format_number(run.headline["auc"])[:3])
    assert {"MIG", "ELBO \\[nats\\]"} <= set(found)
    dimension = app.selectbox(key="dimension")
    assert "z₁ (z′, taken out)" in dimension.options and len(dimension.options) == 3
    before = app.dataframe[0].value.copy()
    app.slider(key="value").set_value(-2.0).run()
    assert not app.exception
    assert not app.dataframe[0].value.equals(before)
    again = opened(None, run=run.id, value="-2", dimension="0")
    assert again.dataframe[0].value.equals(app.dataframe[0].value)
    assert "python -m core disentangle" in texts(app.code)


def test_a_run_that_was_stopped_in_its_first_stage_is_shown_without_a_classifier(spec: DatasetSpec) -> None:
    run = trained(spec, stopped=True)
    assert run.status == "stopped", run.error
    app = opened(spec)
    assert not app.exception
    assert run.id in texts(app.markdown)
    assert "of 1.39 nats" in texts(app.markdown)
    assert metrics(app)["AUC without z′"] == "–"
    assert "The run ended before it was trained" in texts(app.caption)
    assert "ended before its classifier" in texts(app.warning)


def test_the_newest_run_of_these_data_is_shown_and_others_are_not(
    spec: DatasetSpec, tmp_path: Path, toy_table: Callable[..., EventTable]
) -> None:
    run = trained(spec)
    assert run.id in texts(opened(spec).markdown)
    path = tmp_path / "other.parquet"
    pq.write_table(pa.table(dict(toy_table(1500, seed=2).columns)), path)
    app = opened(guessed_dataset(str(path)))
    assert not app.exception
    assert run.id not in texts(app.markdown)


def test_other_pages_cope_with_its_runs(spec: DatasetSpec) -> None:
    first, second = trained(spec), trained(spec, beta=1.0)
    trained(spec, stopped=True)
    for page in ("runs", "compare", "unlearn", "scan", "tune", "information"):
        link = {"runs": f"{first.id},{second.id}"} if page == "compare" else {"run": first.id}
        app = opened(spec, f"views/{page}.py", **link)
        assert not app.exception, page
        assert not app.error, page
        if page == "runs":
            assert "β-TCVAE, β = 1" in app.dataframe[0].value["method"].tolist()


def test_a_total_correlation_below_nought_is_explained_on_hover() -> None:
    def page(value: float) -> None:
        from core.disentanglement.results import Elbo
        from views.parts.training.disentangling import elbo_words

        elbo_words(Elbo(10.0, 5.0, value, 0.1))

    helps = [
        next(each.help for each in app.caption if "Total correlation" in each.value)
        for app in (AppTest.from_function(page, args=(value,)).run() for value in (0.3, -0.3))
    ]
    assert BELOW_NOUGHT not in helps[0] and helps[1] == f"{helps[0]} {BELOW_NOUGHT}"
