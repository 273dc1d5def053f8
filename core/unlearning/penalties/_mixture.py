"""Mixture densities of protected variables, continuous and discrete ones jointly."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from core.unlearning.penalties._columns import Columns
from core.unlearning.penalties._critic import Descent

NARROWEST, FIRST_WIDTH, WIDEST = 0.05, 0.5, 2.0
LOG_FLOOR = math.log(1e-3)
MARGINAL_STEPS, MARGINAL_EVENTS, MARGINAL_RATE = 300, 4096, 0.02


class Mixture:
    """Evaluate p(z, c) = Σ_k π_k Π_d N(z_d; μ_kd, σ_kd) Π_e p_ke(c_e): independent variables within a component.

    One part in 10³ of a broad density keeps the logarithm bounded from below, and σ ≥ 0.05 from above, so that
    weights of either sign leave an optimum.

    Args:
        columns: which variables are continuous, and how many values the others take.
        components: number of components.
    """

    def __init__(self, columns: Columns, components: int) -> None:
        self._components, self._continuous, self._categories = components, columns.n_continuous, columns.categories
        self.n_outputs = components * (1 + 2 * columns.n_continuous + sum(columns.categories))

    def log_density(self, outputs: Tensor, z: Tensor, codes: Tensor) -> Tensor:
        """Return log p(z, c), shape (n,).

        Args:
            outputs: parameters, shape (n, n_outputs), or (1, n_outputs) for all events.
            z: continuous variables, shape (n, n_continuous).
            codes: discrete variables, shape (n, n_discrete), integers.
        """
        parts, broad = self._gaussian(outputs, z)
        first = self._components * (1 + 2 * self._continuous)
        for code, n in zip(codes.unbind(1), self._categories, strict=True):
            last = first + self._components * n
            logs = torch.log_softmax(outputs[:, first:last].unflatten(-1, (self._components, n)), -1)
            chosen = code[:, None, None].expand(-1, self._components, 1)
            parts = parts + logs.expand(len(code), -1, -1).gather(-1, chosen)[..., 0]
            broad, first = broad - math.log(n), last
        mixed = torch.logsumexp(parts, -1) + math.log1p(-math.exp(LOG_FLOOR))
        return torch.logaddexp(mixed, broad + LOG_FLOOR)

    def _gaussian(self, outputs: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return log π_k + Σ_d log N of each component, shape (n, components), and the log of the broad density."""
        shape = (self._components, self._continuous)
        size = self._components * self._continuous
        shares, means, widths = outputs[:, : self._components + 2 * size].split([self._components, size, size], -1)
        sigma = NARROWEST + nn.functional.softplus(widths).unflatten(-1, shape)
        pulls = (z[:, None] - means.unflatten(-1, shape)) / sigma
        norm = 0.5 * math.log(2 * math.pi)
        parts = torch.log_softmax(shares, -1) - (0.5 * pulls.square() + sigma.log() + norm).sum(-1)
        return parts, -(0.5 * (z / WIDEST).square() + math.log(WIDEST) + norm).sum(-1)

    def fit(self, z: Tensor, codes: Tensor, weights: Tensor, generator: torch.Generator) -> Tensor:
        """Return the parameters of the density of all events by maximum likelihood, shape (1, n_outputs)."""
        parameters = nn.Parameter(self._start(generator).to(z.device))
        descent = Descent([parameters], MARGINAL_RATE)
        for _ in range(MARGINAL_STEPS):
            chosen = torch.randint(len(z), (min(len(z), MARGINAL_EVENTS),), generator=generator).to(z.device)
            logs = self.log_density(parameters, z[chosen], codes[chosen])
            descent.step(-(weights[chosen] * logs).sum() / weights[chosen].sum())
        return parameters.detach()

    def _start(self, generator: torch.Generator) -> Tensor:
        """Return components spread as normal scores are, shape (1, n_outputs)."""
        k = self._components
        levels = torch.special.ndtri((torch.arange(k) + 0.5) / k)
        means = [levels[torch.randperm(k, generator=generator)] for _ in range(self._continuous)]
        widths = torch.full((k * self._continuous,), math.log(math.expm1(FIRST_WIDTH - NARROWEST)))
        categories = 0.1 * torch.randn(k * sum(self._categories), generator=generator)
        spread = torch.stack(means, 1).flatten() if means else levels[:0]
        return torch.cat([torch.zeros(k), spread, widths, categories])[None]
