"""The plane and the closure map show the numbers that they are given."""

import json
from typing import get_args

import numpy as np
import pytest

from core.evaluation.abcd import TwoScores
from core.figures.abcd import closure_figure, plane_figure
from core.figures.palette import Mode
from core.figures.style import alt_text
from core.tables.abcd import closure_table, regions_table

modes = pytest.mark.parametrize("mode", get_args(Mode))


@pytest.fixture(scope="module")
def scores() -> TwoScores:
    rng = np.random.default_rng(3)
    is_signal = np.arange(4000) % 2 == 0
    f, g = 1 / (1 + np.exp(-(rng.normal(size=(2, 4000)) + is_signal)))
    return TwoScores(f, g, is_signal, rng.uniform(0.5, 1.5, 4000))


@modes
def test_the_plane_shows_density_cuts_regions_and_signal(scores: TwoScores, mode: Mode) -> None:
    plane, closure = scores.plane(10), scores.closure(0.7, 0.4)
    figure = plane_figure(plane, closure, mode)
    filled = plane.background > 0
    shown = 10 ** np.asarray(figure.data[0].z)[filled]
    np.testing.assert_allclose(shown, plane.background[filled] / plane.background.sum())
    upright, level = figure.layout.shapes
    assert (upright.x0, upright.x1) == (0.7, 0.7)
    assert (level.y0, level.y1) == (0.4, 0.4)
    assert [note.text for note in figure.layout.annotations] == [f"<b>{letter}</b>" for letter in "ABCD"]
    places = [(note.x > 0.5, note.y > 0.5) for note in figure.layout.annotations]
    assert places == [(True, True), (True, False), (False, True), (False, False)]
    assert [trace.contours.value for trace in figure.data[1:]] == [0.5, 0.8]
    assert f"{closure.ratio.value:.2f}" in alt_text(figure)
    assert json.loads(figure.to_json())["data"]


@modes
def test_the_closure_map_shows_every_pair_of_cuts_and_the_present_one(scores: TwoScores, mode: Mode) -> None:
    found = scores.scan((0.3, 0.6, 0.9))
    figure = closure_figure(found, (0.6, 0.9), mode)
    np.testing.assert_allclose(figure.data[0].z, found.ratio)
    middle = figure.data[0].zmin + figure.data[0].zmax
    assert middle == 2
    assert (figure.data[1].x[0], figure.data[1].y[0]) == (60, 90)
    hover = figure.data[0].text[2][0]
    assert "on f keeps 30 % of the signal, on g 90 %" in hover
    good = int((abs(found.ratio - 1) <= 0.1).sum())
    assert f"{good} of 9 pairs of cuts close within 10 %" in alt_text(figure)


def test_tables_hold_what_the_figures_show(scores: TwoScores) -> None:
    found, closure = scores.scan((0.3, 0.9)), scores.closure(0.7, 0.4)
    table = closure_table(found)
    row = table[(table.efficiency_f == 0.3) & (table.efficiency_g == 0.9)].iloc[0]
    single = scores.closure(row.cut_f, row.cut_g)
    assert row.ratio == pytest.approx(single.ratio.value)
    assert row.contamination == pytest.approx(single.contamination)
    regions = regions_table(closure).set_index("region")
    assert regions.background["B"] == pytest.approx(closure.regions[1].background.value)
    assert (regions.f_passes["B"], regions.g_passes["B"]) == (True, False)
