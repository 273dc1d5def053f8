"""One pair: density, pointwise information and entropies."""

import dataclasses

import numpy as np
import pytest

from core.events.table import Column, EventTable, Roles
from core.figures.pair import density_figure, entropy_figure, pointwise_figure
from core.figures.pair_circles import circles, overlap
from core.figures.pair_profile import profile_figure, scatter_figure
from core.figures.style import alt_text
from core.figures.words import plain
from core.information.pointwise import POINTWISE, pair_map
from core.information.profile import profile, sample_pair
from core.numbers import format_number
from tests.figures.conftest import Results


def table(**columns) -> EventTable:
    return EventTable("t", {name: np.asarray(values) for name, values in columns.items()})


def test_cells_lie_where_their_events_are(results: Results) -> None:
    """Columns of the map run along x: a cell's NPMI stands between its own edges."""
    pair = results.pair
    cells = pointwise_figure(pair).data[0]
    np.testing.assert_allclose(cells.x, pair.x.edges)
    np.testing.assert_allclose(cells.y, pair.y.edges)
    np.testing.assert_array_equal(cells.z, pair.npmi.T)
    assert np.asarray(cells.text).shape == cells.z.shape
    i, j = 2, 5
    assert pair.x.labels[i] in cells.text[j][i] and pair.y.labels[j] in cells.text[j][i]
    assert f"NPMI {pair.npmi[i, j]:.3f}".replace("-", "−") in cells.customdata[j][i]
    cells = density_figure(pair).data[0]
    assert pair.x.labels[i] in cells.text[j][i] and pair.y.labels[j] in cells.text[j][i]
    np.testing.assert_allclose(cells.customdata[j, i], [100 * pair.density[i, j], 10 ** cells.z[j, i]], rtol=1e-6)


def test_npmi_colours_are_symmetric_about_zero(results: Results) -> None:
    cells = pointwise_figure(results.pair).data[0]
    assert cells.zmin == -cells.zmax == -np.nanmax(np.abs(results.pair.npmi))


def test_density_times_area_is_the_share_of_events(results: Results) -> None:
    cells = density_figure(results.pair).data[0]
    area = np.outer(np.diff(cells.y), np.diff(cells.x))
    np.testing.assert_allclose(10**cells.z * area, results.pair.density.T, rtol=1e-9)


def test_empty_cells_are_empty(rng: np.random.Generator) -> None:
    x = rng.integers(0, 4, 500)
    pair = pair_map(table(x=x, y=x), "x", "y")
    for draw in (density_figure, pointwise_figure):
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
    figure = pointwise_figure(pair_map(table(x=x, y=x[::-1]), "x", "y", bins=8))
    assert figure.layout.xaxis.range[1] < 10
    assert figure.data[0].x[-1] == pytest.approx(1e6)


def test_missing_values_are_counted_not_drawn(rng: np.random.Generator) -> None:
    x = rng.normal(size=1000)
    x[:250] = np.nan
    pair = pair_map(table(x=x, y=rng.normal(size=1000)), "x", "y", bins=4)
    figure = density_figure(pair)
    assert figure.data[0].z.shape == (4, 4)
    assert "not drawn: 25 % without a value" in figure.layout.title.subtitle.text


def test_few_whole_numbers_label_their_cells() -> None:
    x = np.tile([0, 1, 2, 5], 50)
    axis = pointwise_figure(pair_map(table(x=x, y=x), "x", "y")).layout.xaxis
    assert list(axis.ticktext) == ["0", "1", "2", "5"]


def test_constants_can_be_drawn() -> None:
    pair = pair_map(table(x=np.zeros(50), y=np.arange(50.0)), "x", "y", bins=4)
    for draw in (density_figure, pointwise_figure, entropy_figure):
        assert draw(pair).data


def area_of(trace) -> float:
    """Return the area that an outline encloses (the shoelace formula)."""
    return abs(np.dot(trace.x, np.roll(trace.y, 1)) - np.dot(trace.y, np.roll(trace.x, 1))) / 2


def test_areas_are_entropies(results: Results) -> None:
    """The discs are H(X) and H(Y), their overlap, which lies on top, I(X;Y)."""
    pair = results.pair
    first, second, shared = entropy_figure(pair).data
    assert area_of(first) == pytest.approx(pair.entropy_x, rel=0.01)
    assert area_of(second) == pytest.approx(pair.entropy_y, rel=0.01)
    assert area_of(shared) == pytest.approx(pair.mi, rel=0.01)
    assert {first.fillpattern.shape, second.fillpattern.shape} == {"/", "\\"}


def test_areas_say_values_with_errors(results: Results) -> None:
    notes = plain(entropy_figure(results.pair).layout.title.subtitle.text)
    assert notes.count("±") == 3
    assert format_number(results.pair.mi, results.pair.mi_error, "nats") in notes


@pytest.mark.parametrize(("first", "second", "shared"), [(3, 2, 0.5), (3, 0.7, 0.69), (3.4, 3.4, 0.004), (1, 5, 0.2)])
def test_circles_share_the_area_they_should(first: float, second: float, shared: float) -> None:
    found = circles(first, second, shared)
    assert overlap(found.first, found.second, found.distance) == pytest.approx(shared, rel=1e-6)
    assert (np.pi * found.first**2, np.pi * found.second**2) == pytest.approx((first, second))


def test_the_overlap_is_that_of_random_points(rng: np.random.Generator) -> None:
    points = rng.uniform(-2, 2, (200_000, 2))
    within = (np.hypot(*points.T) < 1) & (np.hypot(points[:, 0] - 0.8, points[:, 1]) < 0.7)
    assert overlap(1.0, 0.7, 0.8) == pytest.approx(16 * within.mean(), rel=0.02)


def test_circles_touch_or_lie_inside_where_nothing_or_all_is_shared(results: Results) -> None:
    apart, inside = circles(2, 1, -0.001), circles(2, 1, 1.2)
    assert apart.distance == pytest.approx(apart.first + apart.second)
    assert inside.distance == pytest.approx(inside.first - inside.second)
    assert len(apart.outlines()[1]) == 0
    assert not len(entropy_figure(dataclasses.replace(results.pair, mi=-0.001)).data[2].x)


def test_units_of_the_density(rng: np.random.Generator) -> None:
    columns = {name: rng.normal(size=100) for name in ("x", "y")}
    for units, words in (
        (("GeV", "rad"), "1/(GeV·rad)"),
        (("GeV", ""), "1/GeV"),
        (("GeV", "GeV"), "1/GeV²"),
        (("", ""), "density, log"),
    ):
        described = {name: Column(name, name, unit) for name, unit in zip("xy", units, strict=True)}
        pair = pair_map(EventTable("t", columns, described=described), "x", "y", bins=4)
        assert words in density_figure(pair).layout.title.subtitle.text


def two_classes(rng: np.random.Generator) -> list:
    wide, narrow = rng.normal(size=(2, 4000)), 0.2 * rng.normal(size=(2, 4000)) + 1
    return [pair_map(table(x=each[0], y=each[1]), "x", "y", bins=8) for each in (wide, narrow)]


@pytest.mark.parametrize("measure", POINTWISE)
def test_classes_side_by_side_have_axes_and_colours_in_common(rng: np.random.Generator, measure: str) -> None:
    pairs = two_classes(rng)
    for figures in (
        [density_figure(pair, beside=pairs) for pair in pairs],
        [pointwise_figure(pair, measure=measure, beside=pairs) for pair in pairs],
    ):
        first, second = figures
        assert first.layout.xaxis.range == second.layout.xaxis.range
        assert first.layout.yaxis.range == second.layout.yaxis.range
        assert (first.data[0].zmin, first.data[0].zmax) == (second.data[0].zmin, second.data[0].zmax)
    low, high = first.layout.xaxis.range
    assert low < -1.2 and high > 1.2


@pytest.mark.parametrize("measure", POINTWISE)
def test_every_measure_has_its_map_and_colours_that_span_it(results: Results, measure: str) -> None:
    cells = pointwise_figure(results.pair, measure=measure).data[0]
    np.testing.assert_array_equal(cells.z, results.pair.pointwise(measure).T)
    assert cells.zmin <= np.nanmin(cells.z) and cells.zmax >= np.nanmax(cells.z)
    if POINTWISE[measure].is_signed:
        assert cells.zmin == -cells.zmax


def test_a_spike_does_not_pale_the_rest(rng: np.random.Generator) -> None:
    """Half of the events at one value are dense beyond all bounds; colours end where the bulk does."""
    n = 8000
    x = np.where(rng.uniform(size=n) < 0.5, 0.0, 25 + rng.exponential(30, n))
    figure = density_figure(pair_map(table(x=x, y=rng.normal(size=n)), "x", "y", bins=16))
    cells = figure.data[0]
    assert np.nanmax(cells.z[:, 1:]) <= cells.zmax + 0.7 < np.nanmax(cells.z[:, 0])
    assert "densest 2 % of plane alike" in figure.layout.title.subtitle.text


def test_a_sentinel_stays_outside_and_is_told(rng: np.random.Generator) -> None:
    x = rng.normal(size=4000)
    x[:400] = -999.0
    for values in (x, *(np.where(x == -999, -999, rng.integers(0, n, 4000)) for n in (4, 3, 2))):
        figure = pointwise_figure(pair_map(table(x=values, y=rng.normal(size=4000)), "x", "y", bins=16))
        low, high = figure.layout.xaxis.range
        assert -20 < low < -0.4 and high < 20
        assert "not drawn: 10 % far outside" in figure.layout.title.subtitle.text


def test_a_value_beside_a_sentinel_is_as_dense_as_the_others(rng: np.random.Generator) -> None:
    """Its cell reaches halfway to the sentinel; only the part that is drawn counts."""
    x = np.concatenate([np.full(1000, -999), np.tile([0, 1, 2], 3000)])
    cells = density_figure(pair_map(table(x=x, y=rng.integers(0, 2, 10_000)), "x", "y")).data[0]
    assert 10 ** cells.z[0, 1] == pytest.approx(10 ** cells.z[0, 2], rel=0.2)


def test_values_of_all_classes_have_a_tick() -> None:
    pairs = [pair_map(table(x=np.tile(values, 50), y=np.arange(150.0)), "x", "y") for values in ([0, 1, 2], [0, 1, 4])]
    assert list(density_figure(pairs[0], beside=pairs).layout.xaxis.tickvals) == [0, 1, 2, 4]


def test_the_scatter_marks_negative_weights_and_shares_the_axes_of_the_maps(results: Results) -> None:
    sample = sample_pair(results.table, "mass", "leaking", size=1000, rng=np.random.default_rng(0))
    figure = scatter_figure(sample, results.pair)
    assert sum(len(trace.x) for trace in figure.data) == len(sample.x)
    assert len(figure.data[1].x) == sample.is_negative.sum() > 0
    assert figure.layout.xaxis.range == density_figure(results.pair).layout.xaxis.range
    notes = plain(figure.layout.title.subtitle.text)
    assert "1,000 of them, drawn in proportion to |w|" in notes and "negative weight" in notes


def test_events_of_one_whole_number_are_spread_within_its_cell(rng: np.random.Generator) -> None:
    events = table(x=rng.integers(0, 3, 500), y=rng.normal(size=500))
    points = scatter_figure(sample_pair(events, "x", "y", rng=rng), pair_map(events, "x", "y")).data[0]
    shift = points.x - points.customdata[:, 0]
    assert 0.2 < np.abs(shift).max() < 0.31
    np.testing.assert_array_equal(points.y, points.customdata[:, 1])


def test_the_profile_draws_means_with_errors_medians_and_the_band(rng: np.random.Generator) -> None:
    found = profile(table(x=rng.exponential(size=3000), y=rng.normal(size=3000)), "x", "y", bins=6)
    band, median, mean = profile_figure(found).data
    np.testing.assert_allclose(np.asarray(band.base, float) + band.y, found.high)
    np.testing.assert_array_equal(median.y[::3], found.median)
    np.testing.assert_array_equal(mean.error_y.array, found.error)
    np.testing.assert_array_equal(mean.x, found.place)


def test_profiles_side_by_side_have_axes_in_common(rng: np.random.Generator) -> None:
    found = [
        profile(table(x=scale * rng.normal(size=900), y=scale * rng.normal(size=900)), "x", "y") for scale in (1, 3)
    ]
    first, second = (profile_figure(each, beside=found).layout for each in found)
    assert first.xaxis.range == second.xaxis.range and first.yaxis.range == second.yaxis.range
    assert first.yaxis.range[0] <= np.min(found[1].low)


def test_empty_bins_of_a_profile_are_told() -> None:
    weighted = EventTable(
        "t", {"x": np.array([0, 0, 1, 1]), "y": np.arange(4.0), "w": np.array([1.0, 1, 1, -1])}, Roles(weight="w")
    )
    figure = profile_figure(profile(weighted, "x", "y"))
    assert np.isnan(figure.data[2].y).tolist() == [False, True]
    assert "negative weights cancel" in figure.layout.title.subtitle.text


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_new_figures_keep_the_one_look(results: Results, mode) -> None:
    """Titles and notes fit a phone, and screen readers are told numbers."""
    sample = sample_pair(results.table, "mass", "leaking", rng=np.random.default_rng(0))
    found = profile(results.table, "mass", "leaking")
    for figure in (scatter_figure(sample, results.pair, mode), profile_figure(found, mode)):
        title = figure.layout.title
        assert all(len(plain(line)) <= 54 for line in title.text.split("<br>"))
        assert all(len(plain(line)) <= 60 for line in title.subtitle.text.split("<br>"))
        assert "events" in title.subtitle.text
        assert alt_text(figure).endswith(".") and any(letter.isdigit() for letter in alt_text(figure))


def test_a_point_mass_at_zero_has_a_bin_of_its_own(rng: np.random.Generator) -> None:
    """The bin after it starts at the smallest number above zero, which hovers write as 0."""
    x = np.where(rng.uniform(size=4000) < 0.4, 0.0, 25 + rng.exponential(30, 4000)).astype(np.float32)
    events = table(x=x, y=rng.normal(size=4000))
    texts = profile_figure(profile(events, "x", "y")).data[2].text
    assert texts[0].startswith("x 0<br>") and texts[1].startswith("x 0 to ")
    assert pair_map(events, "x", "y").x.labels[1].startswith("0 to ")
