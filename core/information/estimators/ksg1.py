"""The first estimator of Kraskov, Stögbauer and Grassberger."""

from __future__ import annotations

import numpy as np

from core.information.estimators._kraskov import ASSUMES, NeighbourConfig, from_neighbours
from core.information.estimators._sample import Sample
from core.information.estimators.estimator import ESTIMATORS, Estimate, Estimator


def estimate(sample: Sample, config: NeighbourConfig, rng: np.random.Generator) -> Estimate:
    """Compute I = ψ(k) + ψ(n) - <ψ(n_x + 1) + ψ(n_y + 1)>, events nearer than the k-th neighbour."""
    return from_neighbours(sample, config.k, rng, boxes=False)


ESTIMATORS.register(
    "ksg1",
    Estimator(
        estimate,
        assumes=ASSUMES,
        limits="Takes no weights, no repeated values and no NaN; biased towards 0 for strong dependence of few events.",
        config=NeighbourConfig,
        takes_vectors=True,
    ),
    title="Kraskov 1",
    summary="Compares distances to nearest neighbours in the plane with those along each axis.",
    formula="I = ψ(k) + ψ(n) − ⟨ψ(n_x + 1) + ψ(n_y + 1)⟩",
    reference="A. Kraskov, H. Stögbauer and P. Grassberger, arXiv:cond-mat/0305641",
)
