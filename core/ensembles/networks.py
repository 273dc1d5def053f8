"""Networks that take sets of events."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


class Perceptron(nn.Module):
    """Map inputs to outputs through hidden layers: W_L a(… a(W_1 x + b_1) …) + b_L.

    Args:
        widths: inputs, width of each hidden layer, outputs.
        generator: source of the initial weights.
        activation: a; a smooth one where slopes of the output matter.
    """

    def __init__(
        self, widths: Sequence[int], generator: torch.Generator, activation: Callable[[Tensor], Tensor] = torch.relu
    ) -> None:
        super().__init__()
        self._activation = activation
        layers = [nn.Linear(a, b) for a, b in pairwise(widths)]
        for layer in layers:
            bound = 1 / math.sqrt(layer.in_features)
            with torch.no_grad():
                layer.weight.uniform_(-bound * math.sqrt(3), bound * math.sqrt(3), generator=generator)
                layer.bias.uniform_(-bound, bound, generator=generator)
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        """Return outputs of shape (…, widths[-1]) of inputs of shape (…, widths[0])."""
        for layer in self.layers[:-1]:
            x = self._activation(layer(x))
        outputs: Tensor = self.layers[-1](x)
        return outputs


class SetClassifier(nn.Module):
    """Map sets of standardised events to outputs z, of which a loss makes the log-ratio T = Σ_k log_ratio(z_k).

    The standardisation (μ, s) of each feature is part of the network, so that it takes physical units.

    Args:
        mean: mean of each feature, shape (d,).
        scale: standard deviation of each feature, shape (d,), positive.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, mean: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean.to(torch.float32))
        self.register_buffer("scale", scale.to(torch.float32))

    def forward(self, x: Tensor) -> Tensor:
        """Return z, shape (n_sets, k), of sets in physical units, shape (n_sets, N, d)."""
        z: Tensor = self.outputs((x - self.mean) / self.scale)
        return z

    def outputs(self, x: Tensor) -> Tensor:
        """Return z, shape (n_sets, k), of standardised sets, shape (n_sets, N, d)."""
        raise NotImplementedError


class EachEvent(SetClassifier):
    """Map each event by itself, z_i = φ(x_i): k = N outputs whose log-ratios a loss adds up.

    Trained on single events it is f_1; trained on sets of N, it is the network of f_N→1, one latent dimension and a
    fixed sum. Either way, one network gives the log-ratio of one event and, by addition, of any number.
    """

    def __init__(self, mean: Tensor, scale: Tensor, hidden: Sequence[int], generator: torch.Generator) -> None:
        super().__init__(mean, scale)
        self.phi = Perceptron([len(mean), *hidden, 1], generator)

    def outputs(self, x: Tensor) -> Tensor:
        """Return φ of each event, shape (n_sets, N)."""
        z: Tensor = self.phi(x).squeeze(-1)
        return z


class Listed(SetClassifier):
    """Map the N events of a set, one after another, through one network: z = F(x_1, …, x_N).

    Args:
        mean: mean of each feature, shape (d,).
        scale: standard deviation of each feature, shape (d,).
        size: N.
        hidden: width of each hidden layer.
        generator: source of the initial weights.
        key: index of the feature by whose falling values the events are sorted first; None leaves their order.
    """

    def __init__(
        self,
        mean: Tensor,
        scale: Tensor,
        size: int,
        hidden: Sequence[int],
        generator: torch.Generator,
        key: int | None = None,
    ) -> None:
        super().__init__(mean, scale)
        self.key = key
        self.network = Perceptron([size * len(mean), *hidden, 1], generator)

    def outputs(self, x: Tensor) -> Tensor:
        """Return z, shape (n_sets, 1)."""
        if self.key is not None:
            order = x[:, :, self.key].argsort(dim=1, descending=True)
            x = x.gather(1, order.unsqueeze(-1).expand_as(x))
        z: Tensor = self.network(x.flatten(1))
        return z


class DeepSets(SetClassifier):
    """Map a set through z = F((1/√N) Σ_i Φ(x_i)), which does not depend on the order of its events.

    Args:
        mean: mean of each feature, shape (d,).
        scale: standard deviation of each feature, shape (d,).
        latent: how many numbers Φ makes of an event.
        hidden: width of each hidden layer of Φ and of F.
        generator: source of the initial weights.

    References:
        Zaheer et al. 2017 (1703.06114); Komiske, Metodiev, Thaler 2019 (1810.05165).
    """

    def __init__(
        self, mean: Tensor, scale: Tensor, latent: int, hidden: Sequence[int], generator: torch.Generator
    ) -> None:
        super().__init__(mean, scale)
        self.phi = Perceptron([len(mean), *hidden, latent], generator)
        self.network = Perceptron([latent, *hidden, 1], generator)

    def outputs(self, x: Tensor) -> Tensor:
        """Return z, shape (n_sets, 1)."""
        z: Tensor = self.network(self.phi(x).sum(1) / math.sqrt(x.shape[1]))
        return z
