"""The map keeps the shape of its points, labels keep off each other, and the tree meets at its distances."""

import numpy as np
import pytest

from core.events.table import EventTable
from core.figures.geometry import POSITIONS, dendrogram_figure, label_positions, map_figure
from core.figures.palette import PALETTES
from core.figures.style import alt_text
from core.information.geometry import Geometry, geometry
from core.information.relevance import relevance

NAMES = ("noise", "clean", "leaking", "mass")


@pytest.fixture(scope="module")
def table(toy_table) -> EventTable:
    return toy_table(6000)


@pytest.fixture(scope="module")
def found(table) -> Geometry:
    return geometry(table, NAMES, event_class="background", bins=8)


def test_points_stand_where_the_map_has_them_on_equal_axes(found) -> None:
    figure = map_figure(found)
    np.testing.assert_allclose(np.stack([figure.data[0].x, figure.data[0].y], axis=1), found.points)
    assert figure.layout.yaxis.scaleanchor == "x"
    for axis, values in ((figure.layout.xaxis, found.points[:, 0]), (figure.layout.yaxis, found.points[:, 1])):
        assert axis.range[0] < values.min() and values.max() < axis.range[1]


def test_area_is_entropy_and_colour_relevance(table, found) -> None:
    about = relevance(table, NAMES, "label", bins=8)
    marker = map_figure(found, about).data[0].marker
    areas = np.asarray(marker.size) ** 2
    np.testing.assert_allclose(areas / areas.max(), found.entropy / found.entropy.max())
    told = dict(zip(about.names, about.mi, strict=True))
    np.testing.assert_allclose(marker.color, [max(told[name], 0) for name in NAMES])
    assert map_figure(found).data[0].marker.color == PALETTES["light"].runs[0]


def test_labels_keep_off_their_neighbours() -> None:
    """The right one of two close points takes the place on its right; the left one must not."""
    sizes = np.array([20.0, 20.0, 20.0])
    points = np.array([[0.0, 0.0], [0.1, 0.0], [1.0, 0.0]])
    left, right, alone = label_positions(points, [6, 6, 6], sizes)
    assert left != "middle right"
    assert right == alone == "middle right"
    assert {left, right} <= set(POSITIONS)


def test_branches_meet_at_their_distance(found) -> None:
    figure = dendrogram_figure(found, "dark")
    assert len(figure.data) == 3
    for trace, merge in zip(figure.data, found.merges, strict=True):
        assert trace.x[1] == trace.x[2] == merge.distance
        assert (trace.y[0], trace.y[3]) == merge.places
        assert trace.x[0] >= figure.layout.xaxis.range[0]
    assert list(figure.layout.yaxis.ticktext) == [
        {"mass": "m"}.get(found.names[i], found.names[i]) for i in found.order
    ]


def test_two_variables_have_a_map_and_a_tree(table) -> None:
    pair = geometry(table, ["clean", "mass"])
    assert len(map_figure(pair).data[0].x) == 2
    assert len(dendrogram_figure(pair).data) == 1


def test_stress_and_the_closest_pair_are_said(found) -> None:
    figure = map_figure(found)
    assert "stress" in figure.layout.title.subtitle.text
    apart = found.distance + 2 * np.eye(4)
    i, j = np.unravel_index(apart.argmin(), apart.shape)
    titles = [{"mass": "m"}.get(found.names[n], found.names[n]) for n in (i, j)]
    for drawn in (figure, dendrogram_figure(found)):
        assert f"{titles[0]} and {titles[1]} are closest" in alt_text(drawn)
