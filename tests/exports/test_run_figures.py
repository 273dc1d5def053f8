"""A run's figures, tables and figures of merit are found without a screen, for every task."""

from pathlib import Path

import pytest

from core.errors import DataError
from core.exports.hepdata import hepdata_archive
from core.exports.merits import merits, outcome, sample_size
from core.exports.report import report_html
from core.exports.results import RunResults, read_results
from core.exports.run_figures import exhibits, figures_of, tables_of
from core.figures.palette import PALETTES
from core.figures.style import alt_text
from core.store.request import RunRequest
from core.store.store import RunStore


def test_a_run_that_unlearned_has_the_figures_and_tables_of_its_page(unlearnt: RunResults) -> None:
    names = {"spectrum-mass", "efficiency-mass", "roc", "loss"}
    audited = {"audit-mass-flatness", "audit-mass-density"}
    found = figures_of(unlearnt)
    assert names | audited <= set(found) <= set(exhibits(unlearnt))
    tables = tables_of(unlearnt)
    assert set(tables) == {"figures-of-merit", "audit", "history", "spectrum-mass", "efficiency-mass", "roc"}
    assert len(tables["history"]) == unlearnt.run.epoch
    assert set(tables["roc"]["run"]) == {"DisCo, λ = 5", "Baseline"}


def test_figures_are_drawn_in_both_modes(unlearnt: RunResults) -> None:
    for mode, palette in PALETTES.items():
        assert all(f.layout.template.layout.paper_bgcolor == palette.paper for f in figures_of(unlearnt, mode).values())


def test_merits_are_those_of_the_evaluation_with_their_errors(unlearnt: RunResults) -> None:
    found = {each.name: each for each in merits(unlearnt)}
    judged = unlearnt.view.protected[0]
    assert found["AUC"].value == unlearnt.view.auc
    flat = next(each for name, each in found.items() if name.startswith("1/JSD"))
    assert flat.value.value == pytest.approx(1 / judged.jsd_nats.value)
    assert flat.value.error == pytest.approx(judged.jsd_nats.error / judged.jsd_nats.value**2)
    assert flat.limit == pytest.approx(1 / judged.limit_nats)
    assert sample_size(unlearnt).startswith(f"{unlearnt.view.n_events:,} events (N_eff")


def test_every_task_gives_figures_tables_an_outcome_and_valid_files(of_task: RunResults) -> None:
    figures = figures_of(of_task)
    assert len(figures) >= 2
    assert all(alt_text(figure) for figure in figures.values())
    tables = tables_of(of_task)
    assert {name for name, each in exhibits(of_task).items() if each.table is not None} & set(tables)
    assert all(len(frame.columns) >= 2 for frame in tables.values())
    assert len(merits(of_task)) >= 2
    assert outcome(of_task).endswith(".")
    html = report_html(of_task)
    assert all(f'id="figure-{name}"' in html for name in figures)
    assert hepdata_archive(of_task, images=False).startswith(b"\x1f\x8b")  # raises where HEPData would refuse


def test_a_run_without_results_is_refused(data: Path, unlearnt: RunResults) -> None:
    store = RunStore(f"sqlite:///{data}/runs.sqlite")
    run = store.add(RunRequest(dataset=unlearnt.run.request.dataset), {"epochs": 2})
    with pytest.raises(DataError, match=f"run {run.id} is queued and has no results yet"):
        read_results(store, run.id, data / "runs")
    store.delete(run.id)
    store.close()
