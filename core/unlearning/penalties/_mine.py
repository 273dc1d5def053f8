"""MINE as a penalty: a critic T(f, m) that bounds I(f; m) of the background from below."""

from __future__ import annotations

from collections.abc import Callable

import torch
from pydantic import Field
from torch import Tensor, nn

from core.learning.batch import Batch
from core.learning.restart import Changing
from core.neural_information.scores import Scores, draw_partners
from core.unlearning.method import on_background
from core.unlearning.penalties._columns import Columns
from core.unlearning.penalties._critic import CriticConfig, Inputs, NeuralCritic, Perceptron

LARGEST_LOG_RATIO = 10.0
PARTNERS = 4
SMALLEST_MEAN = 1e-4

Objective = Callable[[Scores, Callable[[Scores], Tensor]], Tensor]
"""(scores, log-mean) → minus the bound."""


class MineConfig(CriticConfig):
    """Set up a training against MINE."""

    lam: float = Field(
        100.0,
        ge=0,
        le=1e5,
        title="λ",
        description="weight of the mutual information in nats beside the cross entropy; 0 is the baseline, some 30 "
        "keep more separation, some 100 flatten the spectrum as far as 10⁵ events can tell",
    )


class SignedLogMean(Changing):
    """Compute log E_q[e^T] of batches with the gradient E_q[∇T e^T] / A, where A averages E_q[e^T] over past batches.

    The gradient of a batch's own log E_q[e^T] is a ratio of two means over one batch, and so biased. Weights may have
    either sign, for T is bounded; a mean that they bring below 10⁻⁴ counts as that.

    Args:
        rate: share of the present batch in the moving average.

    References:
        Belghazi et al. 2018 (1801.04062), section 3.2.
    """

    changes = ("_average",)

    def __init__(self, rate: float = 0.05) -> None:
        self._rate = rate
        self._average: Tensor | None = None

    def __call__(self, scores: Scores) -> Tensor:
        """Return log E_q[e^T] of the batch, a scalar."""
        mean = scores.over_shuffled(torch.exp(scores.shuffled))
        present = mean.detach().clamp(min=SMALLEST_MEAN)
        average = present if self._average is None else self._average.to(present).lerp(present, self._rate)
        if torch.is_grad_enabled():
            self._average = average
        return present.log() + (mean - mean.detach()) / average


class Mine(NeuralCritic):
    """Bound I(f; m) on background by max_T of an objective, p(f, m) against q = p(f) p(m) from shuffled events.

    m is all protected variables at once. |T - offset| stays below 10, so that weights of either sign, which enter all
    means as they are, leave an optimum.

    Args:
        config: of the critic.
        train: training events, whose background says how the protected variables are seen.
        generator: source of random numbers, on the CPU.
        objective: minus the bound.
        offset: the value of T at independence, at which the critic starts.
    """

    changes = (*NeuralCritic.changes, "_log_mean")

    def __init__(
        self, config: MineConfig, train: Batch, generator: torch.Generator, objective: Objective, offset: float
    ) -> None:
        columns = Columns(*on_background(train.w, train)[1:])
        widths = (1 + columns.n_continuous + sum(columns.categories), *config.critic_hidden, 1)
        super().__init__(config, columns, Perceptron(widths, generator).to(train.w.device), generator)
        self._objective, self._offset, self._log_mean = objective, offset, SignedLogMean()

    def bound(self, network: nn.Module, events: Inputs, generator: torch.Generator) -> Tensor:
        """Return the bound in nats from joint pairs and four shuffled ones an event."""
        events = events.draw(len(events.w), generator)
        partner = draw_partners(len(events.w), PARTNERS, generator).to(events.w.device)
        flags = [
            nn.functional.one_hot(codes, n).float()
            for codes, n in zip(events.codes.unbind(1), self._columns.categories, strict=True)
        ]
        m = torch.cat([events.z, *flags], 1)
        others = torch.cat([m[:, None], m[partner]], 1)
        raw = network(torch.cat([events.f[:, None].expand(-1, others.shape[1], -1), others], -1))
        t = LARGEST_LOG_RATIO * torch.tanh(raw[..., 0].double() / LARGEST_LOG_RATIO) + self._offset
        return -self._objective(Scores(t[:, 0], t[:, 1:], events.w, partner), self._log_mean)
