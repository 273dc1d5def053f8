"""What a score still tells about a protected variable: information by two estimators, and distance correlation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audit.shuffles import Floats, upper_tail, upper_tail_of_few
from core.errors import DataError
from core.events.table import effective_number
from core.information.distance_correlation import distance_correlation
from core.information.estimate import estimate_mi
from core.information.estimators._splitting import independent_blocks
from core.information.estimators.adaptive import fine_codes, information_of_blocks
from core.information.measures import entropies, mutual_information, mutual_information_error
from core.information.quantise import quantise
from core.learning.pulse import sign_of_life
from core.results import Estimate, Number

NEIGHBOUR_EVENTS, NEIGHBOUR_SHUFFLES = 10_000, 30
LEAST_NEIGHBOUR_EVENTS = 500
LEAST_PER_CELL = 10


@dataclass(frozen=True)
class Dependence:
    """Hold one measure of the dependence of a score on a protected variable, on background events.

    Args:
        measure: how it was made, in words.
        estimate: its value and standard error; nats where it is an information.
        null_level: its mean over shuffled events.
        p_value: probability that shuffled events show as much; NaN when it says nothing.
        n_events: events used.
        n_effective: their N_eff.
    """

    measure: str
    estimate: Estimate
    null_level: Number
    p_value: Number
    n_events: int
    n_effective: Number


@dataclass(frozen=True)
class _Plane:
    """Hold the joint table of the codes of score and protected variable.

    Args:
        sum_w: Σw in each cell, shape (n_f, n_m).
        sum_w2: Σw² in each cell; the very counts when unweighted.
        f: mean score of each row, ascending, shape (n_f,).
        m: mean protected variable of each column, ascending, shape (n_m,).
        codes: row and column of each event, shape (2, n).
    """

    sum_w: Floats
    sum_w2: Floats
    f: Floats
    m: Floats
    codes: NDArray[np.intp]


def table_dependence(
    f: Floats,
    m: Floats,
    weights: Floats | None,
    *,
    discrete: bool,
    rng: np.random.Generator,
    permutations: int,
) -> tuple[Dependence, Dependence]:
    """Measure I(f; m) and dCorr²(f, m), with p-values from one set of shuffled events.

    I is that of an adaptive partition of 255 ranks, for a discrete m the binned one with the Miller-Madow correction.
    dCorr² is exact; its p-value compares dCov² of the table of codes with that of shuffled tables, which uses all
    events. Without weights, shuffling pairs each score with the m of another event. With weights, a table of an
    independent score is drawn: Σw of a cell is s · Poisson(μ/s) of mean μ = W_f W_m / W and variance
    s μ = V_f V_m / V, where W and V are sums of w and w².

    Args:
        f: scores of background events, shape (n,).
        m: their protected variable, shape (n,), finite.
        weights: event weights, shape (n,), of any sign; None when all are equal.
        discrete: whether m takes few values.
        rng: source of the shuffles.
        permutations: their number.

    Returns:
        I in nats, then dCorr²; I is NaN where negative weights leave too many cells below zero.

    References:
        G. Bohm and G. Zech, Statistics of weighted Poisson events, arXiv:1309.1287 (the scaled Poisson distribution).
    """
    plane = _plane(f, m, weights, discrete, rng)
    information = _information(plane.sum_w, plane.sum_w2, discrete)
    seen = _distance_covariance(plane.sum_w, plane)
    shared, distances = [], []
    for k, (sum_w, sum_w2) in enumerate(_shuffled(plane, weights is None, rng, permutations)):
        sign_of_life(k, permutations)
        shared.append(_information(sum_w, sum_w2, discrete).value)
        distances.append(_distance_covariance(sum_w, plane))
    dcorr = distance_correlation(f, m, weights)
    n_effective = float(len(f)) if weights is None else effective_number(weights)
    how = f"bins, {plane.sum_w.shape[0]} × {plane.sum_w.shape[1]}, Miller-Madow" if discrete else "adaptive partition"
    level = dcorr * float(np.mean(distances)) / seen if seen > 0 else float("nan")
    nulls = np.array(shared)[np.isfinite(shared)]
    p_value = upper_tail(information.value, nulls, information.error) if len(nulls) else float("nan")
    mean = float(np.mean(nulls)) if len(nulls) else float("nan")
    return (
        Dependence(how, information, mean, p_value, len(f), n_effective),
        Dependence("dCorr²", Estimate(dcorr), level, upper_tail(seen, np.array(distances)), len(f), n_effective),
    )


def neighbour_information(f: Floats, m: Floats, weights: Floats | None, rng: np.random.Generator) -> Dependence:
    """Measure I(f; m) by nearest neighbours (Kraskov 1), an estimator that shares nothing with the adaptive partition.

    At most 10,000 events are used. It takes no weights: each event is kept with probability |w|/max|w|. Where some
    weights are negative their signs are lost, and there is no p-value.

    Args:
        f: scores of background events, shape (n,).
        m: their protected variable, shape (n,), continuous and finite.
        weights: event weights, shape (n,); None when all are equal.
        rng: picks the events and shuffles them.

    Raises:
        DataError: fewer than 500 events are left, or values that the estimator does not take.
    """
    kept = np.arange(len(f))
    words = "Kraskov, k = 3"
    if weights is not None:
        size = np.abs(weights)
        kept = np.flatnonzero(rng.random(len(f)) * size.max() < size)
        words += ", events thinned to equal weights"
    if len(kept) < LEAST_NEIGHBOUR_EVENTS:
        raise DataError(
            f"{len(kept)} events remain when thinned to equal weights; nearest neighbours need {LEAST_NEIGHBOUR_EVENTS}"
        )
    if len(kept) > NEIGHBOUR_EVENTS:
        kept = rng.choice(kept, NEIGHBOUR_EVENTS, replace=False)
    x, y = _distinct(f[kept], rng), _distinct(m[kept], rng)
    found = estimate_mi(x, y, "ksg1")
    nulls = np.array([estimate_mi(x, rng.permutation(y), "ksg1").value for _ in range(NEIGHBOUR_SHUFFLES)])
    signed = weights is not None and bool((weights < 0).any())
    p_value = float("nan") if signed else upper_tail_of_few(found.value, nulls)
    if signed:
        words += ", signs ignored"
    estimate = Estimate(found.value, found.error)
    return Dependence(
        f"nearest neighbours ({words})", estimate, float(nulls.mean()), p_value, len(kept), float(len(kept))
    )


def _distinct(values: Floats, rng: np.random.Generator) -> Floats:
    """Return ranks, equal values in random order: information is the same, and neighbours take no repeated values."""
    ranks = np.empty(len(values))
    ranks[np.lexsort((rng.random(len(values)), values))] = np.arange(len(values))
    return ranks


def _plane(f: Floats, m: Floats, weights: Floats | None, discrete: bool, rng: np.random.Generator) -> _Plane:
    """Code both variables and count their joint table."""
    if discrete:
        n_values = len(np.unique(m))
        n_effective = float(len(f)) if weights is None else effective_number(weights)
        bins = int(np.clip(n_effective / (LEAST_PER_CELL * n_values), 2, 32))
        rows = quantise({"f": f}, bins=bins, weights=weights).codes[0].astype(np.intp)
        codes = np.stack([rows, np.unique(m, return_inverse=True)[1].astype(np.intp)])
    else:
        codes = fine_codes({"f": f, "m": m}, weights, rng).codes.astype(np.intp)
    codes = np.stack([np.unique(row, return_inverse=True)[1] for row in codes])
    shape = tuple(int(row.max()) + 1 for row in codes)
    sum_w = _table(codes, weights, shape)
    sum_w2 = sum_w if weights is None else _table(codes, weights**2, shape)
    means = [np.bincount(row, weights=values) / np.bincount(row) for row, values in zip(codes, (f, m), strict=True)]
    return _Plane(sum_w, sum_w2, means[0], means[1], codes)


def _table(codes: NDArray[np.intp], weights: Floats | None, shape: tuple[int, ...]) -> Floats:
    cells = np.bincount(codes[0] * shape[1] + codes[1], weights, shape[0] * shape[1])
    return np.asarray(cells, np.float64).reshape(shape)


def _shuffled(plane: _Plane, unweighted: bool, rng: np.random.Generator, n: int) -> Iterator[tuple[Floats, Floats]]:
    """Yield Σw and Σw² of n tables of an independent score."""
    if unweighted:
        for _ in range(n):
            table = _table(np.stack([plane.codes[0], rng.permutation(plane.codes[1])]), None, plane.sum_w.shape)
            yield table, table
        return
    mean, variance = _product(plane.sum_w), _product(plane.sum_w2)
    scale = np.divide(variance, mean, out=np.ones_like(mean), where=mean > 0)
    expected = mean / scale
    for _ in range(n):
        counts = rng.poisson(expected).astype(np.float64)
        yield counts * scale, counts * scale**2


def _product(table: Floats) -> Floats:
    """Return the table with the same margins, cut at zero, that factorises."""
    rows, columns = (np.clip(table.sum(axis=axis), 0.0, None) for axis in (1, 0))
    return np.asarray(np.outer(rows, columns) / table.sum())


def _information(sum_w: Floats, sum_w2: Floats, discrete: bool) -> Estimate:
    """Estimate I in nats from a table; NaN where too much weight is negative."""
    try:
        if not discrete:
            start = np.zeros(1, np.intp)
            return Estimate(*information_of_blocks(independent_blocks(sum_w, sum_w2, start, start)))
        n_effective = float(sum_w.sum() ** 2 / sum_w2.sum())
        value = float(mutual_information(entropies(sum_w[None], n_effective))[0])
        return Estimate(value, float(mutual_information_error(sum_w[None], sum_w2[None])[0]))
    except DataError:
        return Estimate(float("nan"))


def _distance_covariance(sum_w: Floats, plane: _Plane) -> float:
    """Compute dCov² = Σ D_ij |f_i - f_k| |m_j - m_l| D_kl with D = p_ij - p_i. p_.j, in O(cells) by running sums."""
    p = sum_w / sum_w.sum()
    excess = p - np.outer(p.sum(axis=1), p.sum(axis=0))
    moved = _summed_distances(_summed_distances(excess, plane.f).T, plane.m).T
    return float(np.sum(excess * moved))


def _summed_distances(table: Floats, x: Floats) -> Floats:
    """Compute Σ_k |x_i - x_k| t_kj for ascending x, shape of ``table``."""
    below = np.cumsum(table, axis=0)
    moment = np.cumsum(table * x[:, None], axis=0)
    return np.asarray(x[:, None] * (2 * below - below[-1]) - (2 * moment - moment[-1]))
