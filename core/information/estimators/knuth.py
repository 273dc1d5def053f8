"""Knuth's bins: equal widths, as many as the data support."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from core.information.estimators._sample import Sample
from core.information.estimators._tables import from_codes
from core.information.estimators.estimator import ESTIMATORS, Estimate, Estimator, EstimatorConfig
from core.information.quantise import MIN_BINS, Codes, find_bins

_MOST_BINS = 128


def knuth_bins(values: NDArray[Any], weights: NDArray[np.float64] | None = None) -> int:
    """Find the number of bins of equal width with the largest posterior probability.

    log P(M) = N log M + log Γ(M/2) - M log Γ(1/2) - log Γ(N + M/2) + Σ_k log Γ(n_k + 1/2), with N_eff for N under
    weights.

    Args:
        values: shape (n,), numeric; NaN and infinities are left out.
        weights: event weights, shape (n,), of any sign; None weighs every event 1.

    Returns:
        M, from 2 to 128.

    References:
        K. H. Knuth, Optimal data-based binning for histograms, arXiv:physics/0605197.

    Example:
        >>> knuth_bins(np.random.default_rng(1).uniform(size=1000))
        2
    """
    known = np.isfinite(values)
    values = np.asarray(values[known], np.float64)
    if not len(values) or values.min() == values.max():
        return 2
    each = np.ones(len(values)) if weights is None else weights[known]
    order = np.argsort(values)
    ordered, filled = values[order], np.concatenate([[0.0], np.cumsum(each[order])])
    filled *= each.sum() / np.square(each).sum()
    best, most = 2, -np.inf
    for bins in range(2, _MOST_BINS + 1):
        inner = np.linspace(ordered[0], ordered[-1], bins + 1)[1:-1]
        below = np.searchsorted(ordered, inner)
        counts = np.diff(filled[np.concatenate([[0], below, [-1]])]).clip(0)
        n = counts.sum()
        posterior = n * np.log(bins) + gammaln(bins / 2) - bins * gammaln(0.5) - gammaln(n + bins / 2)
        posterior += gammaln(counts + 0.5).sum()
        if posterior > most:
            best, most = bins, float(posterior)
    return best


def estimate(sample: Sample, _: EstimatorConfig, __: np.random.Generator) -> Estimate:
    """Estimate from a table whose axes have each their own number of equal bins."""
    columns = {"x": sample.x[:, 0], "y": sample.y[:, 0]}
    numbers = [knuth_bins(values, sample.weights) for values in columns.values()]
    fine, half = (_coded(columns, [max(number // share, MIN_BINS) for number in numbers]) for share in (1, 2))
    words = f"binned by Knuth's rule, B = {numbers[0]} and {numbers[1]}"
    return from_codes(fine, half, sample, "miller_madow", words)


def _coded(columns: dict[str, NDArray[Any]], numbers: list[int]) -> Codes:
    """Return codes of equal width, of each variable its own number."""
    bins = [
        find_bins(values, bins=number, rule="equal_width")
        for number, values in zip(numbers, columns.values(), strict=True)
    ]
    rows = np.stack([each.encode(values) for each, values in zip(bins, columns.values(), strict=True)])
    n_bins = np.array([max(each.n_codes, int(row.max()) + 1) for each, row in zip(bins, rows, strict=True)], np.intp)
    return Codes(tuple(columns), rows, tuple(bins), n_bins)


ESTIMATORS.register(
    "knuth",
    Estimator(
        estimate,
        assumes="Each variable's own density is well described by bins of equal width.",
        limits="Chooses bins for each variable alone, too many for the plane below 10⁴ events; heavy tails spoil it.",
        takes_weights=True,
        takes_negative_weights=True,
        takes_point_masses=True,
        takes_missing=True,
    ),
    title="Knuth's bins",
    summary="Counts events in bins of equal width, as many as each variable's data support.",
    formula="I = H(X) + H(Y) − H(X,Y); bins M with the largest N ln M + ln Γ(M/2) − M ln Γ(½) − ln Γ(N + M/2) + Σ_k ln "
    "Γ(n_k + ½)",
    reference="K. H. Knuth, arXiv:physics/0605197",
)
