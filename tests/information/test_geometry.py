"""Maps keep the distances they can keep, and D is a metric on plug-in values."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist, squareform

from core.errors import DataError
from core.events.table import EventTable, Roles
from core.information import dendrogram_order, information_matrix
from core.information.geometry import forks, geometry, scale_to_plane


@pytest.fixture
def table(rng):
    n = 3000
    m = rng.normal(size=n)
    columns = {f"x{i}": m * strength + rng.normal(size=n) for i, strength in enumerate((0, 0.5, 1, 2, 4))}
    columns |= {"d": np.round(m), "label": (m > 0).astype(int)}
    return EventTable("toy", columns, Roles(features=tuple(columns)[:-1], label="label"))


def test_points_of_the_plane_are_recovered(rng):
    points = rng.normal(size=(9, 2))
    found, stress = scale_to_plane(squareform(pdist(points)))
    np.testing.assert_allclose(pdist(found), pdist(points), atol=1e-5)
    assert stress < 1e-5
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-12)


def test_stress_is_what_is_left_and_less_than_that_of_classical_scaling(rng):
    distance = squareform(pdist(rng.normal(size=(10, 6))))
    found, stress = scale_to_plane(distance)
    wanted = squareform(distance)
    assert stress == pytest.approx(np.sqrt(((wanted - pdist(found)) ** 2).sum() / (wanted**2).sum()))
    centring = np.eye(10) - 0.1
    values, vectors = np.linalg.eigh(-0.5 * centring @ distance**2 @ centring)
    classical = vectors[:, -2:] * np.sqrt(values[-2:])
    assert stress < np.sqrt(((wanted - pdist(classical)) ** 2).sum() / (wanted**2).sum())


def test_points_on_top_of_each_other_and_equal_distances():
    assert scale_to_plane(np.zeros((3, 3)))[1] == 0
    found, stress = scale_to_plane(1 - np.eye(3))
    np.testing.assert_allclose(pdist(found), 1, atol=1e-6)
    assert stress < 1e-6
    assert scale_to_plane(1 - np.eye(4))[1] > 0.05  # a tetrahedron has no place in the plane


def test_distances_obey_the_triangle_inequality(table):
    """Plug-in values of one sample are exact for its codes, so the theorem holds to rounding."""
    for event_class in ("all", "signal"):
        d = geometry(table, table.roles.features, event_class=event_class).distance
        assert np.all(d[:, None, :] <= d[:, :, None] + d[None, :, :] + 1e-12)
        assert np.all(np.diagonal(d) == 0)


def test_geometry_is_that_of_the_plug_in_matrix(table):
    found = geometry(table, table.roles.features, bins=16)
    matrix = information_matrix(table, table.roles.features, bins=16, correction="none")
    np.testing.assert_allclose(found.distance, matrix.distance, atol=1e-12)
    np.testing.assert_allclose(found.entropy, matrix.entropy)
    assert found.order == dendrogram_order(matrix.distance)
    assert found.points.shape == (6, 2)
    far = np.linalg.norm(found.points[0] - found.points[4])
    assert far > np.linalg.norm(found.points[3] - found.points[4])


def test_forks_meet_at_the_cophenetic_distances(table):
    found = geometry(table, table.roles.features)
    levels = [merge.distance for merge in found.merges]
    expected = cophenet(linkage(squareform(found.distance, checks=False), "average"))
    assert levels == sorted(levels)
    assert set(np.round(levels, 12)) == set(np.round(expected, 12))


def test_branches_do_not_cross(table):
    """A leaf under a fork stands between its branches' ends, so each fork covers neighbouring leaves."""
    found = geometry(table, table.roles.features)
    spans = {float(n): {n} for n in range(len(found.order))}
    for merge in found.merges:
        a, b = (spans.pop(place) for place in merge.places)
        joined = a | b
        assert joined == set(range(min(joined), max(joined) + 1))
        spans[sum(merge.places) / 2] = joined
    assert len(spans) == 1


def test_forks_follow_the_given_order():
    distance = np.array([[0.0, 0.9, 0.1], [0.9, 0.0, 0.8], [0.1, 0.8, 0.0]])
    close, far = forks(distance, (1, 2, 0))
    assert (sorted(close.places), close.distance) == ([1.0, 2.0], 0.1)
    assert (sorted(far.places), far.distance) == ([0.0, 1.5], pytest.approx(0.85))
    assert sorted(far.heights) == [0.0, 0.1]


def test_constants_stand_apart(rng):
    table = EventTable("t", {"x": rng.normal(size=500), "c": np.ones(500), "d": np.zeros(500)})
    found = geometry(table, ["x", "c", "d"])
    np.testing.assert_allclose(squareform(found.distance), 1)
    assert np.isfinite(found.points).all()


def test_what_is_no_distance_is_refused():
    for wrong in (np.ones((2, 3)), np.array([[0, -1.0], [-1.0, 0]]), np.array([[0, 1.0], [2.0, 0]]), np.zeros((1, 1))):
        with pytest.raises(DataError, match="a symmetric square"):
            scale_to_plane(wrong)
