"""What the binned estimators share: one fixed table of counts."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from core.information.counts import count_pairs
from core.information.estimate import Correction, pair_information, suitable_bins
from core.information.estimators._sample import Sample
from core.information.estimators.estimator import Estimate, EstimatorConfig
from core.information.measures import entropies, mutual_information
from core.information.quantise import MAX_BINS, MIN_BINS, Codes, Rule, quantise


class BinnedConfig(EstimatorConfig):
    """Hold the options of an estimate from a table of B × B cells."""

    bins: int | None = Field(
        None,
        ge=MIN_BINS,
        le=MAX_BINS,
        title="Bins B",
        description="The largest number of bins of a variable; by default as many as suit the events, 4 to 32.",
    )
    correction: Correction = Field(
        "miller_madow",
        title="Correction",
        description="miller_madow removes the bias for N_eff ≥ 10 B²; none leaves it.",
    )


def from_rule(sample: Sample, config: BinnedConfig, rule: Rule) -> Estimate:
    """Estimate from codes whose boundaries follow a rule."""
    columns = {"x": sample.x[:, 0], "y": sample.y[:, 0]}
    bins = config.bins or suitable_bins(sample.n_effective)
    fine, half = (
        quantise(columns, bins=number, rule=rule, weights=sample.weights) for number in (bins, max(bins // 2, MIN_BINS))
    )
    return from_codes(fine, half, sample, config.correction, f"binned {rule.replace('_', '-')}, B = {bins}")


def from_codes(fine: Codes, half: Codes, sample: Sample, correction: Correction, words: str) -> Estimate:
    """Estimate I = H(X) + H(Y) - H(X,Y) from codes.

    The error is that of the delta method, and what half as many bins lose: bins lose up to as much again of what a
    strong dependence shares. A variable with a code for each of its values loses nothing.

    Args:
        fine: the codes.
        half: codes of half as many bins.
        sample: the events.
        correction: "miller_madow" or "none".
        words: how the codes were made.
    """
    counts = count_pairs(fine, sample.weights)
    found = pair_information(counts, correction)
    corrected = "Miller-Madow" if correction == "miller_madow" else "plug-in"
    value = float(mutual_information(found.entropies)[0])
    coarse = count_pairs(_keep_values(fine, half), sample.weights).sum_w
    fewer = entropies(coarse[0], counts.n_effective if correction == "miller_madow" else None)
    lost = max(value - float(mutual_information(fewer)), 0.0)
    return Estimate(value, float(np.hypot(found.error[0], lost)), counts.n_effective, f"{words}, {corrected}")


def _keep_values(fine: Codes, half: Codes) -> Codes:
    """Return half as many codes of each variable, but for those that have a code for each value."""
    kept = np.array([each.values is not None for each in fine.bins])
    bins = tuple(a if keep else b for a, b, keep in zip(fine.bins, half.bins, kept, strict=True))
    codes = np.where(kept[:, None], fine.codes, half.codes)
    return Codes(fine.names, codes, bins, np.where(kept, fine.n_bins, half.n_bins))
