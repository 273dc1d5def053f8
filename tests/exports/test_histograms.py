"""Histograms for ROOT hold the run's own contents and variances, and come back from the file as they went in."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import uproot

from core.errors import DataError
from core.events.histograms import class_histogram
from core.events.table import Column, EventTable
from core.exports.histograms import class_histograms, filled, root_file, run_histograms
from core.exports.results import RunResults


def test_a_run_s_histograms_are_the_spectra_that_it_judged(unlearnt: RunResults) -> None:
    found = run_histograms(unlearnt)
    spectrum = unlearnt.view.protected[0].spectrum
    for part, sums, variance in (
        ("passing", spectrum.passed, spectrum.passed_variance),
        ("failing", spectrum.failed, spectrum.failed_variance),
    ):
        histogram = found[f"spectra/mass/background/{part}"]
        np.testing.assert_allclose(histogram.values(), sums, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(histogram.variances(), variance, rtol=1e-12)
        np.testing.assert_array_equal(histogram.axes[0].edges, spectrum.edges)
    both = found["spectra/mass/signal/passing"].values(flow=True) + found["spectra/mass/signal/failing"].values(
        flow=True
    )
    np.testing.assert_allclose(both, found["spectra/mass/signal/all"].values(flow=True), atol=1e-9)
    assert found["scores/score/signal"].sum(flow=True).value == pytest.approx(
        found["spectra/mass/signal/all"].sum(flow=True).value
    )


def test_they_come_back_from_a_root_file_as_they_went_in(unlearnt: RunResults, tmp_path: Path) -> None:
    made = run_histograms(unlearnt)
    path = tmp_path / "run.root"
    path.write_bytes(root_file(made))
    with uproot.open(path) as file:
        assert {name.partition(";")[0] for name, kind in file.classnames().items() if kind == "TH1D"} == set(made)
        for name, histogram in made.items():
            read = file[name]
            np.testing.assert_array_equal(read.values(flow=True), histogram.values(flow=True))
            np.testing.assert_array_equal(read.variances(flow=True), histogram.variances(flow=True))
            np.testing.assert_array_equal(read.axis().edges(), histogram.axes[0].edges)
            assert read.title == histogram.name
        passing = file["spectra/mass/background/passing"]
        assert passing.title == "background, passing at 50 % signal efficiency"
        assert passing.axis().member("fTitle").endswith("[GeV<b>]")


def test_histograms_of_a_data_set_are_those_of_its_page(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(2000)
    made = class_histograms(events)
    assert set(made) == {
        f"{name}/{group}"
        for name in ("leaking", "clean", "noise", "mass", "weight")
        for group in ("signal", "background")
    }
    for name in ("mass", "weight", "clean"):
        expected = class_histogram(events, name)
        for group, shape in expected.shapes.items():
            histogram = made[f"{name}/{group}"]
            area = histogram.values().sum() * np.diff(expected.edges)
            np.testing.assert_allclose(histogram.values() / area, shape.density, rtol=1e-12)
            np.testing.assert_allclose(np.sqrt(histogram.variances()) / area, shape.error, rtol=1e-12)


def test_unlabelled_events_have_one_class(toy_table: Callable[..., EventTable]) -> None:
    events = toy_table(500)
    bare = events.with_roles(events.roles.model_copy(update={"label": None}))
    assert set(class_histograms(bare, ("mass",))) == {"mass/all"}


def test_values_at_the_last_edge_count_and_missing_ones_do_not() -> None:
    values = np.array([0.0, 2.0, 2.5, np.nan, np.inf])
    made = filled(Column("x"), values, np.ones(5), np.array([0.0, 1.0, 2.0]), "all")
    assert made.values(flow=True).tolist() == [0, 1, 1, 1]


def test_a_run_without_scores_of_events_says_so(unlearnt: RunResults, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="left no scores"):
        run_histograms(replace(unlearnt, folder=tmp_path))
    with pytest.raises(DataError, match="no histogram to write"):
        root_file({})


def test_each_task_that_scores_events_has_histograms(of_task: RunResults, tmp_path: Path) -> None:
    made = run_histograms(of_task)
    path = tmp_path / "run.root"
    path.write_bytes(root_file(made))
    evaluation = of_task.evaluation
    if evaluation is not None:
        spectrum = evaluation.protected[0].spectrum
        np.testing.assert_allclose(made["spectra/mass/background/passing"].values(), spectrum.passed, atol=1e-9)
    with uproot.open(path) as file:
        assert all(file[name].all_members["fN"] == histogram.size for name, histogram in made.items())
