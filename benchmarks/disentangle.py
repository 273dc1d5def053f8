"""Disentangling: an epoch of every model on 100,000 events, and what one batch's estimate of q(z) costs."""

from __future__ import annotations

import time

import torch
from torch.distributions import Normal

from benchmarks.report import median_seconds, parser, publish, seconds, section
from core.disentanglement.config import VAEConfig
from core.disentanglement.densities import log_densities, sampling_weights
from core.disentanglement.model import MODELS
from core.disentanglement.train import fit_autoencoder
from core.learning.batch import Batch
from core.learning.device import few_threads

EVENTS, FEATURES, EPOCHS = 100_000, 23, 2
BATCH, LATENT = 512, 10
CPU = torch.device("cpu")


def correlated_events(n: int) -> Batch:
    """Return background of 23 features that hang together; the protected variable is a sum of two of them."""
    generator = torch.Generator().manual_seed(1)
    mixing = torch.randn(FEATURES, FEATURES, generator=generator)
    x = torch.randn(n, FEATURES, generator=generator) @ mixing / FEATURES**0.5
    return Batch(x, torch.zeros(n, dtype=torch.bool), (x[:, :1] + x[:, 1:2]).double(), torch.ones(n))


def per_epoch(train: Batch, validation: Batch, name: str, config: VAEConfig) -> tuple[float, float]:
    """Return the seconds of one epoch, validation included: by the clock, and of the processor."""
    start, worked = time.perf_counter(), time.process_time()
    source = torch.Generator().manual_seed(0)
    for _ in fit_autoencoder(train, validation, name, config, n_sensitive=1, device=CPU, generator=source):
        pass
    return (time.perf_counter() - start) / EPOCHS, (time.process_time() - worked) / EPOCHS


def estimates(batch: int) -> tuple[float, float]:
    """Return the seconds of total correlation and gradient of a batch: ours, and as the usual code writes it."""
    generator = torch.Generator().manual_seed(0)
    mean = torch.randn(batch, LATENT, generator=generator).requires_grad_()
    log_variance = (torch.randn(batch, LATENT, generator=generator) - 2).requires_grad_()
    weights = sampling_weights(torch.ones(batch), EVENTS, "stratified")

    def draw() -> torch.Tensor:
        return mean + torch.exp(log_variance / 2) * torch.randn(mean.shape, generator=generator)

    def ours() -> None:
        groups = [range(LATENT), *([j] for j in range(LATENT))]
        found = log_densities(draw(), mean, log_variance, weights, groups)
        (found[:, 0] - found[:, 1:].sum(1)).mean().backward()

    def usual() -> None:
        pairs = Normal(mean[None], torch.exp(log_variance / 2)[None]).log_prob(draw()[:, None])
        joint = torch.logsumexp(pairs.sum(2) + weights.log(), 1)
        (joint - torch.logsumexp(pairs + weights.log()[:, :, None], 1).sum(1)).mean().backward()

    with few_threads(CPU):
        return median_seconds(ours, 7), median_seconds(usual, 7)


def main() -> None:
    """Measure both."""
    options = parser(__doc__).parse_args()
    train, validation = correlated_events(EVENTS), correlated_events(EVENTS // 10)
    rows = []
    for entry in MODELS:
        config = entry.item.config(epochs=EPOCHS)
        spent, worked = per_epoch(train, validation, entry.name, config)
        size = f"{config.batch_size} × {config.latent}"
        rows.append([entry.name, size, seconds(spent), seconds(20 * spent), seconds(20 * worked)])
    notes = [
        f"{EVENTS:,} training and {EVENTS // 10:,} validation events, all background, which the defaults learn from, "
        f"of {FEATURES} features; defaults of each model, one thread.",
    ]
    header = ["model", "batch × latent", "an epoch", "20 epochs", "of one processor"]
    publish(section("Disentangling: epochs", notes, header, rows, "torch"), write=options.write)
    rows = []
    for batch in (128, 256, BATCH, 1024):
        ours, usual = estimates(batch)
        rows.append([f"{batch:,}", seconds(ours), seconds(usual), f"{usual / ours:.2g} ×"])
    notes = [
        f"Total correlation of {LATENT} dimensions and its gradient, one batch, one thread; usual: all pairs by "
        "torch's normal density and logsumexp. Median of 7.",
    ]
    header = ["batch", "ours", "usual", "factor"]
    publish(section("Disentangling: the density of the latent", notes, header, rows, "torch"), write=options.write)


if __name__ == "__main__":
    main()
