"""From counts to measures: every quantity is a function of the three entropies of a pair, in nats.

    H = -Σ p log p        I = H(X) + H(Y) - H(X,Y)        d = H(X,Y) - I        D = d / H(X,Y)

The binned entropies of continuous variables grow with the number of bins, and so do D, U, IQR and NMI, which divide by
them. I and r_I converge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, rel_entr

from core.errors import DataError

Numbers = NDArray[np.floating[Any]] | NDArray[np.integer[Any]]
Floats = NDArray[np.float64]

CELLS = (-2, -1)  # the axes of one joint table


def in_bits(nats: Floats | float) -> Floats:
    """Convert an amount of information from nats to bits: divide by log 2.

    Example:
        >>> float(in_bits(jensen_shannon(np.array([1, 0]), np.array([0, 5]))))
        1.0
    """
    return np.asarray(np.divide(nats, np.log(2.0)))


@dataclass(frozen=True)
class Entropies:
    """Hold the entropies of pairs of variables in nats; the three arrays have one shape.

    Args:
        x: H(X).
        y: H(Y).
        joint: H(X,Y).
    """

    x: Floats
    y: Floats
    joint: Floats


def density(sum_w: Numbers, axes: tuple[int, ...] = CELLS) -> Floats:
    """Estimate the density p = max(Σw_cell, 0) / Σ max(Σw_cell, 0) of weighted tables.

    Cells whose weights sum to less than nothing are fluctuations around a small positive density; they become empty.

    Args:
        sum_w: Σw (or counts) in each cell, shape (..., n_x, n_y), any number of tables.
        axes: the axes of one table; ``(-1,)`` for histograms of one variable.

    Returns:
        Densities of the same shape that sum to one over ``axes``.

    Raises:
        DataError: the weights of a table do not sum to a positive number.

    Example:
        >>> density(np.array([[3, 1], [0, -1]]))
        array([[0.75, 0.25],
               [0.  , 0.  ]])
    """
    totals = np.asarray(sum_w, np.float64).sum(axis=axes)
    if not np.all(totals > 0):
        raise DataError(f"the event weights sum to {np.min(totals):g}; allowed: a positive sum")
    positive = np.clip(np.asarray(sum_w, np.float64), 0.0, None)
    return np.asarray(positive / positive.sum(axis=axes, keepdims=True))


def negative_cells(sum_w: Numbers) -> Floats:
    """Compute the share of the weight that lies in cells whose weights sum to less than nothing.

    Args:
        sum_w: Σw in each cell, shape (..., n_x, n_y).

    Returns:
        Σ_negative |Σw_cell| / Σ |Σw_cell|, between 0 and 1, for each table; 0 where all cells are empty.

    Example:
        >>> float(negative_cells(np.array([[2.0, -1.0], [0.0, 1.0]])))
        0.25
    """
    whole = np.abs(sum_w).sum(axis=CELLS, dtype=np.float64)
    negative = np.maximum(np.negative(sum_w), 0).sum(axis=CELLS, dtype=np.float64)
    return np.asarray(np.divide(negative, whole, out=np.zeros_like(whole), where=whole > 0))


def entropy(p: Floats, n_effective: float | None = None, axes: tuple[int, ...] = (-1,)) -> Floats:
    """Compute the entropy H = -Σ p log p, with the Miller-Madow correction + (m - 1)/2N_eff when N_eff is given.

    m is the number of occupied cells. The correction removes the bias of the plug-in estimate for N_eff of about ten
    events a cell or more; N_eff = (Σw)²/Σw² takes the place of the number of events, for which it is wrong.

    Args:
        p: densities, shape (..., n).
        n_effective: N_eff; None for the plug-in estimate.
        axes: the axes that p sums to one over.

    Returns:
        Entropies in nats, the shape of p without ``axes``.

    References:
        G. A. Miller, Note on the bias of information estimates, 1955.

    Example:
        >>> float(entropy(np.array([0.5, 0.5])).round(4))
        0.6931
    """
    occupied = np.count_nonzero(p, axis=axes)
    plug_in = np.where(occupied > 1, entr(p).sum(axis=axes), 0.0)  # a sum of one to rounding would have a logarithm
    return plug_in if n_effective is None else np.asarray(plug_in + (occupied - 1) / (2 * n_effective))


def entropies(sum_w: Numbers, n_effective: float | None = None) -> Entropies:
    """Compute H(X), H(Y) and H(X,Y) of joint tables.

    Args:
        sum_w: counts, Σw or probabilities in each cell, shape (..., n_x, n_y).
        n_effective: N_eff of the Miller-Madow correction; None for the plug-in estimate.

    Returns:
        Entropies in nats, one of each kind a table.

    Raises:
        DataError: the weights of a table do not sum to a positive number.

    Example:
        >>> h = entropies(np.eye(2))
        >>> float(h.x.round(4)), float(h.joint.round(4))
        (0.6931, 0.6931)
    """
    p = density(sum_w)
    return Entropies(
        entropy(p.sum(axis=-1), n_effective), entropy(p.sum(axis=-2), n_effective), entropy(p, n_effective, CELLS)
    )


def conditional_entropy(h: Entropies) -> Floats:
    """Compute H(Y|X) = H(X,Y) - H(X), what remains unknown of Y once X is known, in nats."""
    return h.joint - h.x


def mutual_information(h: Entropies) -> Floats:
    """Compute I = H(X) + H(Y) - H(X,Y) in nats.

    Plug-in estimates are never below zero; corrected ones scatter around zero for independent variables.

    Example:
        >>> float(mutual_information(entropies(np.eye(2))).round(4))
        0.6931
    """
    return h.x + h.y - h.joint


def variation(h: Entropies) -> Floats:
    """Compute the variation of information d = H(X,Y) - I = H(X|Y) + H(Y|X) in nats, a metric."""
    return h.joint - mutual_information(h)


def distance(h: Entropies) -> Floats:
    """Compute the distance D = d / H(X,Y) = 1 - IQR, from 0 to 1; a metric on discrete variables.

    References:
        A. Kraskov and P. Grassberger, MIC: mutual information based hierarchical clustering, arXiv:0809.1605.
    """
    return 1.0 - iqr(h)


def iqr(h: Entropies) -> Floats:
    """Compute the information quality ratio IQR = I / H(X,Y), from 0 to 1; NaN for two constants."""
    return _shared(h, h.joint)


def redundancy(h: Entropies) -> Floats:
    """Compute the redundancy R = I / (H(X) + H(Y)), from 0 to 1/2; NaN for two constants."""
    return _shared(h, h.x + h.y)


def symmetric_uncertainty(h: Entropies) -> Floats:
    """Compute the symmetric uncertainty U = 2R = 2I / (H(X) + H(Y)), from 0 to 1; NaN for two constants."""
    return 2.0 * redundancy(h)


def nmi(h: Entropies) -> Floats:
    """Compute the normalised mutual information NMI = I / √(H(X)H(Y)), from 0 to 1; NaN beside a constant."""
    return _shared(h, np.sqrt(h.x * h.y))


def informational_correlation(mutual: Floats) -> Floats:
    """Compute r_I = √(1 - exp(-2I)): the absolute correlation of the bivariate normal that shares as much.

    References:
        E. H. Linfoot, An informational measure of correlation, Information and Control 1, 1957.

    Example:
        >>> float(informational_correlation(-0.5 * np.log(1 - np.array([0.6]) ** 2))[0].round(4))
        0.6
    """
    return np.asarray(np.sqrt(-np.expm1(-2.0 * np.maximum(mutual, 0.0))))


def pointwise_mutual_information(p: Floats, k: int = 1) -> Floats:
    """Compute pmi^k = log p(x,y)^k/(p(x)p(y)) in nats, shape (..., n_x, n_y); NaN in empty cells.

    k = 1 is the pmi, whose mean is I(X;Y). Larger k damp what rare cells show: pmi² is 0 at most, where both values
    occur only together.

    References:
        B. Daille, Approche mixte pour l'extraction automatique de terminologie, 1994.
    """
    independent = p.sum(axis=-1, keepdims=True) * p.sum(axis=-2, keepdims=True)
    pmi = np.log(np.divide(p, independent, out=np.full_like(p, np.nan), where=p > 0))
    return np.asarray(pmi if k == 1 else pmi + (k - 1) * np.log(np.where(p > 0, p, np.nan)))


def mutual_information_error(sum_w: Numbers, sum_w2: Numbers) -> Floats:
    """Estimate the standard error of the mutual information to first order (delta method).

    σ² = Σ_cells Σw²_cell (pmi_cell - I)² / (Σw)², which is Var(pmi)/N without weights. Near independence, where the
    first order vanishes, it is up to √2 too large.

    Args:
        sum_w: Σw in each cell, shape (..., n_x, n_y).
        sum_w2: Σw² in each cell, the same shape.

    Returns:
        Standard errors in nats, one a table.
    """
    p = density(sum_w)
    deviation = np.nan_to_num(pointwise_mutual_information(p))
    deviation -= (p * deviation).sum(axis=CELLS, keepdims=True)
    variance = (np.asarray(sum_w2) * np.square(deviation)).sum(axis=CELLS)
    return np.asarray(np.sqrt(variance) / np.asarray(sum_w, np.float64).sum(axis=CELLS))


def kullback_leibler(first: Numbers, second: Numbers) -> Floats:
    """Compute the relative entropy KL = Σ p log p/q of two histograms in nats; infinite where q = 0 < p.

    Args:
        first: Σw in each bin, shape (..., n).
        second: the histogram of reference, the same shape.

    Returns:
        Values from 0 upwards.

    Raises:
        DataError: the weights of a histogram do not sum to a positive number.
    """
    return np.asarray(rel_entr(density(first, (-1,)), density(second, (-1,))).sum(axis=-1))


def jensen_shannon(first: Numbers, second: Numbers) -> Floats:
    """Compute the Jensen-Shannon divergence JSD = H((p+q)/2) - (H(p) + H(q))/2 of two histograms in nats.

    ``in_bits`` converts it; published values of 1/JSD differ by the factor 1/log 2 = 1.443 between the two.

    Args:
        first: Σw in each bin, shape (..., n); scale does not matter.
        second: the other histogram, the same shape.

    Returns:
        Values from 0 (equal shapes) to log 2 (no common bin).

    Raises:
        DataError: the weights of a histogram do not sum to a positive number.

    References:
        J. Lin, Divergence measures based on the Shannon entropy, 1991.

    Example:
        >>> float(jensen_shannon(np.array([1, 0]), np.array([0, 5])).round(4))
        0.6931
    """
    p, q = density(first, (-1,)), density(second, (-1,))
    middle = (p + q) / 2
    return np.asarray((rel_entr(p, middle) + rel_entr(q, middle)).sum(axis=-1) / 2)


def _shared(h: Entropies, whole: Floats) -> Floats:
    """Return I / whole, where an I below zero counts as zero and a share of nothing is NaN."""
    mutual = np.maximum(mutual_information(h), 0.0)
    return np.divide(mutual, whole, out=np.full_like(mutual, np.nan), where=whole > 0)
