"""Background efficiency against the protected variable."""

import dataclasses

import numpy as np
import pytest

from core.figures.efficiency import efficiency_figure
from tests.figures.conftest import MASS, Results


def test_curves_are_the_efficiencies(results: Results) -> None:
    efficiency = results.evaluation.protected[0].efficiency
    figure = efficiency_figure(results.evaluation, MASS)
    assert [trace.name for trace in figure.data] == ["10 %", "30 %", "50 %", "70 %", "90 %"]
    for trace, share, error in zip(figure.data, efficiency.background, efficiency.error, strict=True):
        np.testing.assert_array_equal(trace.y[share > 0], share[share > 0])
        np.testing.assert_array_equal(trace.error_y.array, error)
    assert figure.layout.yaxis.type == "log"


def test_working_points_differ_without_colour(results: Results) -> None:
    figure = efficiency_figure(results.evaluation, MASS)
    assert len({trace.marker.symbol for trace in figure.data}) == len({t.line.color for t in figure.data}) == 5


def test_lines_and_labels_stand_at_the_inclusive_efficiency(results: Results) -> None:
    inclusive = results.evaluation.protected[0].efficiency.inclusive
    layout = efficiency_figure(results.evaluation, MASS).layout
    np.testing.assert_allclose([shape.y0 for shape in layout.shapes], inclusive)
    np.testing.assert_allclose([label.y for label in layout.annotations], np.log10(inclusive))
    low, high = layout.yaxis.range
    assert low < np.log10(inclusive).min() and high > np.log10(inclusive).max() and high - low >= 1


def test_bins_without_passing_events_are_gaps(results: Results) -> None:
    """A log axis has no zero; error bars stay above it."""
    judged = results.evaluation.protected[0]
    share = judged.efficiency.background.copy()
    share[2, :3] = 0.0
    efficiency = dataclasses.replace(judged.efficiency, background=share, error=np.ones_like(share))
    changed = dataclasses.replace(results.evaluation, protected=(dataclasses.replace(judged, efficiency=efficiency),))
    trace = efficiency_figure(changed, MASS).data[2]
    assert np.isnan(trace.y[:3]).all() and np.isfinite(trace.y[3:]).all()
    assert (trace.error_y.arrayminus[3:] < trace.y[3:]).all()


def test_the_axis_stays_while_efficiencies_change_a_little(results: Results) -> None:
    judged = results.evaluation.protected[0]
    ranges = set()
    for factor in np.geomspace(0.9, 1.0, 5):
        share = np.where(judged.efficiency.background > 0, 0.02, 0.0) * factor
        efficiency = dataclasses.replace(judged.efficiency, background=share, inclusive=share.max(axis=1))
        judged_so = dataclasses.replace(judged, efficiency=efficiency)
        figure = efficiency_figure(dataclasses.replace(results.evaluation, protected=(judged_so,)), MASS)
        ranges.add(figure.layout.yaxis.range)
    assert ranges == {(-2.0, 0.06)}


def test_nothing_passes_at_all(results: Results) -> None:
    judged = results.evaluation.protected[0]
    nothing = np.zeros_like(judged.efficiency.background)
    efficiency = dataclasses.replace(judged.efficiency, background=nothing, inclusive=nothing[:, 0])
    changed = dataclasses.replace(results.evaluation, protected=(dataclasses.replace(judged, efficiency=efficiency),))
    layout = efficiency_figure(changed, MASS).layout
    assert layout.annotations == () and layout.yaxis.range is None


@pytest.mark.parametrize("part", ["10 %", "90 %"])
def test_alternative_text_names_the_span(results: Results, part: str) -> None:
    assert part in efficiency_figure(results.evaluation, MASS).layout.meta["alt"]
