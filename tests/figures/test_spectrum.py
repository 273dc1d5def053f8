"""The spectrum before and after the cut: areas, ratio, errors and words."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import DataError
from core.evaluation.evaluate import Evaluation, ProtectedEvaluation
from core.evaluation.roc import RocCurve
from core.evaluation.sculpting import Efficiency, Spectrum
from core.events.table import Column
from core.figures.efficiency import efficiency_figure
from core.figures.spectrum import inverse_jsd, spectrum_figure
from core.figures.words import plain
from core.results import Estimate
from tests.figures.conftest import MASS, Results


def evaluation_of(spectrum: Spectrum, jsd: float = 0.01, error: float = 0.001, limit: float = 0.002) -> Evaluation:
    nothing = np.zeros((1, 1))
    efficiency = Efficiency(np.array([0.0, 1.0]), np.array([0.5]), nothing, nothing, np.array([0.1]))
    judged = ProtectedEvaluation("mass", spectrum, efficiency, Estimate(jsd, error), limit, 0.0, Estimate(0.0))
    roc = RocCurve(np.array([1.0]), np.array([1.0]))
    return Evaluation(10, 10.0, 5, 0.5, 0.0, Estimate(0.9), Estimate(10.0), roc, (judged,))


def counted(passed: list[float], failed: list[float]) -> Spectrum:
    """Return the spectrum of unweighted events over bins of unequal width."""
    edges = np.concatenate([[0.0], np.cumsum(np.arange(1.0, len(passed) + 1))])
    p, f = np.array(passed), np.array(failed)
    return Spectrum(edges, p, f, p, f)


def test_both_spectra_have_unit_area(results: Results) -> None:
    figure = spectrum_figure(results.evaluation, MASS)
    outline, passing, *_ = figure.data
    edges = results.evaluation.protected[0].spectrum.edges
    assert np.sum(outline.y[1:-1:2] * np.diff(edges)) == pytest.approx(1)
    assert np.sum(passing.y * np.diff(edges)) == pytest.approx(1)


def test_ratio_of_an_independent_cut_is_one() -> None:
    ratio = spectrum_figure(evaluation_of(counted([10, 20, 30], [90, 180, 270])), MASS).data[2]
    np.testing.assert_allclose(ratio.y, 1)


def test_ratio_error_is_the_binomial_one(rng: np.random.Generator) -> None:
    """Of n events a share ε passes: the ratio scatters by sqrt(ε(1 - ε)/n)/ε, less than two separate samples."""
    n, share = np.array([400, 900]), 0.3
    passed = rng.binomial(n, share, (4000, 2))
    drawn = np.array([p / n * n.sum() / (n.sum() * share) for p in passed])
    spectrum = counted(list(n * share), list(n * (1 - share)))
    ratio = spectrum_figure(evaluation_of(spectrum), MASS).data[2]
    np.testing.assert_allclose(ratio.error_y.array, np.sqrt(share * (1 - share) / n) / share, rtol=1e-12)
    np.testing.assert_allclose(ratio.error_y.array, drawn.std(axis=0), rtol=0.05)


def test_error_bars_know_the_weights() -> None:
    edges, one = np.array([0.0, 1.0, 2.0]), np.array([4.0, 4.0])
    spectrum = Spectrum(edges, one, one, np.array([9.0, 4.0]), one)
    passing = spectrum_figure(evaluation_of(spectrum), MASS).data[1]
    np.testing.assert_allclose(passing.error_y.array, [3 / 8, 2 / 8])


def test_the_lower_bar_of_a_single_event_ends_at_zero_not_at_what_rounding_leaves() -> None:
    """A logarithmic axis would reach down to such a remainder, 1e-18."""
    weights = np.random.default_rng(3).uniform(0.1, 2.0, 400)
    one, variance = weights / 3, weights**2 / 9
    spectrum = Spectrum(np.linspace(0.0, 7.0, 401), one, one, variance, variance)
    passing = spectrum_figure(evaluation_of(spectrum), MASS).data[1]
    assert np.any(passing.y != passing.error_y.array)  # rounding does leave something
    assert np.all(passing.y == passing.error_y.arrayminus)


def test_empty_bins_and_an_empty_selection_leave_gaps() -> None:
    ratio = spectrum_figure(evaluation_of(counted([5, 0, 0], [5, 5, 0])), MASS).data[2]
    assert ratio.y[1] == 0 and np.isnan(ratio.y[2])
    nothing = spectrum_figure(evaluation_of(counted([0, 0], [5, 5])), MASS)
    assert np.isnan(nothing.data[1].y).all()


def test_baseline_is_dashed_beside(results: Results) -> None:
    alone = spectrum_figure(results.evaluation, MASS)
    beside = spectrum_figure(results.evaluation, MASS, results.sculpting)
    added = [trace for trace in beside.data if trace.line.dash]
    assert len(beside.data) == len(alone.data) + 2 == len(added) + len(alone.data)
    assert "baseline" in added[0].name
    assert "baseline 1/JSD" in plain(beside.layout.title.subtitle.text)


def test_axes_stay_while_the_spectrum_flattens() -> None:
    """Steps of √2 over all background: of many heights there are few axes, and nothing is ever cut off."""
    failed = np.array([300.0, 300.0, 300.0])
    edges = [0.0, 1.0, 2.0, 3.0]
    tops, ratios = set(), set()
    for peak in np.linspace(0, 100, 41):
        passed = np.array([100 - peak / 2, 100 + peak, 100 - peak / 2])
        spectrum = Spectrum(np.array(edges), passed, failed, passed, failed)
        figure = spectrum_figure(evaluation_of(spectrum), MASS)
        passing = figure.data[1]
        top, ratio = figure.layout.yaxis.range[1], figure.layout.yaxis2.range[1]
        assert (passing.y + passing.error_y.array).max() <= top
        assert (figure.data[2].y - figure.data[2].error_y.array).max() < ratio
        tops.add(round(top / figure.data[0].y.max(), 1))
        ratios.add(ratio)
    assert len(tops) <= 4 and ratios <= {2.0, 3.0}
    sculpted = Spectrum(np.array(edges), np.array([0.0, 300.0, 0.0]), failed, failed, failed)
    beside = spectrum_figure(evaluation_of(spectrum), MASS, evaluation_of(sculpted))
    assert beside.layout.yaxis.range[1] >= 1.0  # all of the baseline's area is in the middle bin


def test_sculpting_is_written_with_error_and_limit() -> None:
    judged = evaluation_of(counted([1, 1], [1, 1]), jsd=1 / 118, error=9 / 118**2, limit=1 / 391).protected[0]
    assert inverse_jsd(judged) == "1/JSD = 118 ± 9 (statistical limit 391)"
    flat = evaluation_of(counted([1, 1], [1, 1]), jsd=0.0, limit=float("nan")).protected[0]
    assert inverse_jsd(flat) == "1/JSD = ∞"


def of_years(passed: list[float], failed: list[float]) -> Evaluation:
    """Return the evaluation of unweighted events of 2016, 2017 and 2018."""
    p, f, values = np.array(passed), np.array(failed), np.array([2016.0, 2017.0, 2018.0])
    evaluation = evaluation_of(Spectrum(np.arange(2015.5, 2019), p, f, p, f, values))
    share = (p / (p + f))[None]
    efficiency = Efficiency(np.arange(2015.5, 2019), np.array([0.5]), share, share / 10, np.array([0.2]), values)
    return replace(evaluation, protected=(replace(evaluation.protected[0], efficiency=efficiency),))


def test_a_year_has_bars_of_shares_with_ticks_in_full() -> None:
    figure = spectrum_figure(of_years([10, 20, 10], [10, 30, 20]), Column("mass", "year"))
    every, passing, ratio = figure.data
    assert figure.layout.xaxis.ticktext == ("2016", "2017", "2018")
    assert figure.layout.xaxis.tickvals == (2016, 2017, 2018)
    np.testing.assert_allclose(passing.x, [2016, 2017, 2018])
    np.testing.assert_allclose(passing.y, [0.25, 0.5, 0.25])
    np.testing.assert_allclose(every.y[1::4], [0.2, 0.5, 0.3])
    np.testing.assert_allclose(every.x[1::4], [2015.6, 2016.6, 2017.6])
    np.testing.assert_allclose(ratio.y, [1.25, 1.0, 0.25 / 0.3])
    assert passing.text[0].startswith("year 2016<br>passing 0.25")
    assert figure.layout.yaxis.title.text == "share of events"


def test_codes_of_text_are_drawn_with_their_names() -> None:
    column = Column("mass", "generator", labels=("a<b", "herwig", "pythia"))
    evaluation = of_years([10, 20, 10], [10, 30, 20])
    judged = evaluation.protected[0]
    spectrum, efficiency = (
        replace(part, values=np.arange(3.0), edges=np.arange(-0.5, 3)) for part in (judged.spectrum, judged.efficiency)
    )
    coded = replace(evaluation, protected=(replace(judged, spectrum=spectrum, efficiency=efficiency),))
    beside = spectrum_figure(coded, column, coded)
    assert beside.layout.xaxis.ticktext == ("a&lt;b", "herwig", "pythia")
    assert beside.data[-1].text[2].startswith("generator pythia<br>")
    drawn = efficiency_figure(coded, column)
    assert drawn.layout.xaxis.ticktext == ("a&lt;b", "herwig", "pythia")
    assert drawn.data[0].mode == "markers"
    assert drawn.data[0].text[1].startswith("generator herwig<br>background efficiency 0.40")


def test_unknown_variables_are_refused(results: Results) -> None:
    with pytest.raises(DataError, match=r"^'pt' is not a protected variable of this run; allowed: mass$"):
        spectrum_figure(results.evaluation, Column("pt"))


def test_what_the_axis_of_the_ratio_cuts_off_is_marked_with_its_value() -> None:
    """All of the baseline passes in one bin of ten alike ones: ten times the average, on an axis that ends at 2."""
    flat, every = counted([10.0] * 10, [90.0] * 10), np.full(10, 90.0)
    peak = np.where(np.arange(10) == 4, 100.0, 0.0)
    baseline = Spectrum(flat.edges, peak, every + 10 - peak, peak, every + 10 - peak)
    figure = spectrum_figure(evaluation_of(flat), MASS, evaluation_of(baseline))
    arrows = [trace for trace in figure.data if trace.marker.symbol == "triangle-up"]
    assert [list(trace.x) for trace in arrows] == [[(flat.edges[4] + flat.edges[5]) / 2]]
    assert "passing / all 10" in arrows[0].text[0] and arrows[0].marker.color == figure.data[1].line.color
    assert arrows[0].y[0] < figure.layout.yaxis2.range[1] == 2
    assert not [trace for trace in spectrum_figure(evaluation_of(flat), MASS).data if trace.marker.symbol]
