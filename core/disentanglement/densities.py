"""Densities of the latent, q(z) = Σ_i w_i q(z|x_i)/Σ_i w_i, from one batch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor

Estimator = Literal["stratified", "weighted"]
LOG_2PI = math.log(2 * math.pi)
LEAST_SHARE = 0.01
"""What is left of a density where events of negative weight outweigh those of positive weight."""
LEAST_LOG = -60.0
"""Of a part beside the largest one: numbers below the least normal one of single precision are fifty times slower."""


def sampling_weights(w: Tensor, n: int, estimator: Estimator) -> Tensor:
    """Return a_ij in q̂(z_i) = Σ_j a_ij q(z_i|x_j), shape (B, B).

    z_i is a draw from q(z|x_i), so that its own event is in the batch always and another one only with probability
    (B - 1)/(N - 1). Minibatch-stratified sampling gives the own event its share of the whole sample, 1/N, on the
    diagonal, and the others the rest, (N - 1)/N, in equal parts:

        a_ii = w_i/N,   a_ij = w_j (N - 1)/(N (B - 1)),

    with weights of mean one over the N events. q̂(z) is then unbiased for every batch size, and exact for B = N.
    Minibatch-weighted sampling takes a_ij = w_j/B, which favours the own event. Its source has 1/(NB), smaller by
    a constant factor N that has no gradient; with 1/B the terms are in nats as they are.

    Args:
        w: event weights, of mean one over the whole sample, shape (B,).
        n: N, events of the whole sample, at least B.
        estimator: "stratified" or "weighted".

    References:
        Chen, Li, Grosse, Duvenaud 2018 (1802.04942), appendix C.

    Example:
        >>> sampling_weights(torch.ones(2), 10, "stratified")
        tensor([[0.1000, 0.9000],
                [0.9000, 0.1000]])
    """
    size = len(w)
    if estimator == "weighted" or size < 2:
        return (w / size).expand(size, size)
    shares = torch.full((size, size), (n - 1) / (n * (size - 1)), dtype=w.dtype, device=w.device)
    return shares.fill_diagonal_(1 / n) * w


def log_densities(
    z: Tensor, mean: Tensor, log_variance: Tensor, weights: Tensor, groups: Sequence[Sequence[int]]
) -> Tensor:
    """Return ln q̂(z_g) = ln Σ_j a_ij Π_(k in g) q(z_ik|x_j) of each group g of dimensions, shape (B, groups).

    The logarithms of all pairs are one product of matrices, ln q = -½ (p z² - 2 p μ z + p μ² + ln 2π/p) with p = 1/σ²;
    the cost is B² exponentials a group. The negative part of a sum is bounded to 99 % of the positive one, so that
    the logarithm exists.

    Args:
        z: draws from q(z|x_i), shape (B, K).
        mean: means of q(z|x), shape (B, K).
        log_variance: logarithms of its variances, shape (B, K).
        weights: a_ij, shape (B, B), see ``sampling_weights``.
        groups: indices of the dimensions of each group.
    """
    precision = torch.exp(-log_variance)
    powers = torch.stack([z.square(), z, torch.ones_like(z)], 2)
    constant = precision * mean.square() + log_variance + LOG_2PI
    factors = -0.5 * torch.stack([precision, -2 * precision * mean, constant], 2)
    columns = []
    for group in groups:
        chosen = slice(group[0], group[-1] + 1) if _is_run(group) else list(group)
        u, v = powers[:, chosen].flatten(1), factors[:, chosen].flatten(1)
        columns.append(_LogMixture.apply(u, v, weights))  # type: ignore[no-untyped-call]
    return torch.stack(columns, 1)


def own_log_density(z: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return ln q(z_ik|x_i) of each event's own dimensions, shape (B, K)."""
    return -0.5 * ((z - mean).square() * torch.exp(-log_variance) + log_variance + LOG_2PI)


def log_prior(z: Tensor) -> Tensor:
    """Return ln p(z_j) of the prior N(0, 1), shape of ``z``."""
    return -0.5 * (z.square() + LOG_2PI)


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return KL(N(μ, σ²) ‖ N(0, 1)) = ½ (μ² + σ² - 1 - ln σ²) in nats of each event and dimension, shape (n, K).

    Example:
        >>> divergence(torch.tensor([[1.0]]), torch.tensor([[0.0]]))
        tensor([[0.5000]])
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


class _LogMixture(torch.autograd.Function):
    """Compute ln Σ_j a_ij exp(u_i · v_j) and its gradient from one stored matrix of B² numbers.

    Composed of torch's operations it took four times as long, in passes over freshly allocated memory.
    """

    @staticmethod
    def forward(context: Any, u: Tensor, v: Tensor, weights: Tensor) -> Tensor:
        parts = u @ v.T
        largest = parts.amax(1, keepdim=True)
        parts.sub_(largest).clamp_min_(LEAST_LOG).exp_().mul_(weights)
        total = parts.sum(1, keepdim=True)
        if (weights < 0).any():
            positive = LEAST_SHARE * parts.clamp_min(0)
            floor = positive.sum(1, keepdim=True)
            parts = torch.where(total < floor, positive, parts)
            total = torch.maximum(total, floor)
        context.save_for_backward(u, v, parts, total)
        return (total.log() + largest).squeeze(1)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        u, v, parts, total = context.saved_tensors
        share = gradients[0][:, None] / total
        return share * (parts @ v), parts.T @ (share * u), None


def _is_run(group: Sequence[int]) -> bool:
    """Return whether the indices follow one another."""
    return list(group) == list(range(group[0], group[0] + len(group)))
