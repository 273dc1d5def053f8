"""Equal-width bins: a fixed table of counts."""

from __future__ import annotations

import numpy as np

from core.information.estimators._sample import Sample
from core.information.estimators._tables import BinnedConfig, from_rule
from core.information.estimators.estimator import ESTIMATORS, Estimate, Estimator


def estimate(sample: Sample, config: BinnedConfig, _: np.random.Generator) -> Estimate:
    """Estimate from the table of B × B equal-width bins."""
    return from_rule(sample, config, "equal_width")


ESTIMATORS.register(
    "equal_width",
    Estimator(
        estimate,
        assumes="The dependence is smooth on the scale of a bin, and no tail stretches the range.",
        limits="Loses most information under heavy tails or a sentinel such as -999.",
        config=BinnedConfig,
        takes_weights=True,
        takes_negative_weights=True,
        takes_point_masses=True,
        takes_missing=True,
    ),
    title="Equal-width bins",
    summary="Counts events in bins of equal width between the extremes.",
    formula="I = H(X) + H(Y) − H(X,Y), H = −Σ p ln p + (K − 1)/(2 N_eff) over K filled cells",
    reference="G. A. Miller, Note on the bias of information estimates, 1955",
)
