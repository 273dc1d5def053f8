"""Percentile: the score is shifted so that one cut has the same background efficiency at every mass."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from pydantic import Field
from torch import Tensor, nn

from core.learning.batch import Batch
from core.unlearning.method import METHODS, Method, Penalty, PostHoc, TrainingConfig, no_penalty
from core.unlearning.penalties._quantiles import (
    conditional_quantiles,
    interpolated,
    knots_of,
    logit,
    place,
    weighted_quantiles,
)
from core.unlearning.penalties._refusal import require_knots

SWEEPS = 5
APART = 0.4
"""Distance in ln α/(1 - α) of the neighbours that tell the density at the cut."""


class PercentileConfig(TrainingConfig):
    """Set up a plain classifier and the shift of its score."""

    background_efficiency: float = Field(
        0.03,
        gt=0,
        lt=1,
        title="background efficiency",
        description="share of the background that passes the cut whose efficiency is made flat in m; cuts far from it "
        "stay less flat",
    )
    knots: int = Field(
        20,
        ge=2,
        le=1000,
        title="knots",
        description="points in each protected variable, equally filled, between which the cut is linear; a variable of "
        "fewer values has one a value",
    )


class Shift(nn.Module):
    """Shift the logit of a score by a sum of functions of the protected variables.

    f' = σ(ln f/(1 - f) - Σ_v s_v(m_v)), each s_v linear between its knots.

    Args:
        knots: of each variable, ascending, the last repeated to one length, shape (n_protected, n_knots).
        values: s_v at them, shape (n_protected, n_knots).
    """

    knots: Tensor
    values: Tensor

    def __init__(self, knots: Tensor, values: Tensor) -> None:
        super().__init__()
        self.register_buffer("knots", knots.double())
        self.register_buffer("values", values.double())

    def forward(self, score: Tensor, protected: Tensor) -> Tensor:
        """Return the score of each event, shape (n,).

        Args:
            score: f, shape (n,).
            protected: shape (n, n_protected).
        """
        z = logit(score)
        for v in range(self.knots.shape[0]):
            z = z - _of(self.values[v], protected[:, v], self.knots[v])
        return torch.sigmoid(z).to(score.dtype)

    @classmethod
    def restore(cls, state: Mapping[str, Tensor]) -> Shift:
        """Rebuild the transform from its ``state_dict``."""
        return cls(state["knots"], state["values"])


def build(config: PercentileConfig, train: Batch, _generator: torch.Generator) -> Penalty:
    """Return no penalty, the shift acts after the training; but refuse now what it cannot take then.

    Raises:
        DataError: fewer background events than knots, or a constant variable.
    """
    require_knots(train, config.knots)
    return no_penalty


def fit(config: PercentileConfig, scores: Tensor, protected: Tensor, weights: Tensor) -> Shift:
    """Fit the cut q(m) that keeps the same share of the background around each knot, and subtract it.

    Of several protected variables, q(m) = Σ_v q_v(m_v): the efficiency is flat in each, not in each combination.
    Each q_v in turn is fitted to what the others leave.

    Args:
        config: the background efficiency and the number of knots.
        scores: of the training background, shape (n,).
        protected: shape (n, n_protected).
        weights: shape (n,), of any sign.

    References:
        Dolen, Harris, Marzani, Rappoccio, Tran 2016 (1603.00027) for decorrelation at a fixed efficiency; Koenker,
        Bassett 1978 (Econometrica 46, 33) for quantile regression.
    """
    z = logit(scores)
    columns = list(protected.unbind(1))
    knots = [knots_of(m, weights, config.knots) for m in columns]
    shifts = [torch.zeros_like(each) for each in knots]
    levels = _levels(config.background_efficiency, z)
    for _ in range(SWEEPS if len(columns) > 1 else 1):
        for v, m in enumerate(columns):
            left = z - sum(_of(shifts[u], columns[u], knots[u]) for u in range(len(columns)) if u != v)
            shifts[v] = conditional_quantiles(left, m, weights, levels, knots[v]).values[:, 1]
    middle = weighted_quantiles(z, weights.double(), levels)[1]
    shifts[0] = shifts[0] - middle
    return Shift(*_table(knots, shifts))


def _levels(background_efficiency: float, like: Tensor) -> Tensor:
    """Return the level of the cut between two neighbours, whose distance tells the density there."""
    centre = torch.logit(torch.tensor(1 - background_efficiency, dtype=torch.float64, device=like.device))
    return torch.sigmoid(centre + APART * torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64, device=like.device))


def _of(values: Tensor, m: Tensor, knots: Tensor) -> Tensor:
    return interpolated(values[:, None], *place(m, knots))[:, 0]


def _table(knots: list[Tensor], values: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Stack knots and values of all variables; shorter ones go on, level, beyond their last knot."""
    longest = max(len(each) for each in knots)
    rows = []
    for x, s in zip(knots, values, strict=True):
        beyond = torch.arange(1, longest - len(x) + 1, dtype=x.dtype, device=x.device)
        rows.append(
            (torch.cat([x, x[-1] + beyond * x[-1].abs().clamp(min=1)]), torch.cat([s, s[-1].expand(len(beyond))]))
        )
    return torch.stack([x for x, _ in rows]), torch.stack([s for _, s in rows])


METHODS.register(
    "percentile",
    Method(PercentileConfig, build, transform=PostHoc(fit, Shift.restore)),
    title="Percentile (fixed efficiency)",
    summary="Shifts the trained score so that one cut keeps the same share of the background at every m; other cuts "
    "follow roughly. Takes the protected variables of each event that is scored.",
    formula="logit f′ = logit f − q(m) + q, P_b(logit f > q(m) | m) = P_b(logit f > q) = ε_b",
    reference="Dolen, Harris, Marzani, Rappoccio, Tran 2016 (1603.00027)",
)
