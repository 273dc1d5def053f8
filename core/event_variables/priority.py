"""The priority π(θ): how much each value of the parameter matters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.event_variables.config import PriorityConfig

Floats = NDArray[np.float64]

FEW_VALUES, BINS = 64, 50
"""Up to so many values of θ are counted one by one; more are put into bins of equal width."""


def priority_weights(theta: Floats, weights: Floats, config: PriorityConfig) -> Floats:
    """Compute the factor π(θ)/p(θ) by which an event counts more or less than in the sample, of weighted mean 1.

    p(θ) is estimated from the sample: value by value where there are few, otherwise in bins of equal width.

    Args:
        theta: of the signal events, shape (n,).
        weights: of the sample, shape (n,), positive.
        config: names the priority.

    Returns:
        Factors, shape (n,).

    Raises:
        DataError: no event lies where the priority is.

    Example:
        >>> theta = np.array([1.0, 2.0, 2.0, 2.0])
        >>> priority_weights(theta, np.ones(4), PriorityConfig(priority="flat")).round(2)
        array([2.  , 0.67, 0.67, 0.67])
    """
    if config.priority == "sample":
        return np.ones_like(theta)
    low, high = float(theta.min()), float(theta.max())
    if len(np.unique(theta)) <= FEW_VALUES:
        codes = np.unique(theta, return_inverse=True)[1]
    else:
        codes = np.minimum(((theta - low) / (high - low) * BINS).astype(np.int64), BINS - 1)
    factors = 1 / np.bincount(codes, weights)[codes]
    if config.priority == "gaussian":
        centre = (low + high) / 2 if config.priority_centre is None else config.priority_centre
        width = (high - low) / 6 if config.priority_width is None else config.priority_width
        factors *= np.exp(-0.5 * ((theta - centre) / width) ** 2)
        if not factors.sum() > 0:
            raise DataError(
                f"no event has a θ near the priority, {centre:.4g} ± {width:.4g}; "
                f"θ lies between {low:.4g} and {high:.4g}"
            )
    return np.asarray(factors * weights.sum() / (factors @ weights))
