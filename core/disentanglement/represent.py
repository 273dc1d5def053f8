"""The representation of events without what holds the protected variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.disentanglement.densities import divergence
from core.disentanglement.dial import Curve, Dial, fit_curve
from core.disentanglement.latents import COLLAPSED, shared_information
from core.disentanglement.network import Autoencoder
from core.errors import DataError
from core.events.table import Column, EventTable
from core.learning.batch import Batch
from core.learning.snapshot import Checkpoint
from core.unlearning.model import Model

AUTOENCODER, CLASSIFIER, _LATENT = "autoencoder.", "classifier.", "latent."
BATCH = 65_536
MOST_EVENTS = 50_000


@dataclass(frozen=True)
class Encoded:
    """Hold the posteriors q(z|x) of events, as arrays of shape (n, K) each.

    Args:
        mean: their means.
        deviation: their standard deviations.
        z: one draw from each.
    """

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    z: NDArray[np.float32]


class Representation(nn.Module):
    """Map features to r(x)': posterior means without z' and without collapsed dimensions.

    The mean of a collapsed dimension is small and carries next to nothing of the event in the sense of the ELBO, but
    it is no constant: by its rank it can still tell the protected variable, and the classifier standardises its inputs.
    So such dimensions are taken out too.

    Args:
        autoencoder: the trained network.
        sensitive: index of the latent dimension that holds each protected variable, shape (n_protected,).
        kl: E KL(q(z_j|x) ‖ p(z_j)) in nats, shape (K,).
        dials: what the position of that dimension says of each protected variable.
    """

    kept: Tensor

    def __init__(
        self, autoencoder: Autoencoder, sensitive: Sequence[int], kl: NDArray[np.floating], dials: Sequence[Dial]
    ) -> None:
        super().__init__()
        self.autoencoder, self.dials = autoencoder, tuple(dials)
        self.sensitive, self.kl = tuple(int(j) for j in sensitive), np.asarray(kl, np.float64)
        kept = [j for j in range(len(kl)) if j not in self.sensitive and self.kl[j] >= COLLAPSED]
        self.register_buffer("kept", torch.tensor(kept, dtype=torch.int64), persistent=False)

    @property
    def device(self) -> torch.device:
        """Return where the network is."""
        return self.autoencoder.mean.device

    def forward(self, x: Tensor) -> Tensor:
        """Return r(x)' of events, shape (n, dimensions kept).

        Args:
            x: features in physical units, shape (n, n_features).
        """
        return self.autoencoder.encode(x)[0].index_select(1, self.kept)

    def require_kept(self) -> None:
        """Refuse an empty representation.

        Raises:
            DataError: every dimension is z' or collapsed.
        """
        if not len(self.kept):
            raise DataError(
                f"all {len(self.kl)} latent dimensions hold a protected variable or nothing, so that none is left for "
                "the classifier; lower β, refine the resolution, or take more dimensions or epochs"
            )

    def table(self, events: EventTable) -> EventTable:
        """Return the same events with the dimensions of r(x)' as their features; all other roles stay.

        Raises:
            DataError: the representation is empty.
        """
        self.require_kept()
        with torch.no_grad():
            x = torch.from_numpy(events.matrix(events.roles.features, np.float32))
            means = torch.cat([self(part.to(self.device)).cpu() for part in x.split(BATCH)]).numpy()
        others = events.roles.model_copy(update={"features": ()})
        columns = {name: events[name] for name in others.used()}
        names = [_free(f"z_{int(j) + 1}", columns) for j in self.kept]
        words = {
            name: Column(name, name, "", f"Posterior mean of latent dimension {int(j) + 1}.")
            for name, j in zip(names, self.kept, strict=True)
        }
        columns |= {name: np.ascontiguousarray(means[:, k]) for k, name in enumerate(names)}
        roles = others.model_copy(update={"features": tuple(names)})
        return EventTable(events.name, columns, roles, {**events.described, **words})

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return everything as arrays, by names that tell the parts apart."""
        return {
            **{AUTOENCODER + name: value for name, value in self.autoencoder.arrays().items()},
            f"{_LATENT}sensitive": np.array(self.sensitive, np.int64),
            f"{_LATENT}kl": self.kl,
            f"{_LATENT}dials": np.array(
                [[(c.position, c.value) for c in (dial.of_means, dial.of_draws)] for dial in self.dials]
            ),
        }

    @classmethod
    def from_arrays(cls, arrays: Checkpoint, device: torch.device | None = None) -> Representation:
        """Rebuild a representation from arrays that include what ``arrays`` returned.

        Raises:
            DataError: the arrays are not those of a representation.
        """
        parts = [f"{_LATENT}{name}" for name in ("sensitive", "kl", "dials")]
        if missing := [name for name in parts if name not in arrays]:
            raise DataError(f"these arrays are no representation: {', '.join(missing)} missing")
        sensitive, kl, dials = (np.asarray(arrays[name], np.float64) for name in parts)
        network = Autoencoder.from_arrays(under(AUTOENCODER, arrays)).to(device or torch.device("cpu"))
        found = cls(
            network, [int(j) for j in sensitive], kl, [Dial(Curve(*means), Curve(*draws)) for means, draws in dials]
        )
        return found.to(network.mean.device)


class Represented(nn.Module):
    """Be a classifier of r(x)' that takes features.

    Args:
        representation: features → r(x)'.
        classifier: r(x)' → logit.
    """

    def __init__(self, representation: Representation, classifier: nn.Module) -> None:
        super().__init__()
        self.representation, self.classifier = representation, classifier

    def forward(self, x: Tensor) -> Tensor:
        """Return the logit of each event, shape (n,)."""
        logits: Tensor = self.classifier(self.representation(x))
        return logits


def find_representation(
    autoencoder: Autoencoder, train: Batch, *, is_tied: bool, generator: torch.Generator
) -> Representation:
    """Find which dimensions hold the protected variables, which hold nothing, and what z' says of each variable.

    Args:
        autoencoder: the trained network.
        train: training events, of which 50,000 at most are looked at.
        is_tied: whether a supervised term tied the first dimensions to the protected variables. Otherwise z' are
            those that share most information with them on background.
        generator: source of the draws from q(z|x).
    """
    some = train.take(torch.arange(0, len(train.y), 1 + (len(train.y) - 1) // MOST_EVENTS, device=train.y.device))
    with torch.no_grad():
        parts = [divergence(*autoencoder.encode(x)).double() for x in some.x.split(BATCH)]
    w = some.w.double()
    kl = ((w[:, None] * torch.cat(parts)).sum(0) / w.sum()).cpu().numpy()
    found = encode(autoencoder, some.x, generator)
    m, weights = some.m.cpu().numpy(), w.cpu().numpy()
    sensitive = range(m.shape[1])
    if not is_tied:
        background = ~some.y.cpu().numpy()
        shared = shared_information(found.z[background], list(m[background].T), weights[background])
        sensitive = shared.mi.argmax(0).tolist()
    dials = [
        Dial(fit_curve(found.mean[:, j], m[:, k], weights), fit_curve(found.z[:, j], m[:, k], weights))
        for k, j in enumerate(sensitive)
    ]
    return Representation(autoencoder, sensitive, kl, dials).to(some.x.device)


@torch.no_grad()
def encode(autoencoder: Autoencoder, x: Tensor, generator: torch.Generator) -> Encoded:
    """Return the posteriors of events and one draw from each.

    Args:
        autoencoder: the network.
        x: features in physical units, shape (n, n_features), on any device.
        generator: source of the draws, on the CPU.
    """
    means, deviations = [], []
    for part in x.split(BATCH):
        mean, log_variance = autoencoder.encode(part.to(autoencoder.mean.device))
        means.append(mean.cpu())
        deviations.append(torch.exp(log_variance / 2).cpu())
    mean, deviation = torch.cat(means), torch.cat(deviations)
    z = mean + deviation * torch.randn(mean.shape, generator=generator)
    return Encoded(mean.numpy(), deviation.numpy(), z.numpy())


def on_features(model: Model, representation: Representation) -> Model:
    """Return a model of r(x)' as one that takes features; a transform of its score stays."""
    return Model([Represented(representation, network) for network in model.networks], model.transform)


def under(prefix: str, arrays: Checkpoint) -> dict[str, NDArray[np.generic]]:
    """Return the arrays whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def _free(name: str, taken: dict[str, NDArray[np.generic]]) -> str:
    """Return the name, with underscores behind it where another column has it."""
    return _free(f"{name}_", taken) if name in taken else name
