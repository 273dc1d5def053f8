"""The page Scan: what it asks for, refuses, queues and shows; and the one line that a scan is in the sidebar."""

import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.runner import check_request
from core.store.request import RunRequest
from tests.views.driving import figures_of, opened_at, press, stored, texts
from views.parts.data.roles import guessed_dataset

APP = str(Path(__file__).parents[2] / "app.py")
ROC = {"auc_error": 0.01, "r50": 10.0, "r50_error": 0.5, "jsd_nats_error": 0.001, "jsd_limit_nats": 0.001}


@pytest.fixture
def spec(tmp_path: Path, toy_table: Callable[..., EventTable]) -> DatasetSpec:
    path = tmp_path / "toy.parquet"
    pq.write_table(pa.table(dict(toy_table(1500).columns)), path)
    return guessed_dataset(str(path))


def opened(spec: DatasetSpec | None, page: str = "views/scan.py", **link: str) -> AppTest:
    return opened_at(page, spec, **link)


def ended(
    spec: DatasetSpec, method: str, auc: float, jsd: float, seed: int = 0, scan: str = "old", **config: float
) -> str:
    request = RunRequest(method=method, dataset=spec, config={"epochs": 2, **config}, seed=seed, scan=scan)
    run = stored().add(request, check_request(request))
    stored().claim(run.id)
    stored().record(run.id, 2, {})
    stored().finish(run.id, "done", headline={"auc": auc, "jsd_nats": jsd} | ROC)
    return run.id


def test_without_data_or_scans_it_says_what_to_do(spec: DatasetSpec) -> None:
    assert "Choose a sample or upload a file first" in texts(opened(None).info)
    app = opened(spec)
    assert not app.exception
    assert "Start the scan" in texts(app.info)
    assert "33 runs; the first will tell how long they take." in texts(app.caption)


def test_the_form_says_how_many_runs_and_shows_their_command(spec: DatasetSpec) -> None:
    ended(spec, "disco", 0.8, 0.01, lam=5.0)
    app = opened(spec)
    app.multiselect(key="scan-methods").set_value(["baseline", "disco"])
    app.number_input(key="scan-seeds").set_value(2)
    app.text_input(key="scan-lam-disco").set_value("1, 10, 100").run()
    assert "8 runs, about " in texts(app.caption)
    assert "--methods baseline,disco --points 5 --seeds 2 --epochs 40 --lam disco=1,10,100" in app.code[0].value


@pytest.mark.parametrize(
    ("typed", "words"),
    [("ten", "The λ values 'ten' cannot be read"), ("-1", "λ of -1 is not allowed"), ("1e9", "allowed: at most")],
)
def test_a_wrong_lambda_is_refused_in_words_before_anything_is_queued(
    spec: DatasetSpec, typed: str, words: str
) -> None:
    app = opened(spec)
    app.text_input(key="scan-lam-disco").set_value(typed).run()
    assert not app.exception
    assert words in texts(app.error)
    assert next(button for button in app.button if button.label == "Start the scan").disabled


def test_no_method_is_no_scan(spec: DatasetSpec) -> None:
    app = opened(spec)
    app.multiselect(key="scan-methods").set_value([]).run()
    assert "Choose at least one method" in texts(app.caption)
    assert next(button for button in app.button if button.label == "Start the scan").disabled


def with_roles(spec: DatasetSpec, **roles: object) -> DatasetSpec:
    return spec.model_copy(update={"roles": spec.roles.model_copy(update=roles)})


def test_events_that_cannot_be_trained_on_are_refused_beside_the_button(spec: DatasetSpec) -> None:
    app = opened(with_roles(spec, protected=()))
    assert not app.exception
    assert "No protected variable" in texts(app.error)
    assert next(button for button in app.button if button.label == "Start the scan").disabled


def test_the_label_is_asked_for_beforehand(spec: DatasetSpec) -> None:
    unlabelled = with_roles(spec, label=None)
    app = opened(unlabelled)
    assert not app.exception
    assert "A scan needs signal and background" in texts(app.info)
    assert not [button for button in app.button if button.label == "Start the scan"]
    ended(spec, "baseline", 0.9, 0.2)
    beside = opened(unlabelled)
    assert "A scan needs signal and background" in texts(beside.info)
    assert "**old**" in texts(beside.markdown)


def test_a_scan_is_queued_trained_and_shown(spec: DatasetSpec) -> None:
    app = opened(spec)
    app.multiselect(key="scan-methods").set_value(["baseline", "disco"])
    app.number_input(key="scan-points").set_value(1)
    app.number_input(key="scan-seeds").set_value(1)
    app.number_input(key="scan-epochs").set_value(2).run()
    press(app, "Start the scan")
    assert not app.exception
    name = app.query_params["scan"]
    name = name[0] if isinstance(name, list) else name
    deadline = time.monotonic() + 60
    while any(run.is_live for run in stored().runs()) and time.monotonic() < deadline:
        time.sleep(0.1)
    app = opened(None, scan=name)
    assert not app.exception
    assert {(run.request.scan, run.status) for run in stored().runs()} == {(name, "done")}
    assert "2 of 2 runs ended" in texts(app.markdown)
    assert len(figures_of(app)) == 1
    assert sorted(app.dataframe[-1].value["method"]) == ["Baseline", "DisCo"]


def test_the_front_its_sentence_and_its_areas(spec: DatasetSpec) -> None:
    for seed in (0, 1):
        ended(spec, "baseline", 0.90 + 0.001 * seed, 0.2, seed)
        ended(spec, "disco", 0.80 + 0.001 * seed, 0.008, seed, lam=5.0)
        ended(spec, "flat0", 0.85 + 0.001 * seed, 0.004, seed, lam=7.0)
    app = opened(spec, scan="old")
    words = texts(app.markdown)
    assert "At 1/JSD ≥ 100 per nat, Flat efficiency keeps AUC 0.85" in words
    assert [metric.label for metric in app.metric] == ["Area, Flat efficiency", "Area, DisCo", "Area, Baseline"]
    assert app.dataframe[-1].value["runs"].tolist() == [2, 2, 2]
    app.segmented_control(key="across").set_value("rejection").run()
    assert not app.exception
    assert "rejection at 50" in str(figures_of(app)[0])
    again = opened(spec, scan="old", across="rejection", point="disco 5")
    assert "rejection at 50" in str(figures_of(again)[0])
    assert again.selectbox(key="point").value == "disco 5"
    app.selectbox(key="point").set_value("disco 5").run()
    press(app, "Open seed 1")
    assert not app.exception
    opened_run = app.session_state["run"]
    assert (stored().get(opened_run).request.method, stored().get(opened_run).request.seed) == ("disco", 1)


def test_failed_runs_are_told_once_with_their_reason(spec: DatasetSpec) -> None:
    ended(spec, "baseline", 0.9, 0.2)
    for seed in (0, 1):
        request = RunRequest(method="disco", dataset=spec, seed=seed, scan="old")
        run = stored().add(request, check_request(request))
        stored().finish(run.id, "failed", error="the loss is not finite at step 3")
    app = opened(spec, scan="old")
    assert "2 runs failed. DisCo: the loss is not finite at step 3." in texts(app.error)
    assert len(app.dataframe[-1].value) == 1


def test_a_live_scan_is_one_line_in_the_sidebar_and_stops_as_one(spec: DatasetSpec) -> None:
    """Runs that a program other than a server added: no worker takes them."""
    for seed in range(6):
        request = RunRequest(method="disco", dataset=spec, seed=seed, scan="busy")
        stored().add(request, check_request(request))
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert [each.key for each in app.sidebar.button if each.key.startswith("open-")] == ["open-busy"]
    app = opened(spec)
    assert "The front appears with the first run that ends" in texts(app.caption)
    press(app, "Stop all")
    assert not app.exception
    assert {run.status for run in stored().runs()} == {"stopped"}


def test_a_scan_that_is_gone_is_said_and_the_newest_is_shown(spec: DatasetSpec) -> None:
    ended(spec, "baseline", 0.9, 0.2)
    app = opened(spec, scan="no-such-scan")
    assert not app.exception
    assert "There is no scan no-such-scan" in texts(app.warning)
    assert "**old**" in texts(app.markdown)


def test_another_scan_can_be_picked(spec: DatasetSpec) -> None:
    ended(spec, "baseline", 0.9, 0.2, scan="first")
    ended(spec, "baseline", 0.9, 0.2, scan="second")
    app = opened(spec)
    assert app.selectbox(key="scan-choice").value == "second"
    app.selectbox(key="scan-choice").set_value("first").run()
    assert "**first**" in texts(app.markdown)


def disentangled(spec: DatasetSpec, method: str, beta: float, seed: int, auc: float, jsd: float) -> str:
    config = {"beta": beta, "epochs": 2, "downstream_epochs": 2}
    request = RunRequest(task="disentangle", method=method, dataset=spec, config=config, seed=seed, scan="betas")
    run = stored().add(request, check_request(request))
    stored().claim(run.id)
    stored().record(run.id, 4, {})
    tight = {"tight_jsd_nats": jsd, "tight_jsd_nats_error": jsd / 10, "tight_jsd_limit_nats": 0.002, "rejected": 0.995}
    headline = {"auc": auc, "jsd_nats": jsd / 2, "mig": 0.1 * beta, "mig_error": 0.01} | ROC | tight
    stored().finish(run.id, "done", headline=headline)
    return run.id


def test_another_number_than_lambda_can_be_varied(spec: DatasetSpec) -> None:
    app = opened(spec)
    app.segmented_control(key="scan-task").set_value("disentangle").run()
    assert not app.exception
    app.multiselect(key="scan-methods-disentangle").set_value(["beta_tcvae", "factor_vae"])
    app.number_input(key="scan-seeds").set_value(2).run()
    assert app.selectbox(key="scan-vary-disentangle").value == "beta"
    app.text_input(key="scan-values-beta").set_value("1, 2, 4").run()
    assert "12 runs; the first will tell how long they take." in texts(app.caption)
    assert "--task disentangle --methods beta_tcvae,factor_vae --vary beta=1,2,4 --seeds 2" in app.code[0].value
    app.text_input(key="scan-values-beta").set_value("").run()
    assert "No values of beta" in texts(app.error)
    app.text_input(key="scan-values-beta").set_value("two").run()
    assert "The β or γ values 'two' cannot be read" in texts(app.error)


def test_figures_of_merit_are_drawn_against_the_parameter_and_a_point_opens_its_run(spec: DatasetSpec) -> None:
    runs = [
        disentangled(spec, method, beta, seed, 0.9 - 0.01 * beta, 0.02 / beta)
        for method in ("beta_tcvae", "beta_vae")
        for beta in (1.0, 4.0)
        for seed in (0, 1)
    ]
    app = opened(spec, scan="betas")
    assert not app.exception
    titles = [each["layout"]["title"]["text"] for each in figures_of(app)]
    assert titles == ["AUC against β", "1/JSD against β", "MIG against β"]
    jsd = figures_of(app)[1]
    assert [trace["name"] for trace in jsd["data"]] == ["β-TCVAE", "β-VAE", "statistical limit"]
    assert "99.5 % background rejection" in jsd["layout"]["title"]["subtitle"]["text"]
    assert app.dataframe[-1].value["β"].tolist() == [1, 4, 1, 4]
    app.selectbox(key="point").set_value("beta_vae 4").run()
    press(app, "Open seed 1")
    assert not app.exception
    assert app.session_state["run"] == runs[-1]
    assert "Which latent dimension holds the mass?" in texts(app.title)


def test_the_front_of_a_parameter_scan_can_be_seen_as_well(spec: DatasetSpec) -> None:
    disentangled(spec, "beta_tcvae", 1.0, 0, 0.9, 0.02)
    app = opened(spec, scan="betas")
    app.segmented_control(key="view").set_value("front").run()
    assert not app.exception
    assert len(figures_of(app)) == 1
    assert [metric.label for metric in app.metric] == ["Area, β-TCVAE"]
