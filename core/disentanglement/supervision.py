"""The term that ties latent dimensions to protected variables."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Ranks:
    """Scale protected variables to (0, 1) by their rank among the training events.

    v = F(m) with the weighted distribution function F, the middle of its step where many events share a value: a
    spike is one value, a tail takes no room, and v is uniform for a continuous variable. Negative weights count by
    their size, since the scale must rise with m.

    Args:
        m: protected variables of the training events, shape (n, n_protected).
        w: their weights, shape (n,).
    """

    def __init__(self, m: Tensor, w: Tensor) -> None:
        self._tables = [_distribution(column, w.abs().to(m.dtype)) for column in m.unbind(1)]

    def __call__(self, m: Tensor) -> Tensor:
        """Return v in (0, 1), interpolated between the values of the training, shape (n, n_protected)."""
        columns = [_interpolate(column, *table) for column, table in zip(m.unbind(1), self._tables, strict=True)]
        return torch.stack(columns, 1)


def supervision(mean: Tensor, v: Tensor, w: Tensor) -> Tensor:
    """Return how far σ(r_i) is from v_i, a scalar in nats: 0 when each tied dimension gives its variable.

    -R_s - H(v) = Σ_i E[-v_i ln σ(r_i) - (1 - v_i) ln(1 - σ(r_i))] - H(v_i), with the posterior mean r. The entropy
    H(v) of the targets is a constant: without it the least value would be ½ for a uniform v.

    Args:
        mean: posterior means of the tied dimensions, shape (n, n_protected).
        v: protected variables scaled to (0, 1), same shape.
        w: weights of mean one, shape (n,).

    References:
        Urquijo, Tan, "Decorrelation via disentanglement", INNF+ 2020, eq. 6; Locatello et al. 2020 (1905.01258).

    Example:
        >>> r = torch.tensor([[0.0], [2.0]])
        >>> supervision(r, torch.sigmoid(r), torch.ones(2))
        tensor(0.)
    """
    cross = nn.functional.binary_cross_entropy_with_logits(mean, v, reduction="none")
    entropy = -(torch.xlogy(v, v) + torch.xlogy(1 - v, 1 - v))
    return (w * (cross - entropy).sum(1)).mean()


def _distribution(values: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
    """Return the distinct values in rising order and the middle of F's step at each."""
    distinct, of = torch.unique(values, return_inverse=True)
    share = torch.zeros_like(distinct).index_add_(0, of, w) / w.sum()
    return distinct, (share.cumsum(0) - share / 2).clamp(1e-6, 1 - 1e-6)


def _interpolate(values: Tensor, at: Tensor, heights: Tensor) -> Tensor:
    """Return the heights at values, linear in between and constant outside, in single precision."""
    right = torch.searchsorted(at, values.contiguous()).clamp(1, max(len(at) - 1, 1))
    left, right = right - 1, right.clamp_max(len(at) - 1)
    fraction = ((values - at[left]) / (at[right] - at[left]).clamp_min(1e-300)).clamp(0, 1)
    return (heights[left] + fraction * (heights[right] - heights[left])).float()
