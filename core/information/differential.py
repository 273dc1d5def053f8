"""The entropy of a continuous variable, which does not depend on how finely it is binned."""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

from core.errors import DataError
from core.information.measures import Floats, Numbers, density, entropy


def differential_entropy(sum_w: Numbers, edges: Numbers, n_effective: float | None = None) -> Floats:
    """Estimate the differential entropy h = H(X_Δ) + E[log Δ] of a binned variable, in nats.

    Δ is the width of the bin that an event falls in. h depends on the variable's unit and is negative for a variable
    narrower than one unit, so its value is compared, not read as an amount; no ratio of two of them means anything.

    Args:
        sum_w: counts or Σw in each bin, shape (..., n).
        edges: the bins' boundaries in the variable's unit, shape (n + 1,), finite and increasing.
        n_effective: N_eff of the Miller-Madow correction; None for the plug-in estimate.

    Returns:
        Entropies in nats, one a histogram.

    Raises:
        DataError: edges that do not fit or increase, or weights that do not sum to a positive number.

    References:
        T. M. Cover and J. A. Thomas, Elements of Information Theory, 2006, theorem 8.3.1.

    Example:
        >>> float(differential_entropy(np.array([1, 1]), np.array([0.0, 0.1, 0.2])).round(4))  # log 0.2
        -1.6094
    """
    widths = np.diff(np.asarray(edges, np.float64))
    n_bins = np.shape(sum_w)[-1]
    if widths.shape != (n_bins,):
        raise DataError(f"edges of shape {np.shape(edges)}; allowed: {n_bins + 1} edges for {n_bins} bins")
    if not (np.isfinite(widths).all() and (widths > 0).all()):
        raise DataError(f"edges with a bin of width {widths[~(widths > 0) | ~np.isfinite(widths)][0]:g}; allowed: > 0")
    p = density(sum_w, (-1,))
    return np.asarray(entropy(p, n_effective) + xlogy(p, widths).sum(axis=-1))
