"""What a stranger does on the pages: text labels, deleted runs, a model chosen late, refused trainings."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.events.samples import sample_path
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.datasets import remember
from core.jobs.runner import check_request
from core.jobs.work import work_through
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run, RunStore
from tests.views.driving import figures_of
from views.parts.data.roles import guessed_dataset
from views.parts.training import monitor, verdict
from views.parts.training.comparing import names_of
from views.parts.words import sentence

APP = str(Path(__file__).parents[2] / "app.py")


def store() -> RunStore:
    return RunStore(settings().database_url)


def added_run(path: Path, method: str) -> Run:
    request = RunRequest(method=method, dataset=guessed_dataset(str(path)), config={"epochs": 2, "hidden": [8]})
    run = store().add(request, check_request(request))
    store().claim(run.id)
    return run


def finished_run(path: Path, method: str) -> str:
    run = added_run(path, method)
    work_through(store(), store().get(run.id), settings().runs / run.id)
    return run.id


def opened(page: str, spec: DatasetSpec, **link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120).switch_page(page)
    for name, value in {"data": remember(spec, settings().datasets), **link}.items():
        app.query_params[name] = value
    return app.run()


def texts(elements: object) -> str:
    return " ".join(element.value for element in elements)  # type: ignore[attr-defined]


@pytest.fixture
def text_label(tmp_path: Path, toy_table: Callable[..., EventTable]) -> DatasetSpec:
    """Write events whose label is text, under a name that no guess knows; nothing is the label yet."""
    columns = dict(toy_table(600).columns)
    columns["is it one?"] = pa.array(["sig" if value else "bkg" for value in columns.pop("label")])
    path = tmp_path / "text.parquet"
    pq.write_table(pa.table(columns), path)
    return guessed_dataset(str(path))


def test_a_column_of_text_becomes_the_label_once_its_signal_is_named(
    text_label: DatasetSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edited(rows: pd.DataFrame, **_: Any) -> pd.DataFrame:
        return rows.assign(role=rows["role"].mask(rows["column"] == "is it one?", "label"))

    monkeypatch.setattr(st, "data_editor", edited)
    app = opened("views/data.py", text_label)
    assert not app.exception
    assert not app.error
    assert app.session_state["data"].roles.label is None
    (menu,) = [box for box in app.selectbox if "is it one?" in box.label]
    menu.set_value("sig").run()
    assert not app.exception
    assert not app.error
    assert app.session_state["data"].roles.label == "is it one?"
    assert app.session_state["data"].signal_value == "sig"


def test_a_model_chosen_after_the_matrix_was_seen_is_its_last_row(toy_file: Path) -> None:
    run_id = finished_run(toy_file, "baseline")
    app = opened("views/information.py", guessed_dataset(str(toy_file)))
    app.selectbox(key="model").set_value(run_id).run()
    assert not app.exception
    (chart,) = figures_of(app)
    cells = next(trace for trace in chart["data"] if trace.get("customdata"))["customdata"]
    assert list(dict.fromkeys(cell[0] for cell in cells))[-1] == "output" or cells[-1][0] == "output"
    app.selectbox(key="model").set_value("none").run()
    (chart,) = figures_of(app)
    assert "'output'" not in str(chart)


def test_menus_show_symbols_without_marks() -> None:
    app = opened("views/pair.py", guessed_dataset(str(sample_path("boosted_w"))))
    assert not app.exception
    assert {"m_J", "p_T", "z_cut", "τ₂₁", "C₂"} <= set(app.selectbox(key="pair-x").options)


def test_the_count_says_why_a_run_failed_and_its_menu_tells_no_status(toy_file: Path) -> None:
    run = added_run(toy_file, "double_disco")
    store().finish(run.id, "failed", error="the loss is NaN at step 3")
    app = opened("views/abcd.py", guessed_dataset(str(toy_file)))
    assert not app.exception
    assert "the loss is NaN at step 3" in texts(app.error)
    assert run.id in app.selectbox(key="abcd-run").options[0]
    assert "failed" not in app.selectbox(key="abcd-run").options[0]


def test_the_count_shows_the_run_of_the_link_and_the_link_follows_the_menu(toy_file: Path) -> None:
    first, second = finished_run(toy_file, "double_disco"), finished_run(toy_file, "double_disco")
    app = opened("views/abcd.py", guessed_dataset(str(toy_file)), run=first)
    assert app.selectbox(key="abcd-run").value == first
    app.selectbox(key="abcd-run").set_value(second).run()
    assert not app.exception
    assert app.query_params["run"] in (second, [second])
    assert f"run {second}" in texts(app.markdown)


def test_no_other_run_takes_the_place_of_a_deleted_one_in_the_selection(toy_file: Path) -> None:
    run_ids = [added_run(toy_file, "baseline").id for _ in range(2)]
    for run_id in run_ids:
        store().finish(run_id, "stopped")

    def key() -> str:
        app = opened("views/runs.py", guessed_dataset(str(toy_file)))
        (found,) = [button.key for button in app.get("download_button") if button.key.startswith("csv-runs-table")]
        return str(found)

    before = key()
    assert key() == before  # as long as nothing changes, what is selected stays
    store().delete(run_ids[1])
    assert key() != before


def test_a_run_that_is_deleted_elsewhere_starts_the_page_over(toy_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class StartedOver(Exception):
        pass

    def rerun() -> None:
        raise StartedOver

    run = added_run(toy_file, "baseline")
    monkeypatch.setattr(monitor, "store", store)
    monkeypatch.setattr(monitor.st, "rerun", rerun)
    assert monitor.still_there(run.id).id == run.id
    store().delete(run.id)
    with pytest.raises(StartedOver):
        monitor.still_there(run.id)


@pytest.mark.parametrize("passed", [True, False])
def test_a_verdict_is_green_only_where_the_audit_found_nothing(
    toy_file: Path, monkeypatch: pytest.MonkeyPatch, passed: bool
) -> None:
    audit = SimpleNamespace(findings=[SimpleNamespace(name="Information", passed=passed)], variables=[])
    for part in (monitor, verdict):
        monkeypatch.setattr(part, "audit_of", lambda *_: audit)
    monkeypatch.setattr(monitor, "show_audit", lambda *_: None)
    monkeypatch.setattr(verdict, "flatness", lambda _: True)
    app = opened("views/unlearn.py", guessed_dataset(str(toy_file)), run=finished_run(toy_file, "baseline"))
    assert not app.exception
    assert "Background rejection" in texts(app.success if passed else app.info)


def test_a_run_whose_epochs_are_over_is_being_judged(toy_file: Path) -> None:
    app = opened("views/unlearn.py", guessed_dataset(str(toy_file)))
    run = added_run(toy_file, "baseline")  # once the server is up: what ran before it started counts as interrupted
    store().record(run.id, 2, {})
    app.query_params["run"] = run.id
    app.run()
    assert not app.exception
    assert any("epoch 2 of 2 · judging it" in bar.proto.text for bar in app.get("progress"))


def test_names_are_short_and_tell_runs_of_one_method_apart(toy_file: Path) -> None:
    request = RunRequest(method="disco", dataset=guessed_dataset(str(toy_file)), config={"lam": 5.0})
    seeds = (0, 0, 1)
    runs = [store().add(each, check_request(each)) for each in (request.model_copy(update={"seed": s}) for s in seeds)]
    first, second = (run.id.rpartition("-")[2] for run in runs[:2])
    assert names_of(runs) == [
        f"DisCo λ = 5 (seed 0, {first})",
        f"DisCo λ = 5 (seed 0, {second})",
        "DisCo λ = 5 (seed 1)",
    ]
    assert names_of(runs[:2]) == [f"DisCo λ = 5 ({first})", f"DisCo λ = 5 ({second})"]


@pytest.mark.parametrize("page", ["unlearn", "tune", "disentangle", "abcd"])
def test_without_a_label_a_page_that_trains_asks_for_it_beforehand(text_label: DatasetSpec, page: str) -> None:
    app = opened(f"views/{page}.py", text_label)
    assert not app.exception
    assert "needs signal and background: choose the column that is 1 for signal" in texts(app.info)
    assert [link.proto.label for link in app.main.get("page_link")] == ["Choose the label"]
    assert not [button for button in app.button if button.label.startswith("Train")]


def test_a_file_that_vanished_is_told_while_its_events_are_in_memory(toy_file: Path) -> None:
    spec = guessed_dataset(str(toy_file)).model_copy(update={"drop_invalid": True})
    opened("views/pair.py", spec)
    toy_file.unlink()
    app = opened("views/pair.py", spec)
    assert not app.exception and not app.error
    said = f"{toy_file.name} is no longer there: what is shown is of the events in memory."
    assert said in texts(app.main.warning)


def test_training_on_many_events_says_before_the_click_what_it_takes(
    toy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("views/unlearn.py", guessed_dataset(str(toy_file)))
    assert "of memory" not in texts(app.info)
    said: list[str] = []
    monkeypatch.setattr("streamlit.info", lambda text, **_: said.append(text))
    monkeypatch.setattr("core.events.table.EventTable.n_events", property(lambda _: 5_800_000))
    app.run()
    # 2 trainings · 40 epochs · 2.9 million events / 290,000 a second = 800 s
    assert any("2,900,000 of 5,800,000 events" in text and "about 13 minutes" in text for text in said)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("no features; choose one", "No features; choose one."),
        ("column '*x*' is text", "Column '\\*x\\*' is text."),
        ("λ is -1; allowed: 0 or more", "λ is -1; allowed: 0 or more."),
        ("m_J is constant", "m\\_J is constant."),
        ("tau21 costs $5.", "tau21 costs \\$5."),
        ("", "."),
    ],
)
def test_a_message_is_a_sentence_in_which_symbols_keep_their_case(message: str, said: str) -> None:
    assert sentence(message) == said


def test_a_sample_that_may_not_be_read_is_said_on_its_card_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has more events than this installation allows."""
    monkeypatch.setenv("INFOSCOPE_MAX_ROWS", "100000")
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert "has 120,000 events; allowed: 100,000" in app.error[0].value
    offered = [button.key for button in app.button if button.label == "Use this sample"]
    assert {"use-dimuon", "use-radiative_b"} <= set(offered)
    assert "use-boosted_w" not in offered
