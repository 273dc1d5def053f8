"""Anomalies: events that the autoencoder finds unlikely, and what it believes of their protected variables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.disentanglement.densities import divergence
from core.disentanglement.represent import BATCH, Representation

DRAWS = 8


@torch.no_grad()
def anomaly_scores(
    representation: Representation, x: NDArray[np.floating], protected: Sequence[str], generator: torch.Generator
) -> dict[str, NDArray[np.float32]]:
    """Score events by -ELBO(x) = E_q[-ln p(x|z)] + KL(q(z|x) ‖ p(z)), large for unlikely ones.

    The first term is the mean over 8 draws from q(z|x), the second is exact. Beside them stands the posterior of the
    dimension z' that holds each protected variable: mean, standard deviation, and the value that the mean stands for.

    Args:
        representation: the trained autoencoder and its dials.
        x: features in physical units, shape (n, n_features).
        protected: names of the protected variables, in the order of the training.
        generator: source of the draws, on the CPU.

    Returns:
        ``anomaly``, ``reconstruction`` and ``kl`` in nats, and for each protected variable m ``m_z_mean``,
        ``m_z_deviation`` and ``m_from_z`` in its unit; shape (n,) each.

    References:
        An, Cho 2015 (Variational autoencoder based anomaly detection using reconstruction probability).
    """
    autoencoder = representation.autoencoder
    columns: dict[str, list[NDArray[np.generic]]] = {}

    def add(name: str, values: NDArray[np.generic]) -> None:
        columns.setdefault(name, []).append(values)

    for part in torch.from_numpy(np.asarray(x, np.float32)).split(BATCH):
        events = part.to(representation.device)
        mean, log_variance = autoencoder.encode(events)
        deviation = torch.exp(log_variance / 2)
        reconstruction = torch.zeros(len(events), dtype=torch.float64, device=events.device)
        for _ in range(DRAWS):
            z = mean + deviation * torch.randn(mean.shape, generator=generator).to(mean.device)
            reconstruction -= autoencoder.log_likelihood(events, z).double() / DRAWS
        kl = divergence(mean, log_variance).double().sum(1)
        for name, values in (("anomaly", reconstruction + kl), ("reconstruction", reconstruction), ("kl", kl)):
            add(name, values.cpu().numpy())
        for name, j, dial in zip(protected, representation.sensitive, representation.dials, strict=True):
            position = mean[:, j].cpu().numpy()
            add(f"{name}_z_mean", position)
            add(f"{name}_z_deviation", deviation[:, j].cpu().numpy())
            add(f"{name}_from_z", dial.read(position))
    return {name: np.concatenate(parts).astype(np.float32) for name, parts in columns.items()}
