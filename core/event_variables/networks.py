"""The two networks of a blueprint: features → v, and (v, parameters) → logit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.event_variables.config import VariableConfig

AT_ONCE = 65_536


class Perceptron(nn.Module):
    """Map inputs to outputs through ReLU layers.

    Args:
        widths: of the inputs, each hidden layer and the outputs.
        generator: source of the initial weights, on the CPU.
    """

    def __init__(self, widths: Sequence[int], generator: torch.Generator) -> None:
        super().__init__()
        layers = [nn.Linear(a, b) for a, b in pairwise(widths)]
        with torch.no_grad():
            for layer in layers:
                bound = 1 / math.sqrt(layer.in_features)
                layer.weight.uniform_(-bound * math.sqrt(3), bound * math.sqrt(3), generator=generator)
                layer.bias.uniform_(-bound, bound, generator=generator)
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        """Return outputs, shape (…, n_outputs), of inputs of shape (…, n_inputs)."""
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        outputs: Tensor = self.layers[-1](x)
        return outputs


class MainNetwork(nn.Module):
    """Map features to the learnt variables.

    Features enter as asinh((x - μ)/s), which standardises them and draws in the tails that boosts along the beam make.
    What the auxiliary network sees are the raw outputs r: a variable's r, a selector's σ(r) or a categoriser's
    softmax(r). What a user sees is ``variables``: (r - c)/k, σ(±r), or the number of the most probable category;
    c, k, sign and the order of the categories are set after the training, so that it rises with a known variable.

    Args:
        mean: weighted mean of each feature, shape (n_features,).
        scale: weighted standard deviation of each feature, shape (n_features,), positive.
        config: kind, size and widths.
        generator: source of the initial weights.
    """

    mean: Tensor
    scale: Tensor
    centre: Tensor
    stretch: Tensor
    order: Tensor

    def __init__(self, mean: Tensor, scale: Tensor, config: VariableConfig, generator: torch.Generator) -> None:
        super().__init__()
        self.kind, n = config.kind, config.n_outputs
        self.register_buffer("mean", mean.to(torch.float32))
        self.register_buffer("scale", scale.to(torch.float32))
        self.register_buffer("centre", torch.zeros(n))
        self.register_buffer("stretch", torch.ones(n))
        self.register_buffer("order", torch.arange(n, dtype=torch.float32))
        self.body = Perceptron((len(mean), *config.hidden, n), generator)

    def forward(self, x: Tensor) -> Tensor:
        """Return raw outputs, shape (n, n_outputs), of features in physical units, shape (n, n_features)."""
        outputs: Tensor = self.body(torch.asinh((x - self.mean) / self.scale))
        return outputs

    def variables(self, x: Tensor) -> Tensor:
        """Return the learnt variables, shape (n, size)."""
        raw = self(x)
        if self.kind == "categoriser":
            return self.order[raw.argmax(1)].unsqueeze(1)
        found = (raw - self.centre) / self.stretch
        return torch.sigmoid(found) if self.kind == "selector" else found

    @torch.no_grad()
    def values(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the learnt variables of events as an array, shape (n, size), in parts that bound the memory."""
        parts = torch.from_numpy(np.ascontiguousarray(x)).split(AT_ONCE)
        found = [self.variables(part.to(self.mean.device)).double().cpu().numpy() for part in parts]
        return np.concatenate(found)


class Auxiliary(nn.Module):
    """Map v, known columns and parameters to the logit of class 1; inputs are standardised inside.

    Args:
        config: widths, kind and size of v.
        theta: mean and standard deviation of the parameter.
        beside: mean and standard deviation of each known column that is seen, shape (2, n_beside).
        n_parameters: how many θ.
        generator: source of the initial weights.
    """

    theta: Tensor
    beside: Tensor

    def __init__(
        self, config: VariableConfig, theta: Tensor, beside: Tensor, n_parameters: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.kind, self.n_parameters = config.kind, n_parameters
        self.is_difference = bool(n_parameters == 2 and getattr(config, "difference", False))
        self.register_buffer("theta", theta.float())
        self.register_buffer("beside", beside.float())
        n_inputs = config.n_outputs + beside.shape[1] + (1 if self.is_difference else n_parameters)
        self.body = Perceptron((n_inputs, *config.auxiliary, 1), generator)

    def losses(self, raw: Tensor, beside: Tensor, theta: Tensor, target: Tensor, hardness: float = 1.0) -> Tensor:
        """Return the cross entropy of each question in nats, shape (q,).

        A selector or a categoriser puts an event into category k with probability p_k; the auxiliary network sees k
        alone, and its loss is averaged over k: Σ_k p_k loss(k), so that p cannot tell more than k does. Such a choice
        is slow to begin with; the network may begin softly, where the auxiliary network sees p itself.

        Args:
            raw: outputs of the main network, shape (q, n_outputs).
            beside: known columns, shape (q, n_beside).
            theta: parameters, shape (q, n_parameters).
            target: the true class, shape (q,).
            hardness: share of the loss that sees categories alone; the rest sees p.
        """
        if self.kind == "variable":
            return self._entropy(raw, beside, theta, target)
        if self.kind == "selector":
            soft = torch.sigmoid(raw)
            shares, codes = [1 - soft[:, 0], soft[:, 0]], [torch.zeros_like(raw), torch.ones_like(raw)]
        else:
            soft = torch.softmax(raw, 1)
            shares, codes = list(soft.unbind(1)), [code.expand_as(raw) for code in torch.eye(raw.shape[1]).to(raw)]
        found = (1 - hardness) * self._entropy(soft, beside, theta, target) if hardness < 1 else raw.new_zeros(())
        if hardness > 0:
            terms = [p * self._entropy(code, beside, theta, target) for p, code in zip(shares, codes, strict=True)]
            found = found + hardness * torch.stack(terms).sum(0)
        return found

    def _entropy(self, v: Tensor, beside: Tensor, theta: Tensor, target: Tensor) -> Tensor:
        known = torch.cat([v, (beside - self.beside[0]) / self.beside[1]], 1)
        theta = (theta - self.theta[0]) / self.theta[1]
        if self.is_difference:
            first, second = (self.body(torch.cat([known, each[:, None]], 1))[:, 0] for each in theta.unbind(1))
            logits = second - first
        else:
            logits = self.body(torch.cat([known, theta], 1))[:, 0]
        return nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none")


def arrays_of(module: nn.Module, prefix: str) -> dict[str, NDArray[np.generic]]:
    """Return a copy of all parameters and buffers as arrays under a prefix."""
    return {f"{prefix}{name}": value.detach().cpu().numpy().copy() for name, value in module.state_dict().items()}


def fill(module: nn.Module, prefix: str, arrays: Any) -> None:
    """Put the arrays under a prefix into a module."""
    found = {name.removeprefix(prefix): v for name, v in arrays.items() if name.startswith(prefix)}
    module.load_state_dict({name: torch.from_numpy(np.array(values)) for name, values in found.items()})
