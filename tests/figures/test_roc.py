"""Background rejection against signal efficiency."""

import dataclasses

import numpy as np

from core.evaluation.roc import RocCurve
from core.figures.roc import roc_figure
from core.results import Estimate
from tests.figures.conftest import Results


def curves(figure) -> list:
    return [trace for trace in figure.data if trace.name]


def test_rejection_is_one_over_background_efficiency(results: Results) -> None:
    (curve,) = curves(roc_figure({"run": results.evaluation}))
    background = results.evaluation.roc.background_efficiency
    np.testing.assert_allclose(curve.y[background > 0] * background[background > 0], 1)


def test_no_passing_background_leaves_a_gap(results: Results) -> None:
    roc = RocCurve(np.array([0.1, 0.5, 1.0]), np.array([0.0, 0.25, 1.0]))
    (curve,) = curves(roc_figure({"run": dataclasses.replace(results.evaluation, roc=roc)}))
    np.testing.assert_array_equal(curve.y, [np.nan, 4, 1])


def test_legend_gives_the_area(results: Results) -> None:
    evaluation = dataclasses.replace(results.evaluation, auc=Estimate(0.88312, 0.0021))
    (curve,) = curves(roc_figure({"<b>run": evaluation}))
    assert curve.name == "&lt;b&gt;run: AUC 0.883 ± 0.002"


def test_runs_differ_without_colour_and_baseline_comes_first(results: Results) -> None:
    runs = {f"run {i}": results.evaluation for i in range(5)} | {"reference": results.sculpting}
    drawn = curves(roc_figure(runs, "reference"))
    assert drawn[0].name.startswith("reference")
    assert len({trace.line.dash for trace in drawn}) == len({trace.line.color for trace in drawn}) == 6


def test_number_of_events_is_given_once_or_said_to_differ(results: Results) -> None:
    other = dataclasses.replace(results.sculpting, n_events=7)
    same = roc_figure({"a": results.evaluation, "b": results.evaluation}).layout.title.subtitle.text
    assert same.count("events") == 1 and "3,000" in same
    assert "different events" in roc_figure({"a": results.evaluation, "b": other}).layout.title.subtitle.text


def test_no_run_is_an_empty_figure() -> None:
    assert curves(roc_figure({})) == []
