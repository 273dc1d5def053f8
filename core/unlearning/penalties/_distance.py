"""Exact, differentiable squared distance correlation in O(n log n)."""

from __future__ import annotations

import torch
from torch import Tensor

from core.information.distance_correlation import RESOLUTION, signed_distance_sums


def squared_distance_correlation(f: Tensor, m: Tensor, weights: Tensor) -> Tensor:
    """Compute dCorr²(f, m) with its exact gradient in f.

    The definition is that of ``core.information.distance_correlation``. The double sum
    Σ_ij w_i w_j |f_i - f_j||m_i - m_j| equals 2 Σ_i w_i f_i g_i with g_i = Σ_j w_j sgn(f_i - f_j)|m_i - m_j|, and
    2 w_i g_i is its derivative: with g computed outside of autograd, value and gradient are those of the O(n²) form.
    All sums run in float64.

    Args:
        f: scores, shape (n,).
        m: protected variable, shape (n,); no gradient flows into it.
        weights: event weights, shape (n,), normalised inside.

    Returns:
        A scalar in [0, 1] (non-negative weights), float64; exactly 0 for a constant f or m.
    """
    f = f.double()
    m = m.detach().double()
    w = weights.detach().double()
    w = w / w.sum()
    if _is_constant(f) or _is_constant(m):
        return (f * 0).sum()
    f, m = f - (w * f).sum().detach(), m - (w * m).sum()
    row_f, row_m = _row_sums(f, w), _row_sums(m, w)
    cross = 2 * (w * f * _signed_distance_sums(f.detach(), m, w)).sum()
    covariance = cross + (w * row_f).sum() * (w * row_m).sum() - 2 * (w * row_f * row_m).sum()
    variances = _distance_variance(f, row_f, w) * _distance_variance(m, row_m, w)
    if not variances > 0:
        return (f * 0).sum()
    return covariance / variances.sqrt()


def _is_constant(x: Tensor) -> bool:
    return bool(x.max() - x.min() <= RESOLUTION * x.abs().max())


def _row_sums(x: Tensor, w: Tensor) -> Tensor:
    """Compute Σ_j w_j |x_i - x_j| = x_i s_i - t_i, s and t the signed sums of w and w x; differentiable in x."""
    ordered, order = torch.sort(x.detach(), stable=True)
    first = torch.searchsorted(ordered, x.detach(), side="left")
    last = torch.searchsorted(ordered, x.detach(), side="right")

    def signed_sums(v: Tensor) -> Tensor:
        total = torch.nn.functional.pad(torch.cumsum(v[order], 0), (1, 0))
        return total[first] + total[last] - total[-1]

    return x * signed_sums(w) - signed_sums(w * x)


def _distance_variance(x: Tensor, row: Tensor, w: Tensor) -> Tensor:
    """Compute dCov²(x, x) from the row sums; differentiable in x."""
    centred = x - (w * x).sum()
    return 2 * (w * centred**2).sum() + (w * row).sum() ** 2 - 2 * (w * row**2).sum()


def _signed_distance_sums(f: Tensor, m: Tensor, w: Tensor) -> Tensor:
    """Compute g_i = Σ_j w_j sgn(f_i - f_j)|m_i - m_j|: compiled sweep on the CPU, merge levels elsewhere."""
    if f.device.type == "cpu":
        return torch.from_numpy(signed_distance_sums(f.numpy(), m.numpy(), w.numpy()))
    ties_forward = _merge_levels(f, m, w)
    ties_backward = -_merge_levels(-f, m, w)
    return (ties_forward + ties_backward) / 2


def _merge_levels(f: Tensor, m: Tensor, w: Tensor) -> Tensor:
    """Compute g with tied f ordered by position; the average with -f, which turns them round, gives sgn 0 for ties.

    Events in ascending f are merged like a sort: at each level, blocks of 2^k events pair up, each block is ordered
    by m, and cumulative sums give every event its Σ w|m_i - m_j| over the other half of its pair, with a plus sign
    for the upper half. log₂ n levels of vectorised sorting and summing suit a GPU.
    """
    n = len(f)
    position = torch.empty(n, dtype=torch.long, device=f.device)
    position[torch.sort(f, stable=True).indices] = torch.arange(n, device=f.device)
    by_m = torch.sort(m, stable=True).indices
    sums = torch.zeros_like(f)
    for level in range(max(n - 1, 0).bit_length()):
        pair = position[by_m] >> (level + 1)
        order = by_m[torch.sort(pair, stable=True).indices]
        upper = (position[order] >> level & 1).bool()
        block = position[order] >> (level + 1)
        for own, sign in ((upper, 1.0), (~upper, -1.0)):
            weight = torch.where(own, 0.0, w[order])
            sums[order[own]] += sign * _distances_within(m[order], weight, block)[own]
    return sums


def _distances_within(m: Tensor, weight: Tensor, block: Tensor) -> Tensor:
    """Compute Σ_j weight_j |m_i - m_j| over the events j of i's block; blocks are contiguous and ordered by m."""
    moment = weight * m
    total_w = torch.nn.functional.pad(torch.cumsum(weight, 0), (1, 0))
    total_m = torch.nn.functional.pad(torch.cumsum(moment, 0), (1, 0))
    first = torch.searchsorted(block, block, side="left")
    last = torch.searchsorted(block, block, side="right")
    inside_w = 2 * total_w[1:] - total_w[first] - total_w[last]
    inside_m = 2 * total_m[1:] - total_m[first] - total_m[last]
    return m * inside_w - inside_m
