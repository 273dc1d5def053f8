"""Mean squared error: the posterior mean E[z|x], which knows the training spectrum."""

from __future__ import annotations

import torch
from torch import Tensor

from core.calibration.config import CalibrationConfig
from core.calibration.method import METHODS, Calibration, Events, Method
from core.calibration.networks import SmoothNetwork


class MeanSquaredError(Calibration):
    """Minimise E |b(x) - z|², whose minimum is b(x) = E[z|x] = ∫ z p(x|z) p(z) dz / p(x).

    Args:
        config: of the training.
        events: training events.
        generator: source of the initial weights.

    References:
        Gambhir, Nachman, Thaler 2022 (2205.05084).
    """

    def __init__(self, config: CalibrationConfig, events: Events, generator: torch.Generator) -> None:
        super().__init__(events)
        self.b = SmoothNetwork(events.x.shape[1], config.hidden, events.z.shape[1], generator)

    def loss(self, events: Events, progress: float, generator: torch.Generator) -> Tensor:
        """Return the mean squared error of a batch, in units of the variance of each truth."""
        x, z = self.standardised(events)
        return torch.sum(events.w * (self.b(x) - z).square().sum(1)) / events.w.sum()

    def estimate(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return b(x); the mean squared error gives no covariance."""
        z = self.z_mean + self.z_scale * self.b((x - self.x_mean) / self.x_scale)
        return z, torch.full((*z.shape, z.shape[1]), torch.nan, device=z.device)


METHODS.register(
    "mse",
    Method(MeanSquaredError, has_density=False, is_prior_independent=False),
    title="Mean squared error",
    summary="Learns the mean truth of events that look alike, which shifts with the training spectrum.",
    formula="min_b E|b(x) − z|²: ẑ = b(x) = E[z|x]",
    reference="Gambhir, Nachman, Thaler 2022, arXiv:2205.05084",
)
