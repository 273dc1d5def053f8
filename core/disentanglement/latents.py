"""Which latent dimension holds which variable, and by how much it stands out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.disentanglement.results import Latents
from core.errors import DataError
from core.events.table import EventTable, effective_number
from core.information.counts import PairCounts, count_pairs
from core.information.estimate import MAX_NEGATIVE_CELLS, pair_information, suitable_bins
from core.information.measures import mutual_information, negative_cells
from core.information.quantise import Codes, quantise
from core.information.selection import select
from core.results import Estimate

Floats = NDArray[np.float64]

COLLAPSED = 0.01
"""A dimension whose KL to the prior is below so many nats carries nothing."""
N_BLOCKS, FEWEST_PER_BLOCK = 20, 10
FEWEST_BINS = 4


@dataclass(frozen=True)
class Shared:
    """Hold what K latent dimensions share with V variables.

    Args:
        mi: I(z_j; v) in nats, shape (K, V); slightly below zero where they are independent.
        error: standard errors, shape (K, V).
        entropy: H(v) of the same binning, in nats, shape (V,).
    """

    mi: Floats
    error: Floats
    entropy: Floats


def shared_information(z: NDArray[np.floating], variables: Sequence[NDArray[np.generic]], weights: Floats | None,
                       ) -> Shared:  # fmt: skip
    """Estimate I(z_j; v) of every latent dimension and every variable.

    Equal-frequency bins, as many as N_eff bears (N_eff ≥ 10 B², at most 32), with the Miller-Madow correction; fewer
    where negative weights leave cells whose weights sum to less than nothing.

    Args:
        z: draws from q(z|x), one an event, shape (n, K).
        variables: shape (n,) each.
        weights: event weights, shape (n,), of any sign; None weighs every event 1.

    Returns:
        Information, errors and entropies in nats.

    Raises:
        DataError: no events, or too much weight in cells whose weights sum to less than nothing.
    """
    _, counts = _counted(z, variables, weights)
    return _shared(counts, z.shape[1])


def mutual_information_gap(mi: Floats, entropy: Floats) -> float:
    """Compute MIG = (1/V) Σ_v (I_first - I_second)/H(v) over the latent dimensions of each variable.

    1 when one dimension tells all of a variable and no other tells any of it, 0 when two tell as much. H(v) is that
    of the binning that I was estimated with: of a continuous variable both grow with the number of bins, H without
    bound, so that the gap of an imperfect code depends on it.

    Args:
        mi: I(z_j; v), shape (K, V), K ≥ 2.
        entropy: H(v), shape (V,).

    Returns:
        The gap; NaN when a variable has no entropy.

    References:
        Chen, Li, Grosse, Duvenaud 2018 (1802.04942).

    Example:
        >>> mutual_information_gap(np.array([[0.5], [0.1]]), np.array([0.8]))
        0.5
    """
    second, first = np.sort(mi, axis=0)[-2:]
    return float(np.mean(np.divide(first - second, entropy, out=np.full(len(entropy), np.nan), where=entropy > 0)))


def describe_latents(
    z: NDArray[np.floating],
    kl: Floats,
    sensitive: Sequence[int],
    events: EventTable,
    *,
    means: NDArray[np.floating] | None = None,
    errors: bool = True,
) -> Latents:
    """Say what each latent dimension holds, on background events.

    Args:
        z: draws from q(z|x), one an event, shape (n_events, K).
        kl: E KL(q(z_j|x) ‖ p(z_j)) in nats, shape (K,).
        sensitive: indices of z'.
        events: the same events; their protected variables and features are compared with z.
        means: means of q(z|x), shape (n_events, K), where what they tell is to be estimated too.
        errors: whether to compute the error of the gap: the standard error by a jackknife of 20 blocks of events.

    Returns:
        The matrix of information, the gap, and which dimensions are taken out. NaN where negative weights leave no
        estimate: what else there is to say of a training still stands.

    Raises:
        DataError: no background.
    """
    names = tuple(dict.fromkeys((*events.roles.protected, *events.roles.features)))
    n_protected, background = len(events.roles.protected), ~events.is_signal
    chosen = select(events, names, "background")
    z = z[background]
    found = _information(z, list(chosen.columns.values()), chosen.weights)
    gap = mutual_information_gap(found.mi[:, :n_protected], found.entropy[:n_protected])
    protected = [chosen.columns[name] for name in names[:n_protected]]
    return Latents(
        variables=names,
        n_protected=n_protected,
        n_events=chosen.n_events,
        n_effective=chosen.n_events if chosen.weights is None else effective_number(chosen.weights),
        mi=found.mi,
        mi_error=found.error,
        entropy=found.entropy,
        kl=kl,
        sensitive=tuple(sorted({int(j) for j in sensitive})),
        collapsed=tuple(int(j) for j in np.flatnonzero(kl < COLLAPSED)),
        mig=Estimate(gap, _gap_error(z, protected, chosen.weights) if errors else float("nan")),
        means_mi=None if means is None else _information(means[background], protected, chosen.weights).mi,
    )


def _information(z: NDArray[np.floating], variables: Sequence[NDArray[np.generic]], weights: Floats | None) -> Shared:
    """Return what is shared; NaN where negative weights leave no estimate."""
    try:
        return shared_information(z, variables, weights)
    except DataError:
        unknown = np.full((z.shape[1], len(variables)), np.nan)
        return Shared(unknown, unknown, unknown[0])


def _gap_error(z: NDArray[np.floating], protected: Sequence[NDArray[np.generic]], weights: Floats | None) -> float:
    """Return the jackknife error σ² = (g - 1)/g Σ_b (MIG_b - mean)² of the gap, MIG_b without block b of g."""
    codes, counts = _counted(z, protected, weights)
    n_blocks = min(N_BLOCKS, codes.n_events // FEWEST_PER_BLOCK)
    if n_blocks < 2:
        return float("nan")
    gaps = []
    for start, end in pairwise(np.linspace(0, codes.n_events, n_blocks + 1).astype(int)):
        part = replace(codes, codes=np.ascontiguousarray(codes.codes[:, start:end]))
        left = _without(counts, count_pairs(part, None if weights is None else weights[start:end]))
        try:
            found = _shared(left, z.shape[1])
        except DataError:  # weights that cancel in what is left
            return float("nan")
        gaps.append(mutual_information_gap(found.mi, found.entropy))
    return float(np.sqrt((n_blocks - 1) * np.var(gaps)))


def _counted(
    z: NDArray[np.floating], variables: Sequence[NDArray[np.generic]], weights: Floats | None
) -> tuple[Codes, PairCounts]:
    """Count the joint tables of the latent dimensions, then the variables."""
    n_effective = len(z) if weights is None else effective_number(weights)
    columns: Mapping[str, NDArray[np.generic]] = {
        f"{kind} {k + 1}": values
        for kind, group in (("latent dimension", z.T), ("variable", variables))
        for k, values in enumerate(group)
    }
    bins = suitable_bins(n_effective)
    while True:
        codes = quantise(columns, bins=bins, weights=weights)
        counts = count_pairs(codes, weights)
        if bins <= FEWEST_BINS or negative_cells(counts.sum_w).max() <= MAX_NEGATIVE_CELLS:
            return codes, counts
        bins = max(bins // 2, FEWEST_BINS)


def _shared(counts: PairCounts, n_latent: int) -> Shared:
    """Estimate the block (latent dimension, variable) of the pairs, and the entropies of the variables."""
    found = pair_information(counts)
    n_pairs, n_variables = len(counts.pairs), len(counts.names) - n_latent
    i, j = counts.pairs.T
    wanted = np.flatnonzero((i < n_latent) & (j >= n_latent))  # row after row of the block
    shape = (n_latent, n_variables)
    mi = mutual_information(found.entropies)[wanted].reshape(shape)
    return Shared(mi, found.error[wanted].reshape(shape), found.entropies.joint[n_pairs + n_latent :])


def _without(counts: PairCounts, part: PairCounts) -> PairCounts:
    """Return the tables without those of a part of the events."""
    sum_w = counts.sum_w - part.sum_w
    sum_w2 = sum_w if counts.sum_w2 is counts.sum_w else counts.sum_w2 - part.sum_w2
    return replace(counts, sum_w=sum_w, sum_w2=sum_w2, n_events=counts.n_events - part.n_events)
