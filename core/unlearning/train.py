"""The training of a classifier that unlearns: an iterator of snapshots."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import DataError
from core.evaluation.evaluate import Evaluation, evaluate
from core.events.table import EventTable
from core.learning.batch import Batch
from core.learning.best import Best
from core.learning.device import few_threads
from core.learning.snapshot import Snapshot
from core.learning.split import TRAINING, VALIDATION
from core.unlearning.check import check_events
from core.unlearning.conclude import split_of, with_transform
from core.unlearning.method import METHODS, PenaltyConfig, TrainingConfig
from core.unlearning.model import Model
from core.unlearning.objective import Objective, lambda_share, new_networks, reweighed
from core.unlearning.target import Target

LIVE_EVENTS, LIVE_REPLICAS = 50_000, 0
"""What the view of a running training takes, so that looking at a large one costs little."""
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
    train, validation = (Batch.of(events, part == kind, device) for kind in (TRAINING, VALIDATION))
    viewed = events.take(_sample_of(part == VALIDATION, np.random.default_rng(seed)))
    seen = Batch.of(viewed, np.ones(viewed.n_events, np.bool_), device)
    entry = METHODS[method].item
    weights, validation_weights = reweighed(entry, config, train, (train, validation))
    networks = new_networks(train, config, entry.n_classifiers, generator)
    model = Model(networks)
    objective = Objective(networks, entry.build(config, train, generator), config.clip)
    best = Best(model.arrays())

    def look() -> Evaluation:
        scores = with_transform(entry, config, model, train).score(seen.x, seen.m)
        first = scores if scores.ndim == 1 else scores[:, 0]
        return evaluate(first, viewed, rng=np.random.default_rng(seed), replicas=LIVE_REPLICAS)

    target = Target(config, train) if isinstance(config, PenaltyConfig) and config.target != "none" else None
    epochs = _Epochs(objective, train, weights, config, generator)
    with few_threads(device):
        for epoch in range(1, config.epochs + 1):
            scalars = epochs.run(epoch)
            scalars |= objective.validate(validation, validation_weights, epochs.strength)
            loss = scalars["validation_total"]
            if target is not None:
                loss = _steer(target, model, train, epochs, scalars, epoch > config.warmup * config.epochs)
            is_whole = config.strength == 0 or lambda_share((epoch - 1) / config.epochs, config) == 1
            best.offer(model.arrays, loss, scalars["validation_auc"], is_whole=is_whole)
            yield Snapshot(epoch, config.epochs, scalars, look, best.arrays, tuple(epochs.remarks))


def _steer(
    target: Target, model: Model, train: Batch, epochs: _Epochs, scalars: dict[str, float], is_warm: bool
) -> float:
    """Measure the dependence that a target asks for, set the next λ, and return the loss that the best epoch has."""
    scores = model.score(train.x, train.m)
    scalars["target"] = target.measure(scores if scores.ndim == 1 else scores[:, 0])
    if is_warm:
        target.update(scalars["target"])
        epochs.strength = target.lam
    return target.loss(scalars["validation_classification"])


class _Epochs:
    """Go through the training events epoch by epoch; the batch is halved when the device runs out of memory."""

    def __init__(
        self, objective: Objective, train: Batch, weights: Tensor, config: TrainingConfig, generator: torch.Generator
    ) -> None:
        self._objective, self._train, self._weights = objective, train, weights
        self._config, self._generator = config, generator
        self._size = min(config.batch_size, max(SMALLEST_BATCH, len(train.y) // FEWEST_BATCHES))
        self._optimiser = torch.optim.Adam(objective.parameters(), lr=config.learning_rate, foreach=True)
        self._schedule = self._one_cycle(done=0)
        self.strength = config.strength
        self.remarks: list[str] = []

    def run(self, epoch: int) -> dict[str, float]:
        """Train one epoch and return the means of both terms and the last λ.

        Raises:
            DataError: the loss is not finite, or one event is too large for the device.
        """
        while True:
            try:
                return self._attempt(epoch)
            except (torch.OutOfMemoryError, RuntimeError) as problem:
                if not _is_out_of_memory(problem):
                    raise
                self._halve(epoch)

    def _attempt(self, epoch: int) -> dict[str, float]:
        order = torch.randperm(len(self._train.y), generator=self._generator).to(self._train.y.device)
        batches = order.split(self._size)
        sums = torch.zeros(len(batches), 2, dtype=torch.float64, device=self._train.y.device)
        lam = 0.0
        for step, chosen in enumerate(batches):
            progress = (epoch - 1 + step / len(batches)) / self._config.epochs
            lam = self.strength * lambda_share(progress, self._config)
            batch = self._train.take(chosen)
            sums[step] = self._objective.step(batch, self._weights[chosen], lam, self._optimiser) * len(chosen)
            self._schedule.step()
        bad = (~torch.isfinite(sums)).any(1).nonzero()
        if len(bad):
            raise DataError(
                f"the loss is not finite in epoch {epoch}, step {int(bad[0, 0]) + 1} of {len(batches)} (λ = {lam:g}); "
                "lower the learning rate"
            )
        classification, dependence = (sums.sum(0) / len(order)).tolist()
        return {"classification": classification, "dependence": dependence, "lam": lam}

    def _halve(self, epoch: int) -> None:
        """Take half the batch size from now on, and say so."""
        if self._size <= SMALLEST_BATCH:
            raise DataError(f"the device has no memory for batches of {self._size} events; use fewer or smaller layers")
        self._size = max(self._size // 2, SMALLEST_BATCH)
        self.remarks.append(
            f"the device ran out of memory in epoch {epoch}: from there on, batches have {self._size:,} events"
        )
        self._schedule = self._one_cycle(done=epoch - 1)

    def _one_cycle(self, done: int) -> torch.optim.lr_scheduler.OneCycleLR:
        """Return the schedule of the learning rate after a number of epochs."""
        steps = math.ceil(len(self._train.y) / self._size)
        rate, total = self._config.learning_rate, self._config.epochs * steps
        return torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, rate, total_steps=total, last_epoch=done * steps - 1
        )


def _is_out_of_memory(problem: RuntimeError) -> bool:
    """Return whether an allocation failed; on the CPU, torch says so by a plain RuntimeError."""
    return isinstance(problem, torch.OutOfMemoryError) or "not enough memory" in str(problem)


def _sample_of(chosen: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the indices of the chosen events, or of as many of them, drawn at random, as a live view takes."""
    index = np.flatnonzero(chosen)
    return index if len(index) <= LIVE_EVENTS else np.sort(rng.choice(index, LIVE_EVENTS, replace=False))
