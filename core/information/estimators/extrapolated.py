"""Nearest neighbours with what they smooth away put back: for variables of several dimensions."""

from __future__ import annotations

import numpy as np

from core.information.estimators._kraskov import (
    ASSUMES,
    NeighbourConfig,
    contributions,
    refuse_few,
    scores_of,
    standard_error,
)
from core.information.estimators._sample import Sample
from core.information.estimators.estimator import ESTIMATORS, Estimate, Estimator

_WIDER = 4  # times as many neighbours


def estimate(sample: Sample, config: NeighbourConfig, rng: np.random.Generator) -> Estimate:
    """Compute I_k + max(0, I_k - I_4k) / max(1, 4^(2/d) - 1), I_k after Kraskov and others, d of x and y together.

    A smooth density makes I_k fall as (k/n)^(2/d). What the fall from k to 4k leaves below k is added, at most as much
    as the fall itself; where the estimate does not fall, it stays.
    """
    refuse_few(sample, _WIDER * config.k)
    x, y = scores_of(sample, rng)
    near, wide = (contributions(x, y, k, boxes=False) for k in (config.k, _WIDER * config.k))
    growth = _WIDER ** (2 / (x.shape[1] + y.shape[1])) - 1
    local = near + (near - wide) / max(growth, 1.0) if near.mean() > wide.mean() else near
    words = f"Kraskov 1 extrapolated, k = {config.k} from {_WIDER * config.k}, on normal scores"
    return Estimate(float(local.mean()), standard_error(local, config.k), float(sample.n_events), words)


ESTIMATORS.register(
    "extrapolated",
    Estimator(
        estimate,
        assumes=ASSUMES,
        limits="Takes no weights, no repeated values and no NaN; scatters more than Kraskov's own in one dimension.",
        config=NeighbourConfig,
        takes_vectors=True,
    ),
    title="Extrapolated neighbours",
    summary="Adds to Kraskov 1 what its estimate loses as neighbours are taken farther away: for several dimensions.",
    formula="I = I_k + max(0, I_k − I_4k) / max(1, 4^(2/d) − 1), I_k that of Kraskov 1, d of x and y together",
    reference="A. Kraskov, H. Stögbauer and P. Grassberger, arXiv:cond-mat/0305641",
)
