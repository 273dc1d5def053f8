"""The networks that trainings share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.errors import DataError
from core.learning.pulse import sign_of_life

AT_ONCE = 65_536
"""Events that a network judges at once, so that what its layers give takes little memory."""


def in_parts(network: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return what a network gives for many events, computed part by part, with a sign of life before each.

    Args:
        network: features (k, n_features) → values (k, …).
        x: features, shape (n, n_features).
    """
    if len(x) <= AT_ONCE:
        return network(x)
    found = []
    for part in x.split(AT_ONCE):
        sign_of_life()
        found.append(network(part))
    return torch.cat(found)


class Classifier(nn.Module):
    """Map features to the logit of a signal score through standardised inputs and ReLU layers.

    f(x) = σ(W_L relu(… relu(W_1 (x - μ)/s + b_1) …) + b_L). The standardisation (μ, s) is part of the network, so that
    a saved model takes physical units.

    Args:
        mean: weighted mean of each feature, shape (n_features,).
        scale: weighted standard deviation of each feature, shape (n_features,), positive.
        hidden: width of each hidden layer.
        generator: source of the initial weights.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, mean: Tensor, scale: Tensor, hidden: Sequence[int], generator: torch.Generator) -> None:
        super().__init__()
        self.register_buffer("mean", mean.to(torch.float32))
        self.register_buffer("scale", scale.to(torch.float32))
        widths = [len(mean), *hidden, 1]
        layers = [nn.Linear(a, b) for a, b in pairwise(widths)]
        for layer in layers:
            bound = 1 / math.sqrt(layer.in_features)
            with torch.no_grad():
                layer.weight.uniform_(-bound * math.sqrt(3), bound * math.sqrt(3), generator=generator)
                layer.bias.uniform_(-bound, bound, generator=generator)
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logit of each event.

        Args:
            x: features in physical units, shape (n, n_features).

        Returns:
            Logits, shape (n,).
        """
        x = (x - self.mean) / self.scale
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        logits: Tensor = self.layers[-1](x).squeeze(-1)
        return logits

    @torch.no_grad()
    def score(self, x: Tensor, batch: int = 65_536) -> Tensor:
        """Return f(x) in [0, 1] of each event, shape (n,), in batches that bound the memory."""
        return torch.cat([torch.sigmoid(self(part)) for part in x.split(batch)]) if len(x) else x.new_empty(0)

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return a copy of all parameters and buffers as arrays."""
        return {name: value.detach().cpu().numpy().copy() for name, value in self.state_dict().items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Classifier:
        """Rebuild a network from what ``arrays`` returned; the layer widths are read off the shapes.

        Raises:
            DataError: the arrays are not those of a classifier.
        """
        names = [f"layers.{k}.weight" for k in range(sum(name.endswith(".weight") for name in arrays))]
        if not names or not {"mean", "scale", *names} <= set(arrays):
            raise DataError(f"these arrays are no classifier: {', '.join(arrays)}; expected mean, scale, layers.*")
        state = {name: torch.from_numpy(np.array(value, dtype=np.float32)) for name, value in arrays.items()}
        hidden = [arrays[name].shape[0] for name in names[:-1]]
        network = cls(state["mean"], state["scale"], hidden, torch.Generator().manual_seed(0))
        network.load_state_dict(state)
        return network
