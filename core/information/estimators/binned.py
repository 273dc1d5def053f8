"""Equal-frequency bins: a fixed table of counts."""

from __future__ import annotations

import numpy as np

from core.information.estimators._sample import Sample
from core.information.estimators._tables import BinnedConfig, from_rule
from core.information.estimators.estimator import ESTIMATORS, Estimate, Estimator


def estimate(sample: Sample, config: BinnedConfig, _: np.random.Generator) -> Estimate:
    """Estimate from the table of B × B equal-frequency bins."""
    return from_rule(sample, config, "equal_frequency")


ESTIMATORS.register(
    "binned",
    Estimator(
        estimate,
        assumes="The dependence is smooth on the scale of a bin.",
        limits="Needs N_eff of 10 B² or more, and loses a few percent of strong dependence (ρ > .9).",
        config=BinnedConfig,
        takes_weights=True,
        takes_negative_weights=True,
        takes_point_masses=True,
        takes_missing=True,
    ),
    title="Equal-frequency bins",
    summary="Counts events in bins that hold equally many.",
    formula="I = H(X) + H(Y) − H(X,Y), H = −Σ p ln p + (K − 1)/(2 N_eff) over K filled cells",
    reference="T. M. Cover and J. A. Thomas, Elements of Information Theory; G. A. Miller, 1955",
)
