"""The second estimator of Kraskov, Stögbauer and Grassberger."""

from __future__ import annotations

import numpy as np

from core.information.estimators._kraskov import ASSUMES, NeighbourConfig, from_neighbours
from core.information.estimators._sample import Sample
from core.information.estimators.estimator import ESTIMATORS, Estimate, Estimator


def estimate(sample: Sample, config: NeighbourConfig, rng: np.random.Generator) -> Estimate:
    """Compute I = ψ(k) - 1/k + ψ(n) - <ψ(n_x) + ψ(n_y)>, events inside the box of the k nearest neighbours."""
    return from_neighbours(sample, config.k, rng, boxes=True)


ESTIMATORS.register(
    "ksg2",
    Estimator(
        estimate,
        assumes=ASSUMES,
        limits="Takes no weights, no repeated values and no NaN; biased towards 0 for strong dependence of few events.",
        config=NeighbourConfig,
        takes_vectors=True,
    ),
    title="Kraskov 2",
    summary="Compares distances to nearest neighbours in the plane with those along each axis.",
    formula="I = ψ(k) − 1/k + ψ(n) − ⟨ψ(n_x) + ψ(n_y)⟩",
    reference="A. Kraskov, H. Stögbauer and P. Grassberger, arXiv:cond-mat/0305641",
)
