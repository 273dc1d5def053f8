"""The network that all parts of a calibration are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


class SmoothNetwork(nn.Module):
    """Map standardised inputs to outputs by a linear map and a correction: y = Ax + W_L s(… s(W_1 x + b_1) …) + b_L.

    s(u) = u σ(u) is smooth, as an expected calibration is, and far from the training events the map is linear.

    Args:
        n_inputs: number of inputs.
        hidden: width of each hidden layer.
        n_outputs: number of outputs.
        generator: source of the initial weights; the outputs start at 0.
    """

    def __init__(self, n_inputs: int, hidden: Sequence[int], n_outputs: int, generator: torch.Generator) -> None:
        super().__init__()
        layers = [nn.Linear(a, b) for a, b in pairwise([n_inputs, *hidden, n_outputs])]
        self.layers = nn.ModuleList(layers)
        self.direct = nn.Linear(n_inputs, n_outputs, bias=False)
        self._output_weights = (layers[-1].weight, self.direct.weight)
        with torch.no_grad():
            for layer in layers:
                bound = 1 / math.sqrt(layer.in_features)
                layer.weight.uniform_(-bound * math.sqrt(3), bound * math.sqrt(3), generator=generator)
                layer.bias.uniform_(-bound, bound, generator=generator)
            for parameter in (*layers[-1].parameters(), *self.direct.parameters()):
                parameter.zero_()

    def roughness(self) -> Tensor:
        """Return the sum of the squared weights of the outputs, which is 0 for a constant network."""
        return torch.stack([weight.square().sum() for weight in self._output_weights]).sum()

    def forward(self, x: Tensor) -> Tensor:
        """Return outputs, shape (n, n_outputs), of inputs of shape (n, n_inputs)."""
        direct: Tensor = self.direct(x)
        for layer in self.layers[:-1]:
            x = nn.functional.silu(layer(x))
        return direct.add(self.layers[-1](x))
