"""One cell for each pair: values, colours, words and what a click returns."""

import numpy as np
import pytest

from core.errors import DataError
from core.events.table import Column, EventTable
from core.figures.matrix import SYMBOLS, matrix_figure
from core.figures.palette import PALETTES
from core.figures.words import plain, symbol
from core.information.catalogue import MEASURES
from core.information.matrix import InformationMatrix, information_matrix
from tests.figures.conftest import Results


@pytest.fixture(scope="module")
def large() -> InformationMatrix:
    x = np.random.default_rng(3).normal(size=(200, 15))
    columns = {f"x{i}": x[:, i] for i in range(15)}
    return information_matrix(EventTable("t", columns), list(columns), bins=4)


def test_every_measure_has_a_symbol() -> None:
    assert set(SYMBOLS) == set(MEASURES)


@pytest.mark.parametrize("measure", list(MEASURES))
def test_cells_are_the_measure_beside_the_diagonal(results: Results, measure: str) -> None:
    cells, diagonal, _ = matrix_figure(results.matrix, measure).data
    values, beside = results.matrix.measure(measure), ~np.eye(5, dtype=bool)
    np.testing.assert_array_equal(cells.z[beside], values[beside])
    assert np.isnan(np.diag(cells.z)).all() and np.isnan(diagonal.z[beside]).all()


def test_points_name_row_and_column_under_the_mouse(results: Results) -> None:
    """A click returns (row, column) of the cell at the point's place; the first row is on top."""
    figure = matrix_figure(results.matrix)
    points = figure.data[-1]
    names = results.matrix.names
    labels = [symbol(Column(*words)) for words in zip(names, results.matrix.titles, strict=True)]
    assert list(figure.layout.xaxis.ticktext) == list(figure.layout.yaxis.ticktext) == labels
    for x, y, (row, column) in zip(points.x, points.y, points.customdata, strict=True):
        assert (row, column) == (names[y], names[x])
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
    assert turned.layout.xaxis.ticktext[0] == "label"
    assert turned.data[-1].customdata[1].tolist() == ["label", "noise"]


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
        titles = {plain(t) for t in (matrix_figure(results.matrix).layout.xaxis.ticktext[n] for n in (i, j))}
        assert all(title in alt for title in titles)


def test_unknown_measures_are_refused(results: Results) -> None:
    with pytest.raises(DataError, match="unknown measure 'size'"):
        matrix_figure(results.matrix, "size")
