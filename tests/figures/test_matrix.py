"""One cell for each pair: values, colours, words and what a click returns."""

import re

import numpy as np
import plotly.graph_objects as go
import pytest

from core.errors import DataError
from core.events.table import Column, EventTable
from core.figures.matrix import difference_figure, matrix_figure
from core.figures.matrix_words import SYMBOLS, measure_sentence
from core.figures.palette import PALETTES
from core.figures.words import plain, symbol
from core.information.catalogue import ALL_MEASURES, GIVEN_MEASURES, MEASURES
from core.information.difference import InformationDifference, information_difference
from core.information.estimated import ESTIMATED_MEASURES, estimated_matrix
from core.information.given import given_matrix
from core.information.matrix import InformationMatrix, information_matrix
from core.information.significance import Significance, significance
from tests.figures.conftest import Results


@pytest.fixture(scope="module")
def large() -> InformationMatrix:
    x = np.random.default_rng(3).normal(size=(200, 15))
    columns = {f"x{i}": x[:, i] for i in range(15)}
    return information_matrix(EventTable("t", columns), list(columns), bins=4)


@pytest.fixture(scope="module")
def sure(results: Results) -> Significance:
    return significance(results.table, results.matrix.names, rng=np.random.default_rng(1), bins=8)


@pytest.fixture(scope="module")
def difference(results: Results) -> InformationDifference:
    names = ["leaking", "clean", "noise", "mass"]
    signal, background = (
        information_matrix(results.table, names, event_class=each, bins=8) for each in ("signal", "background")
    )
    return information_difference(signal, background)


def test_every_measure_has_a_symbol() -> None:
    assert set(SYMBOLS) == set(ALL_MEASURES)


@pytest.mark.parametrize("measure", list(MEASURES))
def test_cells_are_the_measure_beside_the_diagonal(results: Results, measure: str) -> None:
    cells, diagonal, _ = matrix_figure(results.matrix, measure).data
    values, beside = results.matrix.measure(measure), ~np.eye(5, dtype=bool)
    np.testing.assert_array_equal(cells.z[beside], values[beside])
    assert np.isnan(np.diag(cells.z)).all() and np.isnan(diagonal.z[beside]).all()


@pytest.mark.parametrize("measure", list(GIVEN_MEASURES))
def test_what_a_third_variable_changes_is_drawn_and_named(results: Results, measure: str) -> None:
    names = ["leaking", "clean", "noise"]
    matrix = given_matrix(results.table, "mass", names, event_class="background", bins=5)
    figure = matrix_figure(matrix, measure)
    beside = ~np.eye(3, dtype=bool)
    np.testing.assert_array_equal(figure.data[0].z[beside], matrix.measure(measure)[beside])
    assert "given Z = m<br>" in figure.layout.title.subtitle.text
    hover = figure.data[-1].text[1]
    symbols = {"given_mi": "I(leaking; clean | m) = ", "interaction": "I(leaking; clean; m) = "}
    assert hover.startswith(symbols.get(measure, "C(leaking, clean, m) = "))
    assert ("±" in hover.split("<br>")[0]) == (measure == "given_mi")
    if measure == "interaction":
        assert figure.data[0].zmin == -figure.data[0].zmax


def test_bits_are_nats_over_log_2_and_ratios_have_no_unit(results: Results) -> None:
    nats, bits = (matrix_figure(results.matrix, "mi", unit=unit) for unit in ("nats", "bits"))
    beside = ~np.eye(5, dtype=bool)
    np.testing.assert_allclose(bits.data[0].z[beside] * np.log(2), nats.data[0].z[beside])
    assert (bits.data[0].colorbar.title.text, nats.data[0].colorbar.title.text) == ("bits", "nats")
    assert all("bits" in text and "nats" not in text for text in bits.data[-1].text)
    assert "bits" in str(bits.layout.meta) and "nats" not in str(bits.layout.meta)
    iqr = [matrix_figure(results.matrix, "iqr", unit=unit).data[0].z for unit in ("nats", "bits")]
    np.testing.assert_array_equal(*iqr)
    difference = information_difference(results.matrix, results.matrix)
    assert all("nats" not in text for text in difference_figure(difference, "variation", unit="bits").data[-1].text)


def test_points_name_row_and_column_under_the_mouse(results: Results) -> None:
    """A click returns (row, column) of the cell at the point's place; the first row is on top."""
    figure = matrix_figure(results.matrix)
    points = figure.data[-1]
    names = results.matrix.names
    labels = [symbol(Column(*words)) for words in zip(names, results.matrix.titles, strict=True)]
    assert list(figure.layout.xaxis.categoryarray) == list(figure.layout.yaxis.categoryarray) == labels
    for x, y, (row, column) in zip(points.x, points.y, points.customdata, strict=True):
        assert (row, column) == (names[labels.index(y)], names[labels.index(x)])
    assert len(points.x) == 25
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert points.marker.opacity == 0 and figure.layout.hoverdistance == -1


def test_hover_gives_value_and_error(results: Results) -> None:
    matrix = results.matrix
    texts = np.array(matrix_figure(matrix).data[-1].text).reshape(5, 5)
    i, j = matrix.names.index("leaking"), matrix.names.index("label")
    assert texts[i, j].startswith("I(leaking; label) = ")
    value, error = texts[i, j].split(" = ")[1].split(" nats")[0].split(" ± ")
    assert float(value) == pytest.approx(matrix.mi[i, j], abs=matrix.mi_error[i, j])
    assert float(error) == pytest.approx(matrix.mi_error[i, j], rel=0.5)
    assert texts[i, i] == f"H(leaking) = {matrix.entropy[i]:.2f} nats"


def test_conditional_entropy_reads_row_given_column(results: Results) -> None:
    matrix = results.matrix
    i, j = matrix.names.index("leaking"), matrix.names.index("label")
    text = np.array(matrix_figure(matrix, "conditional_entropy").data[-1].text).reshape(5, 5)[i, j]
    expected = matrix.joint_entropy[i, j] - matrix.entropy[j]
    assert text.startswith("H(leaking | label) = ")
    assert float(text.split(" = ")[1].split()[0]) == pytest.approx(expected, rel=0.01)


def test_values_are_printed_up_to_fourteen_variables(results: Results, large: InformationMatrix) -> None:
    cells = matrix_figure(results.matrix, "pearson").data[0]
    assert cells.texttemplate == "%{text}"
    i, j = 0, 1
    assert float(cells.text[i][j].replace("−", "-")) == pytest.approx(results.matrix.pearson[i, j], abs=0.0051)
    assert "-" not in "".join(cells.text[i])
    assert matrix_figure(large).data[0].text is None
    assert matrix_figure(large.take(range(14))).data[0].text is not None


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nothing_shared_is_paper(results: Results, mode) -> None:
    """Information starts at paper for 0; correlation has it in the middle; a distance ends in it at 1."""
    paper = PALETTES[mode].paper
    information, correlation, distance = (
        matrix_figure(results.matrix, measure, mode).data[0] for measure in ("mi", "pearson", "distance")
    )
    assert (information.zmin, information.colorscale[0]) == (0, (0, paper))
    assert (correlation.zmin, correlation.zmax, correlation.colorscale[2]) == (-1, 1, (0.5, paper))
    assert (distance.zmax, distance.colorscale[-1]) == (1, (1, paper))


def test_colours_leave_the_diagonal_out(results: Results) -> None:
    """Entropies are ten times larger than what pairs share: they would wash all cells out."""
    cells = matrix_figure(results.matrix).data[0]
    beside = results.matrix.mi[~np.eye(5, dtype=bool)]
    assert cells.zmax == beside.max() < results.matrix.entropy.max()


def test_order_is_that_of_the_matrix(results: Results) -> None:
    turned = matrix_figure(results.matrix.take([4, 2, 0, 1, 3]))
    assert turned.layout.xaxis.categoryarray[0] == "label"
    assert turned.data[-1].customdata[1] == ["label", "noise"]


def test_constants_leave_empty_cells() -> None:
    x = np.random.default_rng(1).normal(size=500)
    matrix = information_matrix(EventTable("t", {"x": x, "c": np.ones(500), "d": np.zeros(500)}), ["x", "c", "d"])
    for measure in MEASURES:
        figure = matrix_figure(matrix, measure)
        assert np.isfinite([figure.data[0].zmin, figure.data[0].zmax]).all()
    assert "–" in str(matrix_figure(matrix, "pearson").data[-1].text)


def test_height_grows_with_the_variables_up_to_a_page(results: Results, large: InformationMatrix) -> None:
    heights = [matrix_figure(m).layout.height for m in (results.matrix.take([0, 1]), large.take(range(8)), large)]
    assert heights == sorted(heights) and heights[0] == 360 and heights[-1] == 640


def test_alternative_text_names_the_closest_pair(results: Results) -> None:
    mi = results.matrix.mi.copy()
    np.fill_diagonal(mi, -1)
    i, j = np.unravel_index(mi.argmax(), mi.shape)
    for measure in ("mi", "distance"):
        alt = matrix_figure(results.matrix, measure).layout.meta["alt"]
        titles = {plain(t) for t in (matrix_figure(results.matrix).layout.xaxis.categoryarray[n] for n in (i, j))}
        assert all(title in alt for title in titles)


def test_unknown_measures_are_refused(results: Results) -> None:
    with pytest.raises(DataError, match="unknown measure 'size'"):
        matrix_figure(results.matrix, "size")


def places(figure: go.Figure, trace: go.Scatter) -> set[tuple[int, int]]:
    """Return the cells (row, column) on which points lie."""
    labels = list(figure.layout.xaxis.categoryarray)
    return {(labels.index(y), labels.index(x)) for x, y in zip(trace.x, trace.y, strict=True)}


def test_what_is_not_significant_is_paper_with_a_dot(results: Results, sure: Significance) -> None:
    """Every cell beside the diagonal is drawn or dotted, never both, and both kinds occur."""
    figure = matrix_figure(results.matrix, significance=sure)
    cells, _, dots, points = figure.data
    found, beside = sure.discoveries(), ~np.eye(5, dtype=bool)
    assert 0 < found.sum() < beside.sum()
    np.testing.assert_array_equal(np.isfinite(cells.z), found)
    assert places(figure, dots) == set(zip(*np.nonzero(~found & beside), strict=True))
    assert [bool(text) for row in cells.text for text in row] == found.ravel().tolist()
    assert len(points.x) == 25 and dots.customdata is None
    assert "dot: not significant" in figure.layout.title.subtitle.text


def test_hover_gains_p_and_null_level(results: Results, sure: Significance) -> None:
    texts = np.array(matrix_figure(results.matrix, significance=sure).data[-1].text).reshape(5, 5)
    i, j = results.matrix.names.index("noise"), results.matrix.names.index("clean")
    shared, _, p, null = texts[i, j].split("<br>")
    assert " ± " in shared and shared.endswith(" nats")
    assert float(p.removeprefix("p = ").split(",")[0]) == pytest.approx(sure.p_value[i, j], rel=0.01)
    assert p.endswith("not significant among all pairs")
    assert float(null.split(": ")[1].split()[0]) == pytest.approx(sure.null_mean[i, j], rel=0.01)
    i, j = results.matrix.names.index("leaking"), results.matrix.names.index("label")
    assert "p < 10⁻¹⁶, significant" in texts[i, j].replace("1 × ", "").replace("1.00 × ", "")
    assert "p = " not in matrix_figure(results.matrix).data[-1].text[1]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_difference_is_paper_where_classes_are_alike(difference: InformationDifference, mode) -> None:
    for measure in MEASURES:
        cells = difference_figure(difference, measure, mode).data[0]
        beside = ~np.eye(4, dtype=bool)
        expected = difference.signal.measure(measure) - difference.background.measure(measure)
        np.testing.assert_array_equal(cells.z[beside], expected[beside])
        assert cells.zmin == -cells.zmax and cells.zmax == np.abs(expected[beside]).max()
        assert cells.colorscale[2] == (0.5, PALETTES[mode].paper)


def test_hover_of_a_difference_says_both_classes_with_errors_and_p(difference: InformationDifference) -> None:
    i, j = difference.names.index("leaking"), difference.names.index("mass")
    text = np.array(difference_figure(difference).data[-1].text).reshape(4, 4)[i, j]
    title, signal, background, change, p = text.split("<br>")
    assert title == "I(leaking; m)"
    for line, name, value, error in (
        (signal, "signal", difference.signal.mi, difference.signal.mi_error),
        (background, "background", difference.background.mi, difference.background.mi_error),
        (change, "difference", difference.mi, difference.mi_error),
    ):
        assert line.startswith(f"{name}: ") and line.endswith(" nats")
        shown, spread = line.removeprefix(f"{name}: ").removesuffix(" nats").split(" ± ")
        assert float(shown.replace("−", "-")) == pytest.approx(value[i, j], abs=error[i, j])
        assert float(spread) == pytest.approx(error[i, j], rel=0.5)
    assert p.startswith("p ")
    other = np.array(difference_figure(difference, "iqr").data[-1].text).reshape(4, 4)[i, j].split("<br>")
    assert other[-2:] == [f"difference of I: {change.removeprefix('difference: ')}", p]


def test_differences_by_chance_are_left_out_on_demand(difference: InformationDifference) -> None:
    figure = difference_figure(difference, only_significant=True)
    found = difference.discoveries()
    assert found.any()
    np.testing.assert_array_equal(np.isfinite(figure.data[0].z), found)
    assert places(figure, figure.data[2]) == set(zip(*np.nonzero(~found & ~np.eye(4, dtype=bool)), strict=True))
    assert len(difference_figure(difference).data) == 3


def test_a_difference_tells_both_numbers_of_events(difference: InformationDifference) -> None:
    notes = plain(difference_figure(difference).layout.title.subtitle.text)
    assert "signal: 1,500 events (Neff" in notes and "background: 1,500 events (Neff" in notes
    alt = difference_figure(difference).layout.meta["alt"]
    assert "differ most" in alt and alt.endswith(".")


def test_an_estimate_is_drawn_as_counts_are(results: Results) -> None:
    found = estimated_matrix(results.table, results.matrix.names, "adaptive")
    for measure in ESTIMATED_MEASURES:
        cells = matrix_figure(found, measure).data[0]
        beside = ~np.eye(5, dtype=bool)
        np.testing.assert_array_equal(cells.z[beside], found.measure(measure)[beside])
    texts = np.array(matrix_figure(found).data[-1].text).reshape(5, 5)
    assert texts[0, 0] == "H(leaking) of a continuous variable depends on its unit"
    assert texts[4, 4].startswith("H(label) = 0.69")


def test_labels_thin_out_and_names_that_look_alike_keep_their_places() -> None:
    """Ticks of a category axis are as many as fit; a label that came twice would put two variables in one place."""
    x = np.random.default_rng(3).normal(size=(200, 60))
    columns = {f"a_very_long_name_of_a_column_{i}": x[:, i] for i in range(60)}
    figure = matrix_figure(information_matrix(EventTable("t", columns), list(columns), bins=4))
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        assert axis.type == "category" and axis.tickvals is None
        assert len(set(axis.categoryarray)) == 60
        assert axis.tickfont.size == 8
    assert (figure.layout.height - 190) / 60 >= 10


@pytest.mark.parametrize("measure", list(ALL_MEASURES))
def test_the_sentence_is_that_of_the_measure(results: Results, measure: str) -> None:
    """It names the measure, and the pair and value that the cells have; the label is left out."""
    names = ["leaking", "clean", "noise", "label"]
    matrix = given_matrix(results.table, "mass", names, bins=5)
    told = measure_sentence(matrix, measure, without="label")
    values = matrix.measure(measure)[:3, :3].copy()
    np.fill_diagonal(values, np.nan)
    small = measure in ("distance", "variation", "conditional_entropy")
    size = np.abs(values)
    i, j = np.unravel_index(np.nanargmin(size) if small else np.nanargmax(size), size.shape)
    assert told.startswith(ALL_MEASURES[measure].title) and "label" not in told
    assert (" with Z = m is " in told) == (measure in GIVEN_MEASURES)
    assert names[i] in told and names[j] in told
    found = re.search(r": (−?\d+(?:\.\d+)?)", told)
    assert found is not None
    assert float(found[1].replace("−", "-")) == pytest.approx(values[i, j], rel=0.02, abs=0.005)
    assert ("±" in told) == (measure == "given_mi")


def test_what_is_shared_given_a_third_may_be_level_with_nothing() -> None:
    x = np.random.default_rng(5).normal(size=(2000, 3))
    table = EventTable("t", {name: x[:, n] for n, name in enumerate("xyz")})
    told = measure_sentence(given_matrix(table, "z", ["x", "y"], bins=4), "given_mi")
    assert told.startswith("Conditional information I(X;Y|Z) with Z = z is largest for x and y: ")
    assert told.endswith("nats, level with 0 within errors.")


def test_the_sentence_of_a_difference_names_its_measure(difference: InformationDifference) -> None:
    told = measure_sentence(difference, "pearson")
    assert told.startswith("Pearson correlation r, signal minus background, is farthest from 0 for leaking and m: −")
    assert measure_sentence(difference, "variation", "bits").endswith(" bits.")
