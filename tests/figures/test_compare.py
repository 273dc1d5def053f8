"""Several runs on common axes: each value in its place, and the baseline in grey."""

from dataclasses import replace

import numpy as np
import pytest

from core.evaluation.compare import PassingSpectra, Scored, passing_spectra
from core.figures.compare import LARGEST_ERROR, efficiencies_figure, passing_figure
from core.figures.palette import PALETTES, Mode
from core.figures.roc import roc_figure
from core.figures.style import alt_text
from tests.figures.conftest import MASS, Results


@pytest.fixture(scope="module")
def spectra(results: Results) -> PassingSpectra:
    events = results.table
    first = Scored("Baseline", np.asarray(events["leaking"], float), events, results.sculpting)
    return passing_spectra(
        [first, Scored("<b>B</b>", np.asarray(events["leaking"] + events["noise"], float), events, results.sculpting)],
        "mass",
    )


def test_the_ratio_to_the_first_run_stands_below(spectra: PassingSpectra) -> None:
    figure = passing_figure(spectra, MASS, "Baseline")
    first, other = spectra.spectra
    named = {trace.name: trace for trace in figure.data if trace.name and trace.showlegend is None}
    assert set(named) == {"all background", "Baseline", "&lt;b&gt;B&lt;/b&gt;"}
    np.testing.assert_array_equal(named["Baseline"].y[::2], first.density)
    np.testing.assert_array_equal(named["&lt;b&gt;B&lt;/b&gt;"].y[::2], other.density)
    below = [trace for trace in figure.data if trace.yaxis == "y2"]
    assert set(below[0].y) == {1}
    known = other.ratio_error <= LARGEST_ERROR
    assert known.any()
    np.testing.assert_array_equal(below[1].y[known], other.ratio[known])
    assert np.isnan(below[1].y[~known].astype(float)).all()
    assert "<b>B</b> lies between" in alt_text(figure)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_runs_have_the_colours_that_they_have_in_the_roc_figure(results: Results, mode: Mode) -> None:
    evaluations = {"A": results.evaluation, "Baseline": results.sculpting, "C": results.evaluation}
    roc = {
        trace.name.partition(":")[0]: trace.line
        for trace in roc_figure(evaluations, "Baseline", mode).data
        if trace.name
    }
    drawn = {trace.name: trace.line for trace in efficiencies_figure(evaluations, MASS, "Baseline", mode).data}
    assert {name: (line.color, line.dash) for name, line in drawn.items()} == {
        name: (line.color, line.dash) for name, line in roc.items()
    }
    assert drawn["Baseline"].color == PALETTES[mode].muted


def test_efficiencies_are_those_at_half_the_signal(results: Results) -> None:
    judged = results.evaluation.protected[0].efficiency
    figure = efficiencies_figure({"A": results.evaluation}, MASS)
    row = judged.signal_efficiencies.tolist().index(0.5)
    share = judged.background[row]
    np.testing.assert_array_equal(np.nan_to_num(figure.data[0].y.astype(float)), share)
    assert figure.layout.shapes[0].y0 == judged.inclusive[row]
    assert "at 50 % signal efficiency: A between" in alt_text(figure)


def test_a_run_that_was_not_judged_on_the_variable_is_left_out(results: Results) -> None:
    other = replace(results.evaluation, protected=(replace(results.evaluation.protected[0], variable="other"),))
    figure = efficiencies_figure({"A": results.evaluation, "B": other}, MASS)
    assert [trace.name for trace in figure.data] == ["A"]
