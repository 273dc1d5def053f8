"""What keeps a learnt variable from following a known one: any penalty of unlearning."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.errors import DataError
from core.event_variables.blueprint import Events
from core.event_variables.config import VariableConfig
from core.learning.batch import Batch
from core.unlearning.method import METHODS, Critic, Penalty, PenaltyConfig

WARMUP, RAMP = 0.15, 0.35
"""Share of the training without the penalty, and over which λ then rises."""
FEWEST_EVENTS = 2
KNOTS, EVENTS_A_KNOT = 65, 4


def penalty_names() -> list[str]:
    """Return the methods of unlearning that are a penalty on one score and nothing else."""
    return [entry.name for entry in METHODS if entry.item.is_plain]


def check_penalty(config: VariableConfig) -> None:
    """Refuse a penalty that is none.

    Raises:
        DataError: the name is unknown, or that method is no penalty on one score.
    """
    if config.penalty not in penalty_names():
        raise DataError(f"unknown penalty {config.penalty!r}; allowed: {', '.join(penalty_names())}")


@dataclass(frozen=True)
class Decorrelation:
    """Measure how much the outputs of the main network depend on a known column, one penalty for each output.

    A penalty takes scores in [0, 1]: a selector's and a categoriser's probabilities are, a variable enters by its order
    alone, as the share of the batch below it: in its own scale, a fine structure could hide what it knows. It acts on
    background; where all events are signal, every other event stands for it.

    Args:
        kind: variable, selector or categoriser.
        penalties: of each output.
    """

    kind: str
    penalties: tuple[Penalty, ...]

    @classmethod
    def of(cls, config: VariableConfig, train: Events, generator: torch.Generator) -> Decorrelation:
        """Build the penalties from training events.

        Raises:
            DataError: the penalty is none, or cannot take these events.
        """
        check_penalty(config)
        method = METHODS[config.penalty].item
        own = method.config()
        options = {"lam": config.lam} if isinstance(own, PenaltyConfig) else {}
        batch = _batch(train)
        built = tuple(method.build(method.config(**options), batch, generator) for _ in range(config.n_outputs))
        return cls(config.kind, built)

    def __call__(self, raw: Tensor, events: Events) -> Tensor:
        """Return the sum over outputs, a scalar; 0 for too few events.

        Args:
            raw: outputs of the main network, shape (n, n_outputs).
            events: of the batch.
        """
        batch = _batch(events)
        if min(int(batch.y.sum()), int((~batch.y).sum())) < FEWEST_EVENTS:
            return raw.new_zeros(())
        scores = self._scores(raw)
        for one, penalty in zip(scores.detach().unbind(1), self.penalties, strict=True):
            if isinstance(penalty, Critic) and torch.is_grad_enabled():
                penalty.refine(one, batch)
        return torch.stack(
            [penalty(one, batch) for one, penalty in zip(scores.unbind(1), self.penalties, strict=True)]
        ).sum()

    def _scores(self, raw: Tensor) -> Tensor:
        if self.kind == "categoriser":
            return torch.softmax(raw, 1)
        if self.kind == "selector":
            return torch.sigmoid(raw)
        return torch.stack([shares_below(column) for column in raw.unbind(1)], 1)


def shares_below(values: Tensor) -> Tensor:
    """Return the share of values below each one, linear between up to 65 quantiles, shape (n,), with its slope.

    The quantiles are held fixed in the derivative.

    Args:
        values: shape (n,).

    Example:
        >>> shares_below(torch.tensor([5.0, 1.0, 2.0, 3.0, 4.0, 6.0, 7.0, 8.0, 9.0])).tolist()
        [0.5, 0.0, 0.125, 0.25, 0.375, 0.625, 0.75, 0.875, 1.0]
    """
    fixed = values.detach().contiguous()
    levels = torch.linspace(0, 1, min(KNOTS, max(3, len(values) // EVENTS_A_KNOT)), device=values.device)
    knots = torch.quantile(fixed, levels)
    kept = torch.cat([knots[1:] > knots[:-1], torch.ones(1, dtype=torch.bool, device=values.device)])
    knots, levels = knots[kept], levels[kept]
    if len(knots) < 2:
        return values * 0
    right = torch.searchsorted(knots, fixed).clamp(1, len(knots) - 1)
    slope = (levels[right] - levels[right - 1]) / (knots[right] - knots[right - 1])
    return (levels[right - 1] + slope * (values - knots[right - 1])).clamp(0, 1)


def strength(config: VariableConfig, progress: float) -> float:
    """Return λ in force: 0 while the variable learns first, then rising to its full value.

    Example:
        >>> [round(strength(VariableConfig(lam=2.0), at), 2) for at in (0.1, 0.325, 0.6)]
        [0.0, 1.0, 2.0]
    """
    return config.lam * min(max((progress - WARMUP) / RAMP, 0.0), 1.0)


def _batch(events: Events) -> Batch:
    y = events.y
    if bool(y.all()):
        y = torch.arange(len(events), device=events.x.device) % 2 == 0
    return Batch(events.x, y, events.m, events.w)
