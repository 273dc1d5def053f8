"""What three or more variables share: conditional and total information of a table of several dimensions.

    I(X;Y|Z) = H(X,Z) + H(Y,Z) - H(X,Y,Z) - H(Z)        C = Σ H(X_i) - H(X_1,…,X_n)

A table of B bins along each of n axes has Bⁿ cells: use few bins, for the bias of the plug-in estimate grows with the
occupied cells. ``count_jointly`` makes such a table from codes.
"""

from __future__ import annotations

import numpy as np

from core.errors import DataError
from core.information.measures import Floats, Numbers, density, entropy


def conditional_mutual_information(table: Numbers, n_effective: float | None = None) -> float:
    """Compute I(X;Y|Z) = H(X,Z) + H(Y,Z) - H(X,Y,Z) - H(Z): what X and Y share once Z is known, in nats.

    Args:
        table: counts or Σw in each cell, shape (n_x, n_y, n_z).
        n_effective: N_eff of the Miller-Madow correction; None for the plug-in estimate.

    Returns:
        The information in nats; never below zero without the correction.

    Raises:
        DataError: not three dimensions, or weights that do not sum to a positive number.

    Example:
        >>> exclusive_or = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]]])
        >>> round(conditional_mutual_information(exclusive_or), 4)
        0.6931
    """
    h = _Marginals(table, n_effective, n_axes=3)
    return h.of(0, 2) + h.of(1, 2) - h.of(0, 1, 2) - h.of(2)


def interaction_information(table: Numbers, n_effective: float | None = None) -> float:
    """Compute the interaction information I(X;Y;Z) = I(X;Y|Z) - I(X;Y) in nats, the same for any order of the three.

    It is positive for synergy (two tell together what neither tells alone) and negative for redundancy (they tell the
    same). Some authors use the opposite sign.

    Args:
        table: counts or Σw in each cell, shape (n_x, n_y, n_z).
        n_effective: N_eff of the Miller-Madow correction; None for the plug-in estimate.

    Returns:
        The interaction information in nats.

    Raises:
        DataError: not three dimensions, or weights that do not sum to a positive number.

    References:
        W. J. McGill, Multivariate information transmission, Psychometrika 19, 1954.

    Example:
        >>> copies = np.zeros((2, 2, 2))
        >>> copies[0, 0, 0] = copies[1, 1, 1] = 1
        >>> round(interaction_information(copies), 4)
        -0.6931
    """
    h = _Marginals(table, n_effective, n_axes=3)
    pairs, singles = h.of(0, 1) + h.of(0, 2) + h.of(1, 2), h.of(0) + h.of(1) + h.of(2)
    return pairs - singles - h.of(0, 1, 2)


def total_correlation(table: Numbers, n_effective: float | None = None) -> float:
    """Compute the total correlation C = Σ H(X_i) - H(X_1,…,X_n) = KL(p(x_1,…,x_n) || Π p(x_i)) in nats.

    Args:
        table: counts or Σw in each cell, one axis a variable, two variables or more.
        n_effective: N_eff of the Miller-Madow correction; None for the plug-in estimate.

    Returns:
        The total correlation in nats, the mutual information for two variables; never below zero without the
        correction.

    Raises:
        DataError: fewer than two dimensions, or weights that do not sum to a positive number.

    References:
        S. Watanabe, Information theoretical analysis of multivariate correlation, IBM Journal 4, 1960.

    Example:
        >>> round(total_correlation(np.eye(2)), 4)
        0.6931
    """
    h = _Marginals(table, n_effective)
    axes = range(h.p.ndim)
    return sum(h.of(axis) for axis in axes) - h.of(*axes)


class _Marginals:
    """Give the entropy of any of the variables of a table."""

    def __init__(self, table: Numbers, n_effective: float | None, n_axes: int | None = None) -> None:
        shape = np.shape(table)
        if len(shape) < 2 or n_axes not in (None, len(shape)):
            raise DataError(f"a table of shape {shape}; allowed: {n_axes or 'two or more'} dimensions, one a variable")
        self.p: Floats = density(table, tuple(range(len(shape))))
        self.n_effective = n_effective

    def of(self, *axes: int) -> float:
        """Return the joint entropy of the variables along ``axes``."""
        others = tuple(axis for axis in range(self.p.ndim) if axis not in axes)
        return float(entropy(self.p.sum(axis=others).ravel(), self.n_effective))
