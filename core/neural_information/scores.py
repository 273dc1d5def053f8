"""A critic's scores of joint and of shuffled pairs, and their weighted means."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Scores:
    """Hold the scores T of n events and of k shuffled pairs each.

    Joint pairs (x_i, y_i) follow p(x,y) and weigh w_i; shuffled pairs (x_i, y_j), j = partner[i, k] ≠ i, follow
    p(x)p(y) and weigh w_i w_j.

    Args:
        joint: T(x_i, y_i), shape (n,), float64.
        shuffled: T(x_i, y_j), shape (n, k), float64.
        weights: w_i > 0, shape (n,), float64.
        partner: the event j that y comes from, shape (n, k), integers.
    """

    joint: Tensor
    shuffled: Tensor
    weights: Tensor
    partner: Tensor

    @property
    def joint_shares(self) -> Tensor:
        """Return the share of each joint pair in all weight, shape (n,)."""
        return self.weights / self.weights.sum()

    @property
    def shuffled_shares(self) -> Tensor:
        """Return the share of each shuffled pair in all weight, shape (n, k)."""
        products = self.weights[:, None] * self.weights[self.partner]
        return products / products.sum()

    def over_joint(self, values: Tensor) -> Tensor:
        """Return E_p of values of shape (n,), a scalar."""
        return (self.joint_shares * values).sum()

    def over_shuffled(self, values: Tensor) -> Tensor:
        """Return E_q of values of shape (n, k), a scalar."""
        return (self.shuffled_shares * values).sum()

    def event_means(self, values: Tensor) -> Tensor:
        """Return what each event contributes to E_q: the mean over its pairs as x plus that over its pairs as y.

        Args:
            values: of the shuffled pairs, shape (n, k).

        Returns:
            Shape (n,); its mean over p is about 2 E_q[values].
        """
        as_partner = self.weights[self.partner]
        as_x = (as_partner * values).sum(1) / as_partner.sum(1)
        as_event = self.weights[:, None].expand_as(values)
        filled, total = (
            torch.zeros_like(self.weights).index_add_(0, self.partner.flatten(), part.flatten())
            for part in (as_event * values, as_event)
        )
        return as_x + filled / total


def draw_partners(n: int, k: int, generator: torch.Generator) -> Tensor:
    """Pair each of n events with k others: partner[i, k] = (i + s_k) mod n with different shifts s_k ≥ 1.

    No event meets itself, and every event is a partner equally often. The events must come in random order.

    Args:
        n: number of events, at least 2.
        k: number of partners; at most n - 1 are given.
        generator: source of the shifts, on the CPU.

    Returns:
        Indices, shape (n, min(k, n - 1)).
    """
    shifts = torch.randperm(n - 1, generator=generator)[:k] + 1
    return (torch.arange(n)[:, None] + shifts) % n


def log_mean_exp(scores: Scores) -> Tensor:
    """Return log E_q[e^T], a scalar, without overflow."""
    return torch.logsumexp((scores.shuffled + scores.shuffled_shares.log()).flatten(), 0)


class MovingLogMean:
    """Compute log E_q[e^T] of batches with the gradient E_q[∇T e^T] / A, where A averages E_q[e^T] over past batches.

    The gradient of a batch's own log E_q[e^T] is a ratio of two means over one batch, and so biased; dividing by an
    average over many batches removes most of that. The value returned is the batch's own.

    Args:
        rate: share of the present batch in the moving average, between 0 and 1, both excluded.

    References:
        Belghazi et al. 2018 (1801.04062), section 3.2.
    """

    def __init__(self, rate: float = 0.05) -> None:
        self._rate = rate
        self._log_average: Tensor | None = None

    def __call__(self, scores: Scores) -> Tensor:
        """Return log E_q[e^T] of the batch, a scalar."""
        value = log_mean_exp(scores)
        present = value.detach()
        if self._log_average is None:
            self._log_average = present
        else:
            kept, added = self._log_average + math.log1p(-self._rate), present + math.log(self._rate)
            self._log_average = torch.logaddexp(kept, added)
        corrected = torch.exp(value - self._log_average)
        return present + corrected - corrected.detach()
