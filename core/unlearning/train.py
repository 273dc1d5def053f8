"""The training of a classifier that unlearns: an iterator of snapshots."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.evaluation.evaluate import Evaluation, evaluate
from core.events.table import EventTable
from core.learning.batch import Batch
from core.learning.best import Best
from core.learning.device import few_threads
from core.learning.epochs import Epochs
from core.learning.restart import Changing, Restart, with_state
from core.learning.snapshot import Snapshot
from core.learning.split import TRAINING, VALIDATION
from core.learning.state import State
from core.unlearning.check import check_events
from core.unlearning.conclude import split_of, with_transform
from core.unlearning.method import METHODS, PenaltyConfig, TrainingConfig
from core.unlearning.model import Model
from core.unlearning.objective import Objective, lambda_share, new_networks, reweighed
from core.unlearning.target import Target

LIVE_EVENTS, LIVE_REPLICAS, LIVE_FITTED = 50_000, 0, 5_000
"""What the view of a running training takes, so that looking at a large one costs little: events, bootstrap replicas,
and background events to which a transform is fitted."""


def fit(
    events: EventTable,
    method: str,
    config: TrainingConfig,
    *,
    device: torch.device,
    seed: int,
    state: State | None = None,
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
        state: from a snapshot of the same training, which is continued after it; None begins it.

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
    objective = Objective(networks, entry.build(config, train, generator))
    best = Best(model.arrays())
    fitted = train.take(_spread_background(train))

    def look() -> Evaluation:
        scores = with_transform(entry, config, model, fitted).score(seen.x, seen.m)
        first = scores if scores.ndim == 1 else scores[:, 0]
        return evaluate(first, viewed, rng=np.random.default_rng(seed), replicas=LIVE_REPLICAS)

    target = Target(config, train) if isinstance(config, PenaltyConfig) and config.target != "none" else None
    epochs = _Penalised(objective, train, weights, config, generator)
    restart = Restart(
        networks=networks, penalty=with_state(objective.penalty), epochs=epochs, best=best, target=target,
        generator=generator,
    )  # fmt: skip
    with few_threads(device):
        for epoch in range(restart.first_epoch(state), config.epochs + 1):
            scalars = epochs.run(epoch)
            scalars |= objective.validate(validation, validation_weights, epochs.strength)
            loss = scalars["validation_total"]
            if target is not None:
                loss = _steer(target, model, train, epochs, scalars, epoch > config.warmup * config.epochs)
            is_whole = config.strength == 0 or lambda_share((epoch - 1) / config.epochs, config) == 1
            best.offer(model.arrays, loss, scalars["validation_auc"], is_whole=is_whole)
            yield Snapshot(epoch, config.epochs, scalars, look, best.arrays, epochs.remarks, restart.at(epoch))


def _steer(
    target: Target, model: Model, train: Batch, epochs: _Penalised, scalars: dict[str, float], is_warm: bool
) -> float:
    """Measure the dependence that a target asks for, set the next λ, and return the loss that the best epoch has."""
    scores = model.score(train.x, train.m)
    scalars["target"] = target.measure(scores if scores.ndim == 1 else scores[:, 0])
    if is_warm:
        target.update(scalars["target"])
        epochs.strength = target.lam
    return target.loss(scalars["validation_classification"])


class _Penalised(Changing):
    """Train epoch by epoch with the λ that is in force; ``strength`` is what it rises to."""

    changes = ("_epochs", "strength")

    def __init__(
        self, objective: Objective, train: Batch, weights: Tensor, config: TrainingConfig, generator: torch.Generator
    ) -> None:
        self._objective, self._train, self._weights, self._config = objective, train, weights, config
        advice = "lower the learning rate or λ" if config.strength else "lower the learning rate"
        self._epochs = Epochs(objective.parameters(), len(train.y), config, generator, clip=config.clip, advice=advice)
        self.strength, self._lam = config.strength, 0.0

    @property
    def remarks(self) -> tuple[str, ...]:
        return tuple(self._epochs.remarks)

    def run(self, epoch: int) -> dict[str, float]:
        """Train one epoch and return the means of both terms and the last λ."""
        classification, dependence = self._epochs.run(epoch, self._step)
        return {"classification": classification, "dependence": dependence, "lam": self._lam}

    def _step(self, chosen: Tensor, progress: float) -> Tensor:
        self._lam = self.strength * lambda_share(progress, self._config)
        return self._objective.step(self._train.take(chosen[0]), self._weights[chosen[0]], self._lam, self._epochs)


def _sample_of(chosen: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the indices of the chosen events, or of as many of them, drawn at random, as a live view takes."""
    index = np.flatnonzero(chosen)
    return index if len(index) <= LIVE_EVENTS else np.sort(rng.choice(index, LIVE_EVENTS, replace=False))


def _spread_background(train: Batch) -> Tensor:
    """Return the indices of the background events, or of fewer that are spread evenly in the protected variable."""
    background = (~train.y).nonzero().squeeze(1)
    if len(background) <= LIVE_FITTED:
        return background
    even = torch.linspace(0, len(background) - 1, LIVE_FITTED, dtype=torch.float64, device=background.device)
    return background[train.m[background, 0].argsort(stable=True)][even.long()]
