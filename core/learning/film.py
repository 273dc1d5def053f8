"""A classifier that is many: its layers are scaled and shifted by what it is conditioned on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.errors import DataError

EMBEDDING = 32


class ConditionalClassifier(nn.Module):
    """Map features and a condition u in [0, 1] to the logit of a signal score.

    h_l = relu((1 + γ_l(e)) ⊙ (W_l h_(l-1) + b_l) + β_l(e)),  e = tanh(A tanh(a u + c) + d): feature-wise linear
    modulation of every hidden layer. γ and β start at zero, where all conditions give the same network. The
    standardisation of the inputs (μ, s) is part of the network, as in ``Classifier``.

    Args:
        mean: weighted mean of each feature, shape (n_features,).
        scale: weighted standard deviation of each feature, shape (n_features,), positive.
        hidden: width of each hidden layer.
        generator: source of the initial weights.

    References:
        Perez, Strub, de Vries, Dumoulin, Courville 2017 (1709.07871).
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, mean: Tensor, scale: Tensor, hidden: Sequence[int], generator: torch.Generator) -> None:
        super().__init__()
        self.register_buffer("mean", mean.to(torch.float32))
        self.register_buffer("scale", scale.to(torch.float32))
        widths = [len(mean), *hidden, 1]
        layers = [nn.Linear(a, b) for a, b in pairwise(widths)]
        embedding = [nn.Linear(1, EMBEDDING), nn.Linear(EMBEDDING, EMBEDDING)]
        self.layers, self.embedding = nn.ModuleList(layers), nn.ModuleList(embedding)
        modulations = [nn.Linear(EMBEDDING, 2 * width) for width in hidden]
        self.modulations = nn.ModuleList(modulations)
        with torch.no_grad():
            for layer in [*layers, *embedding]:
                bound = 1 / math.sqrt(layer.in_features)
                layer.weight.uniform_(-bound * math.sqrt(3), bound * math.sqrt(3), generator=generator)
                layer.bias.uniform_(-bound, bound, generator=generator)
            for modulation in modulations:
                modulation.weight.zero_()
                modulation.bias.zero_()

    def forward(self, x: Tensor, u: float) -> Tensor:
        """Return the logit of each event under one condition.

        Args:
            x: features in physical units, shape (n, n_features).
            u: the condition, in [0, 1].

        Returns:
            Logits, shape (n,).
        """
        embedded = self._embedded(u)
        x = (x - self.mean) / self.scale
        for layer, modulation in zip(self.layers[:-1], self.modulations, strict=True):
            gain, shift = modulation(embedded).chunk(2, dim=1)
            x = torch.relu((1 + gain) * layer(x) + shift)
        logits: Tensor = self.layers[-1](x).squeeze(-1)
        return logits

    def _embedded(self, u: float) -> Tensor:
        """Return e of a condition, shape (1, EMBEDDING)."""
        embedded = torch.full((1, 1), 4 * u - 2, device=self.mean.device)
        for layer in self.embedding:
            embedded = torch.tanh(layer(embedded))
        return embedded

    @torch.no_grad()
    def score(self, x: Tensor, u: float, batch: int = 4096) -> Tensor:
        """Return f(x; u) in [0, 1] of each event, shape (n,), in batches that a processor keeps at hand.

        Under one condition the network is a plain one, whose weights are (1 + γ_l) ⊙ W_l: a third of the work.
        """
        embedded, plain = self._embedded(u), []
        for layer, modulation in zip(self.layers[:-1], self.modulations, strict=True):
            gain, shift = modulation(embedded)[0].chunk(2)
            plain.append(((1 + gain)[:, None] * layer.weight, (1 + gain) * layer.bias + shift))
        found = [x.new_empty(0)]
        for part in x.split(batch):
            hidden = (part - self.mean) / self.scale
            for weight, bias in plain:
                hidden = nn.functional.linear(hidden, weight, bias).relu_()
            found.append(torch.sigmoid(self.layers[-1](hidden).squeeze(-1)))
        return torch.cat(found)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return a copy of all parameters and buffers as arrays."""
        return {name: value.detach().cpu().numpy().copy() for name, value in self.state_dict().items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> ConditionalClassifier:
        """Rebuild a network from what ``arrays`` returned; the layer widths are read off the shapes.

        Raises:
            DataError: the arrays are not those of a conditional classifier.
        """
        count = sum(name.startswith("modulations.") and name.endswith(".weight") for name in arrays)
        names = [f"layers.{k}.weight" for k in range(count)]
        if not names or not {"mean", "scale", *names} <= set(arrays):
            raise DataError(f"these arrays are no conditional classifier: {', '.join(arrays)}")
        state = {name: torch.from_numpy(np.array(value, dtype=np.float32)) for name, value in arrays.items()}
        hidden = [arrays[name].shape[0] for name in names]
        network = cls(state["mean"], state["scale"], hidden, torch.Generator().manual_seed(0))
        network.load_state_dict(state)
        return network
