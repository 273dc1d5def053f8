"""The autoencoder: features to a Gaussian over the latent, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.errors import DataError

RESOLUTION = 0.4
LARGEST_LOG_VARIANCE = 8.0


class Autoencoder(nn.Module):
    """Map features to a diagonal Gaussian q(z|x) over K latent dimensions, and z back to features.

    q(z|x) = N(μ(x), diag σ²(x)),  p(x|z) = N(D(z), r² s²),  p(z) = N(0, 1). The encoder (μ, ln σ²) and the decoder D
    are layers of SiLU units. The standardisation of the features (mean, s) is part of the network, so that a saved
    model takes and returns physical units. ln σ² is bounded to ±8, so that no density overflows.

    Args:
        mean: weighted mean of each feature, shape (n_features,).
        scale: weighted standard deviation s of each feature, shape (n_features,), positive.
        hidden: width of each hidden layer of the encoder; the decoder has them in reverse.
        latent: K, number of latent dimensions.
        generator: source of the initial weights.
        resolution: r, width of the decoder in units of s: differences below it need not be told apart.

    References:
        Kingma, Welling 2014 (1312.6114).
    """

    mean: Tensor
    scale: Tensor
    resolution: Tensor

    def __init__(
        self,
        mean: Tensor,
        scale: Tensor,
        hidden: Sequence[int],
        latent: int,
        generator: torch.Generator,
        resolution: float = RESOLUTION,
    ) -> None:
        super().__init__()
        self.register_buffer("mean", mean.to(torch.float32))
        self.register_buffer("scale", scale.to(torch.float32))
        self.register_buffer("resolution", torch.tensor(resolution, dtype=torch.float32))
        self.encoder = _layers([len(mean), *hidden, 2 * latent], generator)
        self.decoder = _layers([latent, *reversed(hidden), len(mean)], generator)
        self.to(mean.device)

    @property
    def latent(self) -> int:
        """Return K, the number of latent dimensions."""
        return len(self.get_parameter("decoder.0.weight").T)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return μ and ln σ² of q(z|x), each of shape (n, K).

        Args:
            x: features in physical units, shape (n, n_features).
        """
        mean, raw = _through(self.encoder, (x - self.mean) / self.scale).chunk(2, dim=1)
        return mean, LARGEST_LOG_VARIANCE * torch.tanh(raw / LARGEST_LOG_VARIANCE)

    def decode(self, z: Tensor) -> Tensor:
        """Return the mean of p(x|z) in physical units, shape (n, n_features).

        Args:
            z: latent, shape (n, K).
        """
        return self.mean + self.scale * _through(self.decoder, z)

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Return ln p(x|z) of the standardised features in nats, shape (n,).

        ln p = -½ Σ_f [(x̂_f - D̂_f(z))²/r² + ln(2π r²)], x̂ and D̂ in units of s: the density of x̂, not of x.

        Args:
            x: features in physical units, shape (n, n_features).
            z: latent, shape (n, K).
        """
        pulls = ((x - self.mean) / self.scale - _through(self.decoder, z)) / self.resolution
        norm = math.log(2 * math.pi) + 2 * torch.log(self.resolution)
        return -0.5 * (pulls.square() + norm).sum(1)

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return a copy of all parameters and buffers as arrays."""
        return {name: value.detach().cpu().numpy().copy() for name, value in self.state_dict().items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Autoencoder:
        """Rebuild a network from what ``arrays`` returned; the layer widths are read off the shapes.

        Raises:
            DataError: the arrays are not those of an autoencoder.
        """
        count = sum(name.startswith("encoder.") and name.endswith(".weight") for name in arrays)
        sides = [f"{side}.{k}.weight" for side in ("encoder", "decoder") for k in range(count)]
        if not sides or not {"mean", "scale", "resolution", *sides} <= set(arrays):
            raise DataError(
                f"these arrays are no autoencoder: {', '.join(arrays)}; "
                "expected mean, scale, resolution, encoder.*, decoder.*"
            )
        state = {name: torch.from_numpy(np.array(value, dtype=np.float32)) for name, value in arrays.items()}
        hidden = [arrays[name].shape[0] for name in sides[: count - 1]]
        latent, source = arrays["decoder.0.weight"].shape[1], torch.Generator().manual_seed(0)
        network = cls(state["mean"], state["scale"], hidden, latent, source)
        network.load_state_dict(state)
        return network


def _layers(widths: Sequence[int], generator: torch.Generator) -> nn.ModuleList:
    """Return linear layers with initial weights of variance 1/width."""
    layers = [nn.Linear(a, b) for a, b in pairwise(widths)]
    for layer in layers:
        bound = 1 / math.sqrt(layer.in_features)
        with torch.no_grad():
            layer.weight.uniform_(-bound * math.sqrt(3), bound * math.sqrt(3), generator=generator)
            layer.bias.uniform_(-bound, bound, generator=generator)
    return nn.ModuleList(layers)


def _through(layers: nn.ModuleList, values: Tensor) -> Tensor:
    """Return the output of the layers, with a SiLU between each two."""
    for layer in layers[:-1]:
        values = nn.functional.silu(layer(values))
    output: Tensor = layers[-1](values)
    return output
