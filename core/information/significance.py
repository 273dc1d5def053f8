"""How sure the information of every pair is: jackknife errors, and p-values under independence.

Both work on the joint tables, so their cost hardly grows with the number of events: the jackknife counts each block
of events once and takes it away from the whole; the null draws tables of independent variables from the margins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, gamma
from scipy.stats import t as student

from core.errors import DataError
from core.events.table import EventClass, EventTable
from core.information.counts import PairCounts, count_pairs
from core.information.estimate import pair_information
from core.information.measures import entropies, entropy, mutual_information
from core.information.quantise import Codes, quantise
from core.information.selection import default_names, select

Floats = NDArray[np.float64]
Progress = Callable[[float], None]

N_BLOCKS, N_DRAWS = 50, 100
FEWEST_PER_BLOCK = 10
_DRAWS_AT_ONCE = 2**21  # cells
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Significance:
    """Hold how sure I(X;Y) of every pair is, in nats. Arrays are (k, k), rows and columns as in ``names``.

    Args:
        names: the variables.
        mi: I(X;Y) with the Miller-Madow correction, with H(X) on the diagonal.
        error: jackknife standard errors of ``mi``; near independence up to √2 too large.
        bias: what the uncorrected estimate of I is too large by, by the jackknife.
        null_mean: the mean of the uncorrected estimate for independent variables with the same margins.
        p_value: the chance of as large an estimate for independent variables; NaN on the diagonal.
        q_value: the smallest false discovery rate at which the pair is a discovery; NaN on the diagonal.
        n_blocks: blocks of the jackknife.
    """

    names: tuple[str, ...]
    mi: Floats
    error: Floats
    bias: Floats
    null_mean: Floats
    p_value: Floats
    q_value: Floats
    n_blocks: int

    def interval(self, level: float = 0.68) -> tuple[Floats, Floats]:
        """Return the limits of the central confidence interval, by Student's t with n_blocks - 1 degrees of freedom.

        Raises:
            DataError: the level is not between 0 and 1.
        """
        if not 0 < level < 1:
            raise DataError(f"confidence level {level:g}; allowed: between 0 and 1")
        half = student.ppf((1 + level) / 2, self.n_blocks - 1) * self.error
        return self.mi - half, self.mi + half

    def discoveries(self, rate: float = 0.05) -> NDArray[np.bool_]:
        """Return which pairs share information when a share ``rate`` of those named may be false, shape (k, k)."""
        return np.asarray(self.q_value <= rate)

    def take(self, order: Sequence[int]) -> Significance:
        """Return some of the variables, or all in another order; q-values stay those of all."""
        cells = np.ix_(order, order)
        arrays = ("mi", "error", "bias", "null_mean", "p_value", "q_value")
        return replace(
            self,
            names=tuple(self.names[i] for i in order),
            **{name: getattr(self, name)[cells] for name in arrays},
        )


def significance(
    table: EventTable,
    names: Sequence[str] | None = None,
    *,
    rng: np.random.Generator | int,
    event_class: EventClass = "all",
    bins: int = 32,
    progress: Progress | None = None,
) -> Significance:
    """Compute errors, p-values and false discovery rates of the information of every pair.

    Args:
        table: the events.
        names: two variables or more; None for features, protected variables and, among all events, the label.
        rng: source of the tables of independent variables, or a seed.
        event_class: "all", "signal" or "background".
        bins: B, the largest number of codes of a variable, 2 to 255.
        progress: called with the share of the work that is done, from 0 to 1.

    Returns:
        The significance of every pair.

    Raises:
        DataError: columns, weights, class or bins that cannot be used, too much weight in negative cells, or fewer
            than 20 events.

    References:
        B. Efron, The Jackknife, the Bootstrap and Other Resampling Plans, 1982;
        Y. Benjamini and Y. Hochberg, Controlling the false discovery rate, 1995.
    """
    tell = progress or (lambda share: None)
    names = tuple(names) if names is not None else default_names(table, event_class)
    chosen = select(table, names, event_class)
    codes = quantise(chosen.columns, bins=bins, weights=chosen.weights)
    counts = count_pairs(codes, chosen.weights)
    error, bias, n_blocks = jackknife(codes, counts, chosen.weights, lambda share: tell(share / 2))
    p_value, null_mean = null_probability(counts, np.random.default_rng(rng), lambda share: tell(0.5 + share / 2))
    own = mutual_information(pair_information(counts).entropies)
    k, n_pairs = len(names), len(counts.pairs)
    undefined = np.full(k, np.nan)

    def square(values: Floats, diagonal: Floats) -> Floats:
        matrix = np.diag(diagonal)
        i, j = counts.pairs.T
        matrix[i, j] = matrix[j, i] = values[:n_pairs]
        return matrix

    return Significance(
        names=names,
        mi=square(own, own[n_pairs:]),
        error=square(error, error[n_pairs:]),
        bias=square(bias, bias[n_pairs:]),
        null_mean=square(null_mean, undefined),
        p_value=square(p_value, undefined),
        q_value=square(false_discovery_control(p_value), undefined),
        n_blocks=n_blocks,
    )


def jackknife(
    codes: Codes, counts: PairCounts, weights: Floats | None, progress: Progress
) -> tuple[Floats, Floats, int]:
    """Leave out one block of events after the other.

    σ² = (g - 1)/g Σ_b (I_b - Ī)²,  bias = (g - 1)(Ī - I)  with I_b the estimate without block b of g. A block is a
    run of neighbouring events, so that candidates of one collision stay together.

    Args:
        codes: the events.
        counts: their joint tables.
        weights: event weights, shape (n,); None when all are equal.
        progress: called with the share that is done.

    Returns:
        Standard error of the corrected, bias of the uncorrected estimate, in the order of ``pair_information``, and g.

    Raises:
        DataError: fewer than 20 events.
    """
    n_blocks = min(N_BLOCKS, codes.n_events // FEWEST_PER_BLOCK)
    if n_blocks < 2:
        raise DataError(f"{codes.n_events} events; allowed: {2 * FEWEST_PER_BLOCK} or more")
    edges = np.linspace(0, codes.n_events, n_blocks + 1).astype(int)
    corrected, plug_in = [], []
    for block, (start, end) in enumerate(pairwise(edges)):
        part = replace(codes, codes=np.ascontiguousarray(codes.codes[:, start:end]))
        left = _without(counts, count_pairs(part, None if weights is None else weights[start:end])).with_selves()
        found = entropies(left.sum_w)
        plug_in.append(mutual_information(found))
        corrected.append(mutual_information(entropies(left.sum_w, left.n_effective)))
        progress((block + 1) / n_blocks)
    whole = mutual_information(entropies(counts.with_selves().sum_w))
    error = np.sqrt((n_blocks - 1) * np.var(corrected, axis=0))
    return error, (n_blocks - 1) * (np.mean(plug_in, axis=0) - whole), n_blocks


def null_probability(counts: PairCounts, rng: np.random.Generator, progress: Progress) -> tuple[Floats, Floats]:
    """Compute the chance that independent variables with the same margins look as dependent.

    Each cell of a null table is s · Poisson(μ/s) with mean μ = W_x W_y / W and variance s μ = V_x V_y / V, where W and
    V are the sums of w and w²: for unweighted events what shuffling one variable against the other gives. The p-value
    is the tail of the gamma distribution with mean and variance of the null estimates, so it is not bounded by their
    number.

    Args:
        counts: the joint tables.
        rng: source of the null tables.
        progress: called with the share that is done.

    Returns:
        p-value and mean null estimate in nats of each pair, shape (n_pairs,).

    References:
        G. Bohm and G. Zech, Statistics of weighted Poisson events, arXiv:1309.1287 (the scaled Poisson distribution).
    """
    n_pairs, size = counts.sum_w.shape[:2]
    step = max(1, _DRAWS_AT_ONCE // (N_DRAWS * size * size))
    p_value, null_mean = np.ones(n_pairs), np.zeros(n_pairs)
    for start in range(0, n_pairs, step):
        pairs = slice(start, start + step)
        null = _null_estimates(counts.sum_w[pairs], counts.sum_w2[pairs], rng)
        mean, variance = null.mean(axis=0), null.var(axis=0, ddof=1)
        seen = mutual_information(entropies(counts.sum_w[pairs]))
        free = mean > _ROUNDING  # a constant shares nothing
        p_value[pairs][free] = gamma.sf(seen[free], mean[free] ** 2 / variance[free], scale=variance[free] / mean[free])
        null_mean[pairs] = mean
        progress(min(1.0, (start + step) / n_pairs))
    return p_value, null_mean


def _null_estimates(sum_w: NDArray[np.number], sum_w2: NDArray[np.number], rng: np.random.Generator) -> Floats:
    """Return plug-in estimates of tables of independent variables, shape (N_DRAWS, n_pairs)."""
    mean, variance = _product(sum_w), _product(sum_w2)
    scale = np.divide(variance, mean, out=np.ones_like(mean), where=mean > 0)
    tables = rng.poisson(mean / scale, (N_DRAWS, *mean.shape)) * scale
    x, y = tables.sum(axis=-1), tables.sum(axis=-2)
    total = x.sum(axis=-1, keepdims=True)
    joint = entropy(tables / total[..., None], axes=(-2, -1))
    return entropy(x / total) + entropy(y / total) - joint


def _product(tables: NDArray[np.number]) -> Floats:
    """Return the tables of the same margins, cut at zero, that factorise."""
    x, y = (np.clip(tables.sum(axis=axis, dtype=np.float64), 0.0, None) for axis in (-1, -2))
    return np.asarray(x[:, :, None] * y[:, None, :] / tables.sum(axis=(-2, -1), dtype=np.float64)[:, None, None])


def _without(counts: PairCounts, part: PairCounts) -> PairCounts:
    """Return the tables without those of some of the events."""
    sum_w = counts.sum_w - part.sum_w
    if counts.sum_w2 is counts.sum_w:
        return replace(counts, sum_w=sum_w, sum_w2=sum_w, n_events=counts.n_events - part.n_events)
    sum_w2 = counts.sum_w2 - part.sum_w2
    rest = sum_w2 > _ROUNDING * counts.sum_w2  # a cell that lost all its events would look occupied
    return replace(counts, sum_w=sum_w * rest, sum_w2=sum_w2 * rest, n_events=counts.n_events - part.n_events)
