"""The training of a classifier that unlearns: an iterator of snapshots."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.errors import DataError
from core.evaluation.evaluate import Evaluation, evaluate
from core.evaluation.roc import Ranking, area_under_curve
from core.events.table import EventTable
from core.learning.batch import Batch
from core.learning.best import Best
from core.learning.device import few_threads
from core.learning.networks import Classifier
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.split import HELD_OUT, TRAINING, VALIDATION, split_events
from core.unlearning.check import check_events
from core.unlearning.method import METHODS, Penalty, TrainingConfig

LIVE_EVENTS, LIVE_REPLICAS = 50_000, 10
"""What the view of a running training takes, so that looking at a large one costs little."""
FEWEST_REPLICAS, MOST_REPLICAS, REPLICATED_EVENTS = 10, 50, 20_000_000
FEWEST_BATCHES, SMALLEST_BATCH = 8, 256


def fit(
    events: EventTable, method: str, config: TrainingConfig, *, device: torch.device, seed: int
) -> Iterator[Snapshot[Evaluation]]:
    """Train a classifier whose score shares as little as asked with the protected variables.

    Minimises  -Σ_i w_i [y_i ln f_i + (1 - y_i) ln(1 - f_i)] + λ · dependence(f, m | background)  with each class
    weighted to one half. λ is 0 during the warm-up and rises linearly over the ramp; the learning rate follows one
    cycle. The best epoch is the one with the smallest sum of both terms (at full λ) on validation events with
    AUC ≥ ½: a score that collapsed is never kept.

    Args:
        events: table with features, label, protected variables and perhaps weights; no missing values among them.
        method: name of a registered method.
        config: an instance of that method's config.
        device: where to train.
        seed: of the split, the initial weights and the batches.

    Yields:
        A snapshot after each epoch.

    Raises:
        DataError: events that cannot be trained on, before the first epoch; or a loss that is not finite.

    References:
        Kasieczka, Shih 2020 (2001.05310) for the objective; Smith, Topin 2017 (1708.07120) for the schedule.
    """
    check_events(events)
    generator = torch.Generator().manual_seed(seed)
    part = split_of(events, config, seed)
    train = Batch.of(events, part == TRAINING, device)
    validation = Batch.of(events, part == VALIDATION, device)
    viewed = events.take(_sample_of(part == VALIDATION, np.random.default_rng(seed)))
    inputs = torch.from_numpy(viewed.matrix(viewed.roles.features)).to(device)
    penalty = METHODS[method].item.build(config, train.m[~train.y], train.w[~train.y])
    network = _new_network(train, config, generator).to(device)
    best = Best(network.arrays())
    batch_size = min(config.batch_size, max(SMALLEST_BATCH, len(train.y) // FEWEST_BATCHES))
    steps = math.ceil(len(train.y) / batch_size)
    optimiser = torch.optim.Adam(network.parameters(), lr=config.learning_rate, foreach=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, config.learning_rate, total_steps=config.epochs * steps)

    def look() -> Evaluation:
        scores = network.score(inputs).cpu().numpy()
        return evaluate(scores, viewed, rng=np.random.default_rng(seed), replicas=LIVE_REPLICAS)

    with few_threads(device):
        for epoch in range(1, config.epochs + 1):
            order = torch.randperm(len(train.y), generator=generator).to(device)
            sums = torch.zeros(2, dtype=torch.float64, device=device)
            for step, chosen in enumerate(order.split(batch_size)):
                lam = config.strength * _ramp((epoch - 1 + step / steps) / config.epochs, config)
                sums += _step(network, train.take(chosen), penalty, lam, optimiser, config.clip) * len(chosen)
                schedule.step()
            means = (sums / len(train.y)).tolist()
            if not all(math.isfinite(mean) for mean in means):
                raise DataError(
                    f"the loss is not finite in epoch {epoch} (λ = {config.strength:g}); lower the learning rate"
                )
            scalars = {"classification": means[0], "dependence": means[1], "lam": lam}
            scalars |= _validate(network, validation, penalty, config.strength)
            best.offer(network, scalars["validation_total"], scalars["validation_auc"])
            yield Snapshot(epoch, config.epochs, scalars, look, best.arrays)


def conclude(
    events: EventTable, config: TrainingConfig, checkpoint: Checkpoint, *, device: torch.device, seed: int
) -> Conclusion[Evaluation]:
    """Judge a trained network on the events that its training held out.

    Args:
        events: the table it was trained on.
        config: the config it was trained with.
        checkpoint: from the last snapshot.
        device: where to compute the scores.
        seed: the seed it was trained with, which fixes the split.

    Returns:
        Evaluation on held-out events, scores of all events, and remarks.
    """
    part = split_of(events, config, seed)
    network = Classifier.from_arrays(checkpoint).to(device)
    x = torch.from_numpy(events.matrix(events.roles.features)).to(device)
    with few_threads(device):
        scores = network.score(x).cpu().numpy()
    held_out = part == HELD_OUT
    replicas = int(np.clip(REPLICATED_EVENTS // held_out.sum(), FEWEST_REPLICAS, MOST_REPLICAS))
    view = evaluate(scores[held_out], events.take(held_out), rng=np.random.default_rng(seed), replicas=replicas)
    return Conclusion(view, view.headline(), scores.astype(np.float32), part, _remarks(view))


def split_of(events: EventTable, config: TrainingConfig, seed: int) -> NDArray[np.int8]:
    """Return the split that a training with this config and seed makes, shape (n_events,)."""
    rng = np.random.default_rng(seed)
    return split_events(events.is_signal, config.train_fraction, config.validation_fraction, rng)


def _sample_of(chosen: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the indices of the chosen events, or of as many of them, drawn at random, as a live view takes."""
    index = np.flatnonzero(chosen)
    return index if len(index) <= LIVE_EVENTS else np.sort(rng.choice(index, LIVE_EVENTS, replace=False))


def _new_network(train: Batch, config: TrainingConfig, generator: torch.Generator) -> Classifier:
    """Return an untrained classifier that standardises its inputs by the training events."""
    weights = train.w.abs() / train.w.abs().sum()
    mean = (weights[:, None] * train.x).sum(0)
    scale = (weights[:, None] * (train.x - mean) ** 2).sum(0).sqrt()
    return Classifier(mean.cpu(), torch.where(scale > 0, scale, 1.0).cpu(), config.hidden, generator)


def _ramp(progress: float, config: TrainingConfig) -> float:
    """Return the share of λ in force: 0 in the warm-up, then rising linearly to 1 over the ramp."""
    if config.ramp == 0:
        return float(progress >= config.warmup)
    return min(max((progress - config.warmup) / config.ramp, 0.0), 1.0)


def _terms(network: Classifier, batch: Batch, penalty: Penalty) -> tuple[Tensor, Tensor]:
    """Return the class-balanced cross entropy in nats and the dependence of score and m on background."""
    logits = network(batch.x)
    entropy = nn.functional.binary_cross_entropy_with_logits(logits, batch.y.float(), weight=batch.w)
    background = ~batch.y
    if background.sum() < 2:
        return entropy, entropy.new_zeros(())
    return entropy, penalty(torch.sigmoid(logits[background]), batch.m[background], batch.w[background])


def _step(
    network: Classifier, batch: Batch, penalty: Penalty, lam: float, optimiser: torch.optim.Optimizer, clip: float
) -> Tensor:
    """Take one gradient step and return (cross entropy, dependence), shape (2,)."""
    optimiser.zero_grad(set_to_none=True)
    entropy, dependence = _terms(network, batch, penalty)
    (entropy + lam * dependence).backward()
    nn.utils.clip_grad_norm_(network.parameters(), clip)
    optimiser.step()
    return torch.stack([entropy.detach().double(), dependence.detach().double()])


@torch.no_grad()
def _validate(network: Classifier, validation: Batch, penalty: Penalty, lam: float) -> dict[str, float]:
    """Return both loss terms, their sum at full λ, and the AUC on validation events."""
    entropy, dependence = (float(term) for term in _terms(network, validation, penalty))
    ranking = Ranking(network.score(validation.x).cpu().numpy(), validation.y.cpu().numpy())
    auc = area_under_curve(*ranking.efficiencies(validation.w.double().cpu().numpy()))
    return {
        "validation_classification": entropy,
        "validation_dependence": dependence,
        "validation_total": entropy + lam * dependence,
        "validation_auc": auc,
    }


def _remarks(view: Evaluation) -> tuple[str, ...]:
    """Say what a user must know of the result."""
    if view.auc.value < 0.5 + 3 * view.auc.error:
        return (
            f"the score collapsed: AUC {view.auc.value:.3f} is no better than guessing; "
            "lower λ or the learning rate, or lengthen the warm-up",
        )
    return ()
