"""What the critics share: their settings, a smooth network, its training and how it is judged."""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from core.learning.batch import Batch
from core.learning.pulse import sign_of_life
from core.learning.restart import Changing
from core.learning.state import State
from core.unlearning.method import PenaltyConfig, on_background
from core.unlearning.penalties._columns import Columns, ordered_scores

LARGEST_GRADIENT = 1.0
EVENTS_A_STEP, REMEMBERED, JUDGED_EVENTS = 512, 2048, 131_072
"""Events of one step; of past batches that a small one is filled up with; of validation. They bound cost and noise."""
FIRST_STEPS, LARGEST_PASSES = 20, 4
"""How many times the usual steps come first; and at most how often a batch's number of events is gone through."""
AVERAGED = 0.1
"""Share of each step's network in the running average that judges the score: less noise than the last one."""
EVENTS_A_CELL, MOST_BINS = 20, 8


class CriticConfig(PenaltyConfig):
    """Set up a training against a network that tries to tell the protected variables from the score."""

    learning_rate: float = Field(
        3e-3, gt=0, le=1, title="learning rate", description="peak of the one-cycle schedule of the Adam optimiser"
    )
    critic_hidden: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (32, 32), min_length=1, max_length=6, title="critic's layers", description="width of each hidden layer"
    )
    critic_steps: int = Field(
        10,
        ge=1,
        le=1000,
        title="critic's steps",
        description="steps of the critic before each step of the classifier; more follow the score more closely",
    )
    critic_learning_rate: float = Field(
        5e-3, gt=0, le=1, title="critic's learning rate", description="of the critic's Adam optimiser, constant"
    )


class Perceptron(nn.Module):
    """Map inputs to outputs through SiLU layers, whose slopes are continuous: the score learns from them.

    Args:
        widths: of the inputs, each hidden layer and the outputs.
        generator: source of the initial weights, on the CPU; the outputs are 0 at first.
    """

    def __init__(self, widths: Sequence[int], generator: torch.Generator) -> None:
        super().__init__()
        layers = [nn.Linear(a, b) for a, b in pairwise(widths)]
        with torch.no_grad():
            for layer in layers[:-1]:
                bound = 1 / math.sqrt(layer.in_features)
                layer.weight.uniform_(-bound * math.sqrt(3), bound * math.sqrt(3), generator=generator)
                layer.bias.uniform_(-bound, bound, generator=generator)
            layers[-1].weight.zero_()
            layers[-1].bias.zero_()
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        """Return outputs, shape (…, n_outputs), of inputs of shape (…, n_inputs)."""
        for layer in self.layers[:-1]:
            x = nn.functional.silu(layer(x))
        outputs: Tensor = self.layers[-1](x)
        return outputs


class Descent(Changing):
    """Minimise losses by Adam with a short memory of gradients, since the score that a critic follows moves.

    Args:
        parameters: what is trained.
        rate: learning rate.
    """

    changes = ("_optimiser",)

    def __init__(self, parameters: Iterable[nn.Parameter], rate: float) -> None:
        self._parameters = list(parameters)
        self._optimiser = torch.optim.Adam(self._parameters, lr=rate, betas=(0.5, 0.99), foreach=True)

    def step(self, loss: Tensor) -> None:
        """Take one step with a clipped gradient."""
        sign_of_life()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._parameters, LARGEST_GRADIENT)
        self._optimiser.step()


@dataclass(frozen=True)
class Inputs:
    """Hold background events as a critic sees them.

    Args:
        f: normal scores of the classifier's score, shape (n, 1), float32.
        z: normal scores of continuous protected variables, shape (n, n_continuous), float32.
        codes: categories of discrete ones, shape (n, n_discrete), integers.
        w: weights, shape (n,), float64.
    """

    f: Tensor
    z: Tensor
    codes: Tensor
    w: Tensor

    def take(self, index: Tensor) -> Inputs:
        """Return the events at ``index``, shape (k,)."""
        return Inputs(self.f[index], self.z[index], self.codes[index], self.w[index])

    def followed_by(self, others: Inputs, n: int) -> Inputs:
        """Return these events and as many of the others as make n of them."""
        kept = max(n - len(self.w), 0)
        return Inputs(
            torch.cat([self.f, others.f[:kept]]),
            torch.cat([self.z, others.z[:kept]]),
            torch.cat([self.codes, others.codes[:kept]]),
            torch.cat([self.w, others.w[:kept]]),
        )

    def draw(self, n: int, generator: torch.Generator) -> Inputs:
        """Return n of the events in random order, or all of them in random order."""
        return self.take(torch.randperm(len(self.w), generator=generator)[:n].to(self.w.device))


def binned_information(events: Inputs) -> Tensor:
    """Return the largest I(f; m_k) in nats over the protected variables, from up to 8 × 8 cells of equal occupancy.

    The bias (B_f - 1)(B_m - 1)/(2 N_eff) is taken off (Miller-Madow); cells of negative weight count as empty.
    """
    effective = float(events.w.sum() ** 2 / (events.w**2).sum())
    bins = min(max(int(math.sqrt(effective / EVENTS_A_CELL)), 2), MOST_BINS)
    edges = torch.special.ndtri(torch.arange(1, bins, dtype=torch.float32, device=events.w.device) / bins)
    rows = torch.bucketize(events.f[:, 0].contiguous(), edges)
    columns = [torch.bucketize(z.contiguous(), edges) for z in events.z.unbind(1)]
    found = []
    for column in [*columns, *events.codes.unbind(1)]:
        size = int(column.max()) + 1
        cells = torch.zeros(bins * size, dtype=torch.float64, device=events.w.device)
        cells = cells.index_add_(0, rows * size + column, events.w).clamp(min=0).reshape(bins, size)
        p = cells / cells.sum()
        product = p.sum(0) * p.sum(1, keepdim=True)
        information = (torch.xlogy(p, p) - torch.xlogy(p, product)).sum()
        found.append(information - (bins - 1) * (size - 1) / (2 * effective))
    return torch.stack(found).max()


class NeuralCritic(Changing, ABC):
    """Measure the dependence of scores on protected variables by a network that maximises a lower bound.

    Args:
        config: of the critic.
        columns: how it sees the protected variables.
        network: to be trained.
        generator: source of random numbers, on the CPU.
    """

    changes: ClassVar[tuple[str, ...]] = ("_network", "_average", "_descent")

    def __init__(self, config: CriticConfig, columns: Columns, network: nn.Module, generator: torch.Generator) -> None:
        self._columns, self._network, self._generator = columns, network, generator
        self._average = copy.deepcopy(network).requires_grad_(False)
        self._descent = Descent(network.parameters(), config.critic_learning_rate)
        self._steps = config.critic_steps
        self._recent: Inputs | None = None
        self._judging_seed = int(torch.randint(2**31, (), generator=generator))

    @abstractmethod
    def bound(self, network: nn.Module, events: Inputs, generator: torch.Generator) -> Tensor:
        """Return the dependence in nats that a network sees, a scalar with gradients; 0 for a network that says 0."""

    def __call__(self, scores: Tensor, batch: Batch) -> Tensor:
        """Return the dependence in nats; at least the binned estimate where no gradient is asked for.

        The critic lags one step behind the classifier, and may see less than nothing of a score that moved. An epoch
        must not be the best for that, so validation takes the larger of both estimates, of events drawn alike each
        time.
        """
        events = self._inputs(scores, batch)
        if torch.is_grad_enabled():
            return self.bound(self._average, events, self._generator)
        generator = torch.Generator().manual_seed(self._judging_seed)
        events = events.draw(JUDGED_EVENTS, generator)
        return torch.maximum(self.bound(self._average, events, generator), binned_information(events)).clamp(min=0)

    def refine(self, scores: Tensor, batch: Batch) -> None:
        """Take the critic's steps on the latest events: more of them the first time, fewer for a small batch."""
        present = self._inputs(scores, batch)
        steps = min(self._steps, math.ceil(LARGEST_PASSES * len(present.w) / EVENTS_A_STEP))
        steps *= FIRST_STEPS if self._recent is None else 1
        self._recent = present if self._recent is None else present.followed_by(self._recent, REMEMBERED)
        self._learn(self._recent, steps)

    def state_dict(self) -> dict[str, Any]:
        """Return both networks, the optimiser and the events that are remembered."""
        return {**super().state_dict(), "recent": None if self._recent is None else dict(vars(self._recent))}

    def load_state_dict(self, state: State, /) -> None:
        """Become what ``state_dict`` returned."""
        super().load_state_dict(state)
        device = next(self._network.parameters()).device
        if state["recent"] is not None:
            self._recent = Inputs(**{name: values.to(device) for name, values in state["recent"].items()})

    def _learn(self, events: Inputs, steps: int) -> None:
        for _ in range(steps):
            drawn = events.draw(EVENTS_A_STEP, self._generator)
            self._descent.step(-self.bound(self._network, drawn, self._generator))
            for kept, present in zip(self._average.parameters(), self._network.parameters(), strict=True):
                kept.lerp_(present.detach(), AVERAGED)

    def _inputs(self, scores: Tensor, batch: Batch) -> Inputs:
        f, m, w = on_background(scores, batch)
        return Inputs(ordered_scores(f, w).float()[:, None], *self._columns(m), w.double())
