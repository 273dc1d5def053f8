"""Nearest neighbours for a discrete variable beside a continuous one, and for mixtures of both."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import digamma

from core.information.estimators._kraskov import NeighbourConfig, refuse_few, standard_error
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
    """Return ψ(k_i) + log n - log(n_x + 1) - log(n_y + 1), where k_i counts all other events at the same place."""
    both = np.hstack([x, y])
    radii = np.ascontiguousarray(cKDTree(both).query(both, [k + 1], p=np.inf)[0][:, 0])
    _, place, repeats = np.unique(both, axis=0, return_inverse=True, return_counts=True)
    reached = np.where(radii == 0, repeats[place.reshape(-1)] - 1, k)
    n_x, n_y = (counts_within(v, radii, closed=True) for v in (x, y))
    return np.asarray(digamma(reached) + np.log(len(x)) - np.log(n_x + 1) - np.log(n_y + 1))


def _scores(columns: NDArray[Any]) -> Floats:
    return np.column_stack([tied_scores(column) for column in columns.T])


ESTIMATORS.register(
    "mixed",
    Estimator(
        estimate,
        assumes="Where values do not repeat, the density changes little between neighbours.",
        limits="Takes no weights and no NaN; slow for large numbers of repeated values in several dimensions.",
        config=NeighbourConfig,
        takes_point_masses=True,
        takes_vectors=True,
    ),
    title="Mixed neighbours",
    summary="Nearest neighbours for a label beside a continuous variable, and for variables with point masses.",
    reference="B. C. Ross, PLoS ONE 9, 2014; W. Gao, S. Kannan, S. Oh and P. Viswanath, arXiv:1709.06212",
)
