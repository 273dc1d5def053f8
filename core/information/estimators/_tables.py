"""What the binned estimators share: one fixed table of counts."""

from __future__ import annotations

from pydantic import Field

from core.information.counts import count_pairs
from core.information.estimate import Correction, pair_information
from core.information.estimators._sample import Sample
from core.information.estimators.estimator import Estimate, EstimatorConfig
from core.information.measures import mutual_information
from core.information.quantise import MAX_BINS, MIN_BINS, Codes, Rule, quantise


class BinnedConfig(EstimatorConfig):
    """Hold the options of an estimate from a table of B × B cells."""

    bins: int = Field(
        32, ge=MIN_BINS, le=MAX_BINS, title="Bins B", description="The largest number of bins of a variable."
    )
    correction: Correction = Field(
        "miller_madow",
        title="Correction",
        description="miller_madow removes the bias for N_eff ≥ 10 B²; none leaves it.",
    )


def from_rule(sample: Sample, config: BinnedConfig, rule: Rule) -> Estimate:
    """Estimate from codes whose boundaries follow a rule."""
    codes = quantise({"x": sample.x[:, 0], "y": sample.y[:, 0]}, bins=config.bins, rule=rule, weights=sample.weights)
    return from_codes(codes, sample, config.correction, f"binned {rule.replace('_', '-')}, B = {config.bins}")


def from_codes(codes: Codes, sample: Sample, correction: Correction, words: str) -> Estimate:
    """Estimate I = H(X) + H(Y) - H(X,Y) from codes, with the error of the delta method."""
    counts = count_pairs(codes, sample.weights)
    found = pair_information(counts, correction)
    corrected = "Miller-Madow" if correction == "miller_madow" else "plug-in"
    value = float(mutual_information(found.entropies)[0])
    return Estimate(value, float(found.error[0]), counts.n_effective, f"{words}, {corrected}")
