"""One pair: density, pointwise information and entropies."""

import dataclasses

import numpy as np
import pytest

from core.events.table import Column, EventTable
from core.figures.pair import density_figure, entropy_figure, npmi_figure
from core.information.pointwise import pair_map
from tests.figures.conftest import Results


def table(**columns) -> EventTable:
    return EventTable("t", {name: np.asarray(values) for name, values in columns.items()})


def test_cells_lie_where_their_events_are(results: Results) -> None:
    """Columns of the map run along x: a cell's NPMI stands between its own edges."""
    pair = results.pair
    cells = npmi_figure(pair).data[0]
    np.testing.assert_allclose(cells.x, pair.x.edges)
    np.testing.assert_allclose(cells.y, pair.y.edges)
    np.testing.assert_array_equal(cells.z, pair.npmi.T)
    assert np.asarray(cells.text).shape == cells.z.shape
    i, j = 2, 5
    assert pair.x.labels[i] in cells.text[j][i] and pair.y.labels[j] in cells.text[j][i]
    assert f"NPMI {pair.npmi[i, j]:.3f}".replace("-", "−") in cells.text[j][i]


def test_npmi_colours_are_symmetric_about_zero(results: Results) -> None:
    cells = npmi_figure(results.pair).data[0]
    assert cells.zmin == -cells.zmax == -np.nanmax(np.abs(results.pair.npmi))


def test_density_times_area_is_the_share_of_events(results: Results) -> None:
    cells = density_figure(results.pair).data[0]
    area = np.outer(np.diff(cells.y), np.diff(cells.x))
    np.testing.assert_allclose(10**cells.z * area, results.pair.density.T, rtol=1e-9)


def test_empty_cells_are_empty(rng: np.random.Generator) -> None:
    x = rng.integers(0, 4, 500)
    pair = pair_map(table(x=x, y=x), "x", "y")
    for draw in (density_figure, npmi_figure):
        z = draw(pair).data[0].z
        assert np.isnan(z[~np.eye(4, dtype=bool)]).all() and np.isfinite(np.diag(z)).all()
        assert draw(pair).data[0].hoverongaps is False


def test_a_point_mass_is_wide_enough_to_see(rng: np.random.Generator) -> None:
    """Jets that are missing have p_T = 0 exactly: a cell without width would vanish and its density be infinite."""
    n = 4000
    x = np.where(rng.uniform(size=n) < 0.4, 0.0, 25 + rng.exponential(30, n))
    figure = density_figure(pair_map(table(x=x, y=rng.normal(size=n)), "x", "y", bins=8))
    cells, (low, high) = figure.data[0], figure.layout.xaxis.range
    assert np.diff(cells.x).min() >= (high - low) / 400
    assert np.isfinite(cells.zmax) and np.all(np.diff(cells.x) > 0)


def test_long_tails_are_cropped(rng: np.random.Generator) -> None:
    x = np.append(rng.normal(size=2000), 1e6)
    figure = npmi_figure(pair_map(table(x=x, y=x[::-1]), "x", "y", bins=8))
    assert figure.layout.xaxis.range[1] < 10
    assert figure.data[0].x[-1] == pytest.approx(1e6)


def test_missing_values_are_counted_not_drawn(rng: np.random.Generator) -> None:
    x = rng.normal(size=1000)
    x[:250] = np.nan
    pair = pair_map(table(x=x, y=rng.normal(size=1000)), "x", "y", bins=4)
    figure = density_figure(pair)
    assert figure.data[0].z.shape == (4, 4)
    assert "25 % without a value" in figure.layout.title.subtitle.text


def test_few_whole_numbers_label_their_cells() -> None:
    x = np.tile([0, 1, 2, 5], 50)
    axis = npmi_figure(pair_map(table(x=x, y=x), "x", "y")).layout.xaxis
    assert list(axis.ticktext) == ["0", "1", "2", "5"]


def test_constants_can_be_drawn() -> None:
    pair = pair_map(table(x=np.zeros(50), y=np.arange(50.0)), "x", "y", bins=4)
    for draw in (density_figure, npmi_figure, entropy_figure):
        assert draw(pair).data


def test_entropies_add_up_to_the_joint_one(results: Results) -> None:
    pair = results.pair
    bars = [bar.x[0] for bar in entropy_figure(pair).data]
    assert sum(bars) == pytest.approx(pair.joint_entropy)
    assert bars[1] == pair.mi
    assert bars[0] == pytest.approx(pair.entropy_x - pair.mi)


def test_information_below_zero_has_no_bar(results: Results) -> None:
    independent = dataclasses.replace(results.pair, mi=-0.001)
    assert entropy_figure(independent).data[1].x[0] == 0


def test_units_of_the_density(rng: np.random.Generator) -> None:
    columns = {name: rng.normal(size=100) for name in ("x", "y")}
    for units, words in ((("GeV", "rad"), "1/(GeV·rad)"), (("GeV", ""), "1/GeV"), (("", ""), "density, log")):
        described = {name: Column(name, name, unit) for name, unit in zip("xy", units, strict=True)}
        pair = pair_map(EventTable("t", columns, described=described), "x", "y", bins=4)
        assert words in density_figure(pair).layout.title.subtitle.text
