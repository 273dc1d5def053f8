"""The trade-off of separation against sculpting: which points are best, and how much a front covers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

AUC_REFERENCE, LOG_INVERSE_JSD_REFERENCE = 0.7, 0.3


def pareto_optimal(auc: Sequence[float], inverse_jsd: Sequence[float]) -> NDArray[np.bool_]:
    """Return which points no other point beats in both AUC and 1/JSD, shape (n,); points with a NaN are not.

    Example:
        >>> pareto_optimal([0.9, 0.8, 0.7], [10.0, 100.0, 50.0])
        array([ True,  True, False])
    """
    a, j = np.asarray(auc, np.float64), np.asarray(inverse_jsd, np.float64)
    as_good = (a[:, None] <= a) & (j[:, None] <= j)
    better = (a[:, None] < a) | (j[:, None] < j)
    return np.asarray(~(as_good & better).any(1) & np.isfinite(a) & np.isfinite(j))


def hypervolume(auc: Sequence[float], inverse_jsd: Sequence[float]) -> float:
    """Compute the area that a front dominates in the plane of AUC and log10 1/JSD.

    The area of the union of rectangles from the reference (AUC = 0.7, log10 1/JSD = 0.3) to each point; points that do
    not exceed it in both add nothing. JSD in nats.

    Args:
        auc: shape (n,).
        inverse_jsd: 1/JSD, shape (n,).

    Returns:
        The area; larger is better.

    References:
        Zitzler, Thiele 1999 (IEEE Trans. Evol. Comput. 3, 257) for the measure.

    Example:
        >>> round(hypervolume([0.9, 0.8], [10.0, 1000.0]), 6)
        0.34
    """
    points = [
        (a - AUC_REFERENCE, np.log10(j) - LOG_INVERSE_JSD_REFERENCE)
        for a, j in zip(auc, inverse_jsd, strict=True)
        if a > AUC_REFERENCE and j > 0 and np.log10(j) > LOG_INVERSE_JSD_REFERENCE
    ]
    area, height = 0.0, 0.0
    for width, top in sorted(points, reverse=True):
        area += width * max(top - height, 0.0)
        height = max(height, top)
    return float(area)
