"""What is to be said of an autoencoder on given events: ELBO, latent dimensions, traversals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from core.disentanglement.config import VAEConfig
from core.disentanglement.decomposition import decompose
from core.disentanglement.densities import divergence
from core.disentanglement.latents import describe_latents
from core.disentanglement.loss import with_signal_share
from core.disentanglement.model import Step
from core.disentanglement.network import Autoencoder
from core.disentanglement.represent import Representation, encode
from core.disentanglement.results import DisentangleView, Elbo, Latents
from core.disentanglement.traverse import traverse
from core.events.table import EventTable
from core.learning.batch import Batch

ELBO_EVENTS, QUICK_ELBO_EVENTS, ELBO_BATCH = 20_000, 4_096, 512
SIGMAS = 3.0
HIDDEN, HIDDEN_TIMES = 0.03, 3.0
"""A mean that tells so many nats of a protected variable, and so many times what a draw tells, is worth a word."""


def judge(
    representation: Representation, config: VAEConfig, events: EventTable, seed: int, *, quick: bool = False
) -> DisentangleView:
    """Judge an autoencoder on events that it did not learn from.

    Args:
        representation: the autoencoder, and what was found of its dimensions on training events.
        config: the config that it was trained with.
        events: validation or held-out events.
        seed: of the draws from q(z|x).
        quick: whether to leave out the error of the MIG, and to take fewer events for the ELBO.

    Returns:
        The view, without a classifier.
    """
    generator = torch.Generator().manual_seed(seed)
    autoencoder = representation.autoencoder
    everything = np.ones(events.n_events, np.bool_)
    found = encode(autoencoder, torch.from_numpy(events.matrix(events.roles.features, np.float32)), generator)
    batch, most = Batch.of(events, everything, representation.device), QUICK_ELBO_EVENTS if quick else ELBO_EVENTS
    return DisentangleView(
        elbo=elbo_of(autoencoder, batch, config, generator, most),
        latents=describe_latents(
            found.z, representation.kl, representation.sensitive, events, means=found.mean, errors=not quick
        ),
        traversal=traverse(autoencoder, found.z, events),
        evaluation=None,
        cuts=(),
    )


@torch.no_grad()
def elbo_of(
    autoencoder: Autoencoder, events: Batch, config: VAEConfig, generator: torch.Generator, most: int = ELBO_EVENTS
) -> Elbo:
    """Estimate the terms of the ELBO with the weights that the training had.

    Args:
        autoencoder: the trained network.
        events: with weights that sum to n/2 in each class.
        config: the share of the signal and the estimator of q(z).
        generator: source of the draws, on the CPU.
        most: events to take at most, drawn at random.
    """
    weighted = with_signal_share(events, config.signal_share)
    order = torch.randperm(len(weighted.w), generator=generator)[:most]
    some = weighted.take(order.to(weighted.w.device))
    sums = torch.zeros(4, dtype=torch.float64)
    for part in torch.arange(len(order)).split(ELBO_BATCH):
        x, w = some.x[part], some.w[part]
        mean, log_variance = autoencoder.encode(x)
        z = mean + torch.exp(log_variance / 2) * torch.randn(mean.shape, generator=generator).to(mean.device)
        reconstruction = -(w * autoencoder.log_likelihood(x, z)).mean()
        kl = (w[:, None] * divergence(mean, log_variance)).mean(0)
        step = Step(z, mean, log_variance, w, reconstruction, kl, 1, len(order), 1.0)
        terms = decompose(step, config.estimator)
        found = (reconstruction, terms.index_code, terms.total_correlation, terms.dimension_wise)
        sums += torch.stack(found).double().cpu() * len(part) / len(order)
    return Elbo(*sums.tolist())


def latent_remarks(latents: Latents, sensitive: tuple[int, ...], titles: Mapping[str, str]) -> tuple[str, ...]:
    """Say what a user must know of the latent dimensions.

    Args:
        latents: what they hold.
        sensitive: index of the dimension that holds each protected variable, in their order.
        titles: variable → its symbol as in print; one without stays as it is.
    """
    remarks = []
    dead = latents.collapsed
    if dead:
        verb = "carries" if len(dead) == 1 else "carry"
        names = ", ".join(f"z_{j + 1}" for j in dead)
        remarks.append(
            f"{len(dead)} of {len(latents.kl)} latent dimensions {verb} nothing and left the representation: {names}"
        )
    for k, j in enumerate(sensitive):
        variable, told = titles.get(latents.variables[k], latents.variables[k]), latents.mi[:, k]
        most = int(np.argmax(told)) if np.isfinite(told).all() else j
        if j in dead:
            remarks.append(f"z_{j + 1}, which is to hold {variable}, carries nothing; raise λ_s, or lower β")
        elif told[most] - told[j] > SIGMAS * float(np.hypot(latents.mi_error[most, k], latents.mi_error[j, k])):
            remarks.append(
                f"z_{most + 1} tells more of {variable} than z_{j + 1}, which is taken out: "
                f"{told[most]:.3g} against {told[j]:.3g} nats; raise λ_s or β"
            )
    return (*remarks, *_hidden(latents, titles))


def _hidden(latents: Latents, titles: Mapping[str, str]) -> list[str]:
    """Say where the mean of a dimension that is kept tells of a protected variable what its draws hide."""
    if latents.means_mi is None:
        return []
    return [
        f"the mean of z_{j + 1}, which the classifier sees, tells {latents.means_mi[j, k]:.3g} nats of "
        f"{titles.get(name, name)}, a draw only {max(latents.mi[j, k], 0):.2g}; refine the resolution, or raise β"
        for j in latents.kept
        for k, name in enumerate(latents.variables[: latents.n_protected])
        if latents.means_mi[j, k] > max(HIDDEN, HIDDEN_TIMES * latents.mi[j, k])
    ]
