"""What a blueprint is: which classes an auxiliary network tells apart by v and parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.event_variables.config import VariableConfig
from core.registry import Registry


@dataclass(frozen=True)
class Events:
    """Hold events on a device.

    Args:
        x: features in physical units, shape (n, n_features), float32.
        theta: parameter in physical units, shape (n,), float32; anything for background, 0 where there is none.
        y: whether an event is signal, shape (n,), boolean.
        beside: known columns that the auxiliary sees too, shape (n, n_beside), float32.
        cut: column of the pre-selection, shape (n,), float32; 0 where there is none.
        m: column that v must not depend on, shape (n, 0 or 1), float64.
        w: weights, not negative, of mean 1, shape (n,), float32.
    """

    x: Tensor
    theta: Tensor
    y: Tensor
    beside: Tensor
    cut: Tensor
    m: Tensor
    w: Tensor

    def __len__(self) -> int:
        return len(self.x)

    def take(self, index: Tensor) -> Events:
        """Return the events at ``index``, shape (k,) of integers or (n,) of booleans."""
        return Events(*(getattr(self, name)[index] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Questions:
    """Ask the auxiliary network which class events are of; an event can be asked about more than once.

    Args:
        index: which event, shape (q,).
        theta: parameters, shape (q, n_parameters), in physical units.
        target: the true class, 0 or 1, shape (q,), float32.
        w: weights, shape (q,), both classes with about the same sum.
    """

    index: Tensor
    theta: Tensor
    target: Tensor
    w: Tensor


@dataclass(frozen=True)
class Blueprint:
    """Describe one blueprint.

    Args:
        config: the config class whose fields its form and its command-line options show.
        ask: (events of a batch, source of random numbers on the CPU) → questions.
        n_parameters: how many θ the auxiliary network takes.
        tells_signal: whether it tells background from signal, so that it needs both.
    """

    config: type[VariableConfig]
    ask: Callable[[Events, torch.Generator], Questions]
    n_parameters: int
    tells_signal: bool


BLUEPRINTS: Registry[Blueprint] = Registry("blueprint", "core.event_variables.blueprints")
"""All blueprints by name."""


def draw_theta(events: Events, n: int, generator: torch.Generator) -> Tensor:
    """Return θ ~ π of n events, shape (n,): drawn from the signal events of the batch by their weights.

    The weights carry the priority. Without a signal event in the batch, all are 0.
    """
    weights = torch.where(events.y, events.w, 0.0).cpu()
    if not bool((weights > 0).any()):
        return events.theta.new_zeros(n)
    return events.theta[torch.multinomial(weights, n, replacement=True, generator=generator).to(events.theta.device)]


def with_drawn_theta(events: Events, generator: torch.Generator) -> Tensor:
    """Return θ of each event, shape (n,): its own for signal, drawn from the priority for background."""
    if bool(events.y.all()):
        return events.theta
    return torch.where(events.y, events.theta, draw_theta(events, len(events), generator))


def balanced(events: Events) -> Tensor:
    """Return the weights with background and signal at the same sum of half the events, shape (n,)."""
    sums = torch.where(events.y, events.w[events.y].sum(), events.w[~events.y].sum())
    return events.w * (len(events) / 2) / sums.clamp(min=torch.finfo(events.w.dtype).tiny)
