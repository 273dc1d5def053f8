"""How far apart variables are: a map and a tree from the metric D = 1 - I(X;Y) / H(X,Y)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist, squareform

from core.errors import DataError
from core.events.table import EventClass, EventTable
from core.information.matrix import information_matrix
from core.information.order import dendrogram_order

Floats = NDArray[np.float64]

_MOST_ITERATIONS, _SMALLEST_GAIN = 2000, 1e-9


@dataclass(frozen=True)
class Merge:
    """Hold one fork of a dendrogram: two branches that meet at a distance.

    Args:
        places: where the two branches stand along the leaves; leaf n of the order stands at n.
        heights: distances at which the two branches begin; 0 for a leaf.
        distance: where they meet: the mean distance between the variables of one and of the other.
    """

    places: tuple[float, float]
    heights: tuple[float, float]
    distance: float


@dataclass(frozen=True)
class Geometry:
    """Hold k variables as points of a plane and as leaves of a tree.

    Args:
        names: the variables.
        titles: their symbols as in print.
        event_class: the events counted: "all", "signal" or "background".
        n_events: number of events.
        n_effective: N_eff.
        estimator: how the estimates were made, in words.
        entropy: H(X) in nats, shape (k,).
        distance: D, shape (k, k): plug-in values, which obey the triangle inequality; 1 for two constants.
        points: the map, shape (k, 2), in units of D.
        stress: √(Σ(D - d)² / ΣD²) over all pairs, where d is the distance on the map; 0 for a perfect one.
        order: indices of the variables along the leaves of the tree.
        merges: the k - 1 forks of the tree, closest first.
    """

    names: tuple[str, ...]
    titles: tuple[str, ...]
    event_class: EventClass
    n_events: int
    n_effective: float
    estimator: str
    entropy: Floats
    distance: Floats
    points: Floats
    stress: float
    order: tuple[int, ...]
    merges: tuple[Merge, ...]


def geometry(
    table: EventTable,
    names: Sequence[str],
    *,
    event_class: EventClass = "all",
    bins: int = 32,
    progress: Callable[[float], None] | None = None,
) -> Geometry:
    """Place variables so that those that share information are close.

    Args:
        table: the events.
        names: two variables or more.
        event_class: "all", "signal" or "background".
        bins: B, the largest number of codes of a variable, 2 to 255; D depends on it.
        progress: called with the share of the counting that is done, from 0 to 1; what it raises ends the work.

    Returns:
        Map and tree.

    Raises:
        DataError: columns, weights, class or bins that cannot be used, or too much weight in negative cells.

    Example:
        >>> n = np.arange(1000)
        >>> table = EventTable("toy", {"parity": n % 2, "last": n % 10})
        >>> geometry(table, ["parity", "last"]).distance.round(3)
        array([[0.   , 0.699],
               [0.699, 0.   ]])
    """
    matrix = information_matrix(table, names, event_class=event_class, bins=bins, correction="none", progress=progress)
    distance = np.nan_to_num(matrix.distance, nan=1.0)
    np.fill_diagonal(distance, 0.0)
    points, stress = scale_to_plane(distance)
    order = dendrogram_order(distance)
    return Geometry(
        names=matrix.names,
        titles=matrix.titles,
        event_class=event_class,
        n_events=matrix.n_events,
        n_effective=matrix.n_effective,
        estimator=matrix.estimator,
        entropy=matrix.entropy,
        distance=distance,
        points=points,
        stress=stress,
        order=order,
        merges=forks(distance, order),
    )


def scale_to_plane(distance: Floats) -> tuple[Floats, float]:
    """Place points in the plane whose distances d are as close as possible to given ones D.

    Classical scaling, √λ_a v_a of the two largest eigenvalues of -½ J D² J, is the start; each step of majorisation,
    x ← B(x) x / k, then lowers Σ(D - d)² until it gains nothing. The points do not depend on any random start.

    Args:
        distance: D, symmetric with a zero diagonal, shape (k, k), k ≥ 2.

    Returns:
        Points centred on the origin, along their principal axes, shape (k, 2), and the stress √(Σ(D - d)² / ΣD²).

    Raises:
        DataError: the distances are not a symmetric square of finite numbers ≥ 0.

    References:
        W. S. Torgerson, Multidimensional scaling, 1952; J. de Leeuw, Applications of convex analysis, 1977 (SMACOF).

    Example:
        >>> points, stress = scale_to_plane(np.array([[0.0, 3.0, 4.0], [3.0, 0.0, 5.0], [4.0, 5.0, 0.0]]))
        >>> pdist(points).round(4), round(stress, 6)
        (array([3., 4., 5.]), 0.0)
    """
    k = len(distance)
    if distance.shape != (k, k) or k < 2 or not (distance >= 0).all() or not np.allclose(distance, distance.T):
        raise DataError(f"distances of shape {distance.shape}; allowed: a symmetric square of numbers ≥ 0")
    wanted = squareform(distance, checks=False)
    points = _classical(distance)
    loss = float(np.square(wanted - pdist(points)).sum())
    for _ in range(_MOST_ITERATIONS):
        found = squareform(pdist(points))
        pull = -np.divide(distance, found, out=np.zeros_like(distance), where=found > 0)
        np.fill_diagonal(pull, 0.0)
        np.fill_diagonal(pull, -pull.sum(axis=1))
        points = pull @ points / k
        before, loss = loss, float(np.square(wanted - pdist(points)).sum())
        if before - loss <= _SMALLEST_GAIN * before:
            break
    total = float(np.square(wanted).sum())
    return _along_principal_axes(points), float(np.sqrt(loss / total)) if total > 0 else 0.0


def forks(distance: Floats, order: Sequence[int]) -> tuple[Merge, ...]:
    """Return the forks of the average-linkage tree, its leaves in a given order.

    Args:
        distance: symmetric with a zero diagonal, shape (k, k).
        order: indices of the leaves from first to last, such as ``dendrogram_order`` returns.

    Returns:
        k - 1 forks, closest first.

    Example:
        >>> forks(np.array([[0.0, 0.5], [0.5, 0.0]]), (1, 0))
        (Merge(places=(1.0, 0.0), heights=(0.0, 0.0), distance=0.5),)
    """
    place = [float(n) for n in np.argsort(order)]
    height = [0.0] * len(place)
    merges = []
    for left, right, level, _ in linkage(squareform(distance, checks=False), method="average").tolist():
        a, b = int(left), int(right)
        merges.append(Merge((place[a], place[b]), (height[a], height[b]), level))
        place.append((place[a] + place[b]) / 2)
        height.append(level)
    return tuple(merges)


def _classical(distance: Floats) -> Floats:
    """Return the classical scaling of distances in the plane, shape (k, 2)."""
    squares = distance**2
    rows = squares.mean(axis=0)
    values, vectors = np.linalg.eigh(-(squares - rows - rows[:, None] + rows.mean()) / 2)
    return np.asarray(vectors[:, [-1, -2]] * np.sqrt(np.maximum(values[[-1, -2]], 0.0)))


def _along_principal_axes(points: Floats) -> Floats:
    """Centre points and turn them so that they spread most from left to right, the farthest one on the right."""
    centred = points - points.mean(axis=0)
    turned = centred @ np.linalg.svd(centred.T @ centred)[0]
    farthest = np.abs(turned).argmax(axis=0)
    signs = np.where(turned[farthest, [0, 1]] < 0, -1.0, 1.0)
    return np.asarray(turned * signs)


def geometry_columns(found: Geometry) -> dict[str, list[str] | list[float]]:
    """Return map and distances as columns of a table, one row a variable.

    Args:
        found: the geometry.

    Returns:
        The variable, its place and entropy, and its distance D from each variable.
    """
    columns: dict[str, list[str] | list[float]] = {
        "variable": list(found.names),
        "map x": found.points[:, 0].tolist(),
        "map y": found.points[:, 1].tolist(),
        "H [nats]": found.entropy.tolist(),
    }
    return columns | {f"D from {name}": row for name, row in zip(found.names, found.distance.tolist(), strict=True)}
