"""The Gaussian Ansatz: maximum likelihood, its covariance and I(x; z) from one training, whatever the spectrum."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.calibration.config import CalibrationConfig
from core.calibration.method import METHODS, Calibration, Events, Method
from core.calibration.networks import SmoothNetwork

ANNEALED = (0.4, 0.7)
"""Shares of the training between which κ falls from 1 to 0."""
SMOOTHNESS = 1e-3
"""Weight of the squared weights of c's outputs in the loss: at z = b only its neighbourhood tells c."""
UNIT = math.log(math.e - 1)
"""softplus(UNIT) = 1."""


class GaussianAnsatz(Calibration):
    """Maximise the Donsker-Varadhan bound of a T(x, z) that is nearly a parabola in z.

    E_p(x,z)[T] - ln E_p(x)p(z)[e^T],  T(x, z) = a(x) + κ (z - b)ᵀ d(x) + ½ (z - b)ᵀ c(x, z) (z - b),  b = b(x).

    The bound is largest for T = ln p(x|z)/p(x) + constant. Its maximum over z at a given x is the maximum-likelihood
    estimate, in which p(z) does not occur; the second derivative there is the observed information. With d = 0 this
    is ẑ = b(x), with covariance -c(x, b(x))⁻¹; the value of the bound is I(x; z).

    c = -LLᵀ with L lower triangular and positive on its diagonal: symmetric and negative definite by construction, so
    that b is where T is largest. Marginal pairs are events with shuffled z. First b learns by the mean squared error;
    then c starts from minus the inverse covariance of what b leaves, which is right for Gaussian residuals, and all
    parts learn together. κ is 1 at first, so that T may be steep where b is still wrong, and falls to 0; a penalty on
    |d| helps. While κ is not 0, ẑ = b - c⁻¹ κd, the maximum of the parabola at b.

    Args:
        config: of the training.
        events: training events.
        generator: source of the initial weights.

    References:
        Gambhir, Nachman, Thaler 2022 (2205.03413); Donsker, Varadhan 1975 for the bound.
    """

    root: Tensor
    kappa: Tensor
    is_pretrained: Tensor

    def __init__(self, config: CalibrationConfig, events: Events, generator: torch.Generator) -> None:
        super().__init__(events)
        self._config = config
        n_features, n_truths = events.x.shape[1], events.z.shape[1]
        self.n_truths = n_truths
        self.b = SmoothNetwork(n_features, config.hidden, n_truths, generator)
        self.a_and_d = SmoothNetwork(n_features, config.hidden, 1 + n_truths, generator)
        self.c = SmoothNetwork(n_features + n_truths, config.hidden, n_truths * (n_truths + 1) // 2, generator)
        self.register_buffer("root", torch.eye(n_truths))
        self.register_buffer("kappa", torch.ones(()))
        self.register_buffer("is_pretrained", torch.zeros(()))

    def prepare(self, events: Events, progress: float) -> None:
        """Set κ, and start c when b has learnt by the mean squared error."""
        if progress >= self._config.pretraining and not self.is_pretrained:
            self.root.copy_(self._inverse_root(events))
            self.is_pretrained.fill_(1)
        self.kappa.fill_(min(1.0, max(0.0, (ANNEALED[1] - progress) / (ANNEALED[1] - ANNEALED[0]))))

    def loss(self, events: Events, progress: float, generator: torch.Generator) -> Tensor:
        """Return the loss of a batch in nats; at first b's squared error.

        -(E_joint T - ln E_marginal e^T) + sparsity · E |d| + a penalty on what makes c rough.
        """
        x, z = self.standardised(events)
        b = self.b(x)
        w = events.w / events.w.sum()
        if not self.is_pretrained:
            return torch.sum(w * (b - z).square().sum(1))
        a, d = self.a_and_d(x).tensor_split([1], 1)
        n, shuffles = len(x), self._config.shuffles
        partner = torch.stack([torch.randperm(n, generator=generator) for _ in range(shuffles)]).to(x.device)
        every_z = torch.cat([z, z[partner.flatten()]])
        repeat = 1 + shuffles
        t = self._ansatz(x.repeat(repeat, 1), every_z, a.repeat(repeat, 1), b.repeat(repeat, 1), d.repeat(repeat, 1))
        pairs = (events.w * events.w[partner]).flatten()
        log_mean = torch.logsumexp(t[n:] + pairs.log(), 0) - pairs.sum().log()
        penalties = self._config.sparsity * torch.sum(w.unsqueeze(1) * d.abs()) + SMOOTHNESS * self.c.roughness()
        return log_mean - torch.sum(w * t[:n]) + penalties

    def estimate(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return ẑ = b - c(x, b)⁻¹ κd and the covariance -c(x, b)⁻¹."""
        x = (x - self.x_mean) / self.x_scale
        b = self.b(x)
        inverse = torch.linalg.inv(self._root_of(x, b))
        covariance = inverse.mT @ inverse
        step = (covariance @ (self.kappa * self.a_and_d(x)[:, 1:]).unsqueeze(2)).squeeze(2)
        return self.z_mean + self.z_scale * (b + step), covariance * self.z_scale * self.z_scale.unsqueeze(1)

    def log_ratio(self, x: Tensor, z: Tensor) -> Tensor:
        """Return T(x, z), shape (n,), of physical features and truth."""
        x, z = (x - self.x_mean) / self.x_scale, (z - self.z_mean) / self.z_scale
        a, d = self.a_and_d(x).tensor_split([1], 1)
        return self._ansatz(x, z, a, self.b(x), d)

    def _ansatz(self, x: Tensor, z: Tensor, a: Tensor, b: Tensor, d: Tensor) -> Tensor:
        distance = z - b
        length = (distance.unsqueeze(1) @ self._root_of(x, z)).square().sum((1, 2))
        t: Tensor = a.squeeze(1) + self.kappa * (distance * d).sum(1) - 0.5 * length
        return t

    def _root_of(self, x: Tensor, z: Tensor) -> Tensor:
        """Return L of c(x, z) = -LLᵀ, shape (n, n_truths, n_truths): the start times a triangular matrix near 1."""
        free = self.c(torch.cat([x, z], 1))
        rows, columns = torch.tril_indices(self.n_truths, self.n_truths, device=x.device)
        on_diagonal = rows == columns
        entries = torch.where(on_diagonal, torch.nn.functional.softplus(free + UNIT), free)
        triangle = torch.zeros(len(x), self.n_truths, self.n_truths, device=x.device)
        triangle[:, rows, columns] = entries
        return self.root @ triangle

    @torch.no_grad()
    def _inverse_root(self, events: Events) -> Tensor:
        """Return the lower triangular root of the inverse covariance of z - b(x)."""
        x, z = self.standardised(events)
        rest = (z - self.b(x)).double()
        w = (events.w.double() / events.w.double().sum()).unsqueeze(1)
        rest = rest - (w * rest).sum(0)
        covariance = (w * rest).mT @ rest + 1e-6 * torch.eye(self.n_truths, device=x.device, dtype=torch.float64)
        root: Tensor = torch.linalg.cholesky(torch.linalg.inv(covariance)).float()
        return root


METHODS.register(
    "gaussian_ansatz",
    Method(GaussianAnsatz, has_density=True, is_prior_independent=True),
    title="Gaussian Ansatz",
    summary="Learns the likelihood as a parabola in the truth: its maximum, its width and the information in one go.",
    formula="max_T E_p(x,z)[T] − ln E_p(x)p(z)[e^T], T = a(x) + (z − b)ᵀ d(x) + ½ (z − b)ᵀ c(x, z) (z − b), d → 0: ẑ = "
    "b(x), Cov = −c(x, b)⁻¹",
    reference="Gambhir, Nachman, Thaler 2022, arXiv:2205.03413",
)
