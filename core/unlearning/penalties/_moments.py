"""Exact, differentiable flatness of the score's distribution over bins of a protected variable."""

from __future__ import annotations

import torch
from torch import Tensor

from core.errors import DataError


def equal_occupancy_edges(m: Tensor, weights: Tensor, bins: int) -> Tensor:
    """Return the inner edges of bins of m with equal sums of |w|, shape (bins - 1,).

    Args:
        m: shape (n,).
        weights: shape (n,).
        bins: number of bins.

    Raises:
        DataError: fewer events, or fewer distinct values, than bins.
    """
    if len(m) < bins:
        raise DataError(f"{len(m)} background events cannot fill {bins} bins of the protected variable; use fewer bins")
    ordered, order = torch.sort(m.double())
    share = torch.cumsum(weights.double().abs()[order], 0)
    share = share / share[-1]
    targets = torch.arange(1, bins, device=m.device, dtype=torch.float64) / bins
    edges = ordered[torch.searchsorted(share, targets).clamp(max=len(m) - 1)]
    if len(torch.unique(edges)) < bins - 1:
        raise DataError(
            f"the protected variable takes too few distinct values for {bins} equal-occupancy bins; use fewer bins"
        )
    return edges


def legendre_projection(bins: int, order: int) -> Tensor:
    """Return the matrix that fits a Legendre polynomial of degree ``order`` to one value a bin, shape (bins, bins).

    Equal-occupancy bins have their centres m̃_b = (2b + 1)/bins - 1 in [-1, 1]; the least-squares fit of
    c_0 + c_1 P_1(m̃) + c_2 P_2(m̃) + … is linear in the values. Order 0 is their mean.
    """
    centres = (2 * torch.arange(bins, dtype=torch.float64) + 1) / bins - 1
    basis = [torch.ones_like(centres), centres]
    for k in range(1, order):
        basis.append(((2 * k + 1) * centres * basis[k] - k * basis[k - 1]) / (k + 1))
    design = torch.stack(basis[: order + 1], 1)
    fit: Tensor = design @ torch.linalg.pinv(design)
    return fit


def moment_penalty(scores: Tensor, bin_of: Tensor, weights: Tensor, projection: Tensor) -> Tensor:
    """Compute Σ_b ∫ds |F_b(s) - fit_b(s)|² with its exact gradient in the scores.

    F_b is the weighted cumulative distribution of the score in bin b and fit = projection · F. Between neighbouring
    scores s_(k) < s_(k+1) every F_b is constant, so the integral is Σ_k (s_(k+1) - s_(k)) q_k with
    q_k = Σ_b |F_b - fit_b|². q depends on the order of the scores alone: detached, it leaves the exact derivative
    q_(k-1) - q_k. O(n log n) time, O(n · bins) memory; no event is dropped, and bins that hold no event of the batch
    take no part.

    Args:
        scores: f of background events, shape (n,).
        bin_of: bin of the protected variable, shape (n,), integers.
        weights: event weights, shape (n,); negative ones enter the distributions with their sign.
        projection: from ``legendre_projection``, shape (bins, bins).

    Returns:
        A scalar ≥ 0, float64.

    References:
        Kitouni, Nachman, Weisser, Williams 2020 (2010.09745).
    """
    bins = len(projection)
    s, order = torch.sort(scores.double(), stable=True)
    with torch.no_grad():
        mass = torch.zeros(len(s), bins, dtype=torch.float64, device=s.device)
        mass[torch.arange(len(s), device=s.device), bin_of[order]] = weights.double()[order]
        cumulative = torch.cumsum(mass, 0)
        totals = cumulative[-1]
        filled = totals > 0
        distribution = torch.where(filled, cumulative / torch.where(filled, totals, 1.0), 0.0)
        if not filled.all():
            projection = _restrict(projection, filled)
        residual = (distribution - distribution @ projection.T) * filled
        squares = residual.square().sum(1)
    return ((s[1:] - s[:-1]) * squares[:-1]).sum()


def _restrict(projection: Tensor, filled: Tensor) -> Tensor:
    """Restrict a projection to the bins that hold events, shape (bins, bins) with zeros for the others.

    A projection of rank r is spanned by its eigenvectors of eigenvalue one; the fit to fewer bins is the projection
    on their restriction.
    """
    values, vectors = torch.linalg.eigh(projection)
    basis = vectors[:, values > 0.5] * filled[:, None]
    fit: Tensor = basis @ torch.linalg.pinv(basis)
    return fit
