"""Nearest neighbours for a discrete variable beside a continuous one, and for mixtures of both."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import digamma

from core.information.estimators._kraskov import NeighbourConfig, refuse_determined, refuse_few, standard_error
from core.information.estimators._neighbours import counts_within
from core.information.estimators._sample import Sample
from core.information.estimators._scores import ordinal_scores, tied_scores
from core.information.estimators.estimator import ESTIMATORS, Estimate, Estimator

Floats = NDArray[np.float64]


def estimate(sample: Sample, config: NeighbourConfig, rng: np.random.Generator) -> Estimate:
    """Estimate after Ross for a discrete variable beside a continuous one, after Gao and others for all else."""
    refuse_few(sample, config.k)
    if set(sample.kinds) == {"discrete", "continuous"}:
        label, values = (sample.x, sample.y) if sample.kinds[0] == "discrete" else (sample.y, sample.x)
        scores = np.column_stack([ordinal_scores(column, rng) for column in values.T])
        local, author = _ross(label, scores, config.k), "Ross"
    else:
        local, author = _gao(_scores(sample.x), _scores(sample.y), config.k), "Gao"
        if set(sample.kinds) == {"continuous"}:
            refuse_determined(local)
    words = f"mixed neighbours ({author}), k = {config.k}, on normal scores"
    return Estimate(float(local.mean()), standard_error(local, config.k), float(sample.n_events), words)


def _ross(labels: NDArray[Any], values: Floats, k: int) -> Floats:
    """Return ψ(n) + ψ(k) - ψ(n_label) - ψ(m) of each event whose label is not the only one of its kind.

    m counts the events, the own one included, no farther than its k-th neighbour of the same label.
    """
    _, label, counts = np.unique(labels, axis=0, return_inverse=True, return_counts=True)
    label = label.reshape(-1)
    radii, reached = np.zeros(len(values)), np.zeros(len(values))
    for number, count in enumerate(counts):
        if count > 1:
            members = np.flatnonzero(label == number)
            nearest = min(k, int(count) - 1)
            radii[members] = cKDTree(values[members]).query(values[members], [nearest + 1], p=np.inf)[0][:, 0]
            reached[members] = nearest
    used = counts[label] > 1
    near = counts_within(values, radii, closed=False)[used] + 1
    n_label = counts[label][used]
    return np.asarray(digamma(used.sum()) + digamma(reached[used]) - digamma(n_label) - digamma(near))


def _gao(x: Floats, y: Floats, k: int) -> Floats:
    """Return ψ(m) + ψ(n) - ψ(m_x) - ψ(m_y) of each event.

    Where a single event is the k-th neighbour, m = k and m_x and m_y count the events nearer than it, the own one
    included, as Kraskov and others do. Where several are, at the event's own place or at one distance from it, all
    three count the events up to it, which leaves the entropies of a table after Grassberger.
    """
    both = np.hstack([x, y])
    radii, tied = _radii(both, k)
    reached = np.full(len(x), float(k))
    reached[tied] = _counts_at(both, radii, tied)
    m_x, m_y = (np.where(tied, *(counts_within(v, radii, closed=c) for c in (True, False))) + 1 for v in (x, y))
    return np.asarray(digamma(reached) + digamma(len(x)) - digamma(m_x) - digamma(m_y))


def _radii(both: Floats, k: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the distance of each event's k-th neighbour, and whether that of the next is the same or zero.

    Of a place that many events share the tree holds k + 2, no fewer than it takes to find both.
    """
    order = np.lexsort(both.T)
    fresh = np.append(True, (np.diff(both[order], axis=0) != 0).any(axis=1))
    starts = np.flatnonzero(fresh)
    number = np.cumsum(fresh) - 1
    copy = np.arange(len(both)) - starts[number]
    places = both[order[starts]]
    nearest = min(k + 2, len(both))
    found = cKDTree(both[order[copy < k + 2]]).query(places, [k + 1, nearest], p=np.inf)[0]
    distance = np.empty((len(both), 2))
    distance[order] = found[number]
    tied = (distance[:, 0] == 0) | ((distance[:, 0] == distance[:, 1]) & (nearest > k + 1))
    return np.ascontiguousarray(distance[:, 0]), tied


def _counts_at(both: Floats, radii: Floats, tied: NDArray[np.bool_]) -> Floats:
    """Count the events, the own one included, no farther than the radius of each tied event."""
    places, number, repeats = np.unique(both, axis=0, return_inverse=True, return_counts=True)
    counts = repeats[number.reshape(-1)].astype(np.float64)
    around = np.flatnonzero(tied & (radii > 0))
    near = cKDTree(places).query_ball_point(both[around], radii[around], p=np.inf)
    counts[around] = [repeats[found].sum() for found in near]
    return np.asarray(counts[tied])


def _scores(columns: NDArray[Any]) -> Floats:
    return np.column_stack([tied_scores(column) for column in columns.T])


ESTIMATORS.register(
    "mixed",
    Estimator(
        estimate,
        assumes="Where values do not repeat, the density changes little between neighbours.",
        limits="Takes no weights and no NaN; slow where few events in many share a place, in several dimensions.",
        config=NeighbourConfig,
        takes_point_masses=True,
        takes_vectors=True,
    ),
    title="Mixed neighbours",
    summary="Nearest neighbours for a label beside a continuous variable, and for variables with point masses.",
    formula="I = ψ(n) + ⟨ψ(k) − ψ(n_label) − ψ(m)⟩ beside a label, else ψ(n) + ⟨ψ(m) − ψ(m_x) − ψ(m_y)⟩",
    reference="B. C. Ross, PLoS ONE 9, 2014; W. Gao, S. Kannan, S. Oh and P. Viswanath, arXiv:1709.06212",
)
