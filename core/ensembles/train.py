"""The training of classifiers of sets, side by side: an iterator of snapshots."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from core.ensembles.config import EnsembleConfig
from core.ensembles.judge import judge
from core.ensembles.learner import Learner, Scorer, restore
from core.ensembles.results import EnsembleView
from core.ensembles.sets import ClassEvents, TwoClasses, chosen_constructions, inputs_of, split_of, two_classes
from core.events.table import EventTable
from core.learning.device import few_threads
from core.learning.pulse import part_of_epoch
from core.learning.restart import Restart
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.split import HELD_OUT, TRAINING, VALIDATION
from core.learning.state import State

LIVE_EVENTS = 20_000
"""Events of each class that the view of a running training takes."""


def fit(
    events: EventTable, config: EnsembleConfig, *, device: torch.device, seed: int, state: State | None = None
) -> Iterator[Snapshot[EnsembleView]]:
    """Train a classifier of single events and classifiers of sets of N events, epoch by epoch side by side.

    Events are independent, so p(x_1, …, x_N | A)/p(x_1, …, x_N | B) = Π_i p(x_i | A)/p(x_i | B): the product of a
    classifier of single events can be as good as any classifier of sets. Each network minimises the loss of the config
    on sets that are drawn anew within each class in every epoch; the one with the smallest loss on validation sets is
    kept.

    Args:
        events: table with features and label, perhaps weights; no missing values among them.
        config: of the training.
        device: where to train.
        seed: of the split, the initial weights and the sets.
        state: from a snapshot of the same training, which is continued after it; None begins it.

    Yields:
        A snapshot after each epoch; its ``look`` judges the present networks on validation events.

    Raises:
        DataError: events that cannot be trained on, before the first epoch; or a loss that is not finite.

    References:
        Nachman, Thaler 2021 (2101.07263).
    """
    names = chosen_constructions(config)
    part = split_of(events, config, seed)
    train, validation = (two_classes(events, part == kind, config, device) for kind in (TRAINING, VALIDATION))
    generator = torch.Generator().manual_seed(seed)
    inputs = inputs_of(train, events, config)
    learners = {name: Learner(name, config, inputs, train, generator) for name in names}
    seen = TwoClasses(*(_some(each, LIVE_EVENTS) for each in validation))

    def look() -> EnsembleView:
        return judge(learners, seen, config.set_size, seed=seed, replicas=0)

    def save() -> Checkpoint:
        return {f"{name}.{key}": v for name, learner in learners.items() for key, v in learner.best().items()}

    restart = Restart(learners=learners, generator=generator)
    with few_threads(device):
        for epoch in range(restart.first_epoch(state), config.epochs + 1):
            scalars: dict[str, float] = {}
            for k, (name, learner) in enumerate(learners.items()):
                with part_of_epoch(k, len(learners)):
                    scalars[f"loss_{name}"] = learner.run(epoch)
                scalars[f"validation_loss_{name}"] = learner.validate(validation)
            yield Snapshot(epoch, config.epochs, scalars, look, save, state=restart.at(epoch))


def conclude(
    events: EventTable, config: EnsembleConfig, checkpoint: Checkpoint, *, device: torch.device, seed: int
) -> Conclusion[EnsembleView]:
    """Judge trained classifiers of sets on the events that the training held out.

    Args:
        events: the table they were trained on.
        config: the config they were trained with.
        checkpoint: from the last snapshot.
        device: where to compute.
        seed: the seed they were trained with, which fixes the split.

    Returns:
        Curves with errors; the score of an event is f_1; remarks on what fell behind the product.
    """
    part = split_of(events, config, seed)
    train, held_out = (two_classes(events, part == kind, config, device) for kind in (TRAINING, HELD_OUT))
    inputs = inputs_of(train, events, config)
    scorers = {name: restore(name, config, inputs, _of(checkpoint, name)) for name in chosen_constructions(config)}
    with few_threads(device):
        view = judge(scorers, held_out, config.set_size, seed=seed)
        score = event_scores(scorers["product"], events)
    return Conclusion(view, view.headline(), score, part, checkpoint, _remarks(view))


def event_scores(scorer: Scorer, events: EventTable) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Return f_1 = 1/(1 + e^-T) of every event, shape (n_events,)."""
    x = torch.from_numpy(events.matrix(events.roles.features, np.float32)).to(scorer.network.mean.device)
    log_ratio = torch.from_numpy(scorer.score(x.unsqueeze(1)))
    return torch.sigmoid(log_ratio).float().numpy()


def _of(checkpoint: Checkpoint, name: str) -> Checkpoint:
    """Return the arrays of one construction."""
    return {key.removeprefix(f"{name}."): v for key, v in checkpoint.items() if key.startswith(f"{name}.")}


def _some(events: ClassEvents, n: int) -> ClassEvents:
    """Return n events at the most, from all over the class: a file may be sorted."""
    step = max(1, -(-len(events.x) // n))
    return ClassEvents(events.x[::step], events.w[::step], events.truth[::step])


def _remarks(view: EnsembleView) -> tuple[str, ...]:
    """Say which classifiers of sets beat the product by more than statistics allow: then f_1 was trained too little."""
    return tuple(
        f"{curve.symbol} beats the product by {-curve.behind.value:.4f} ± {curve.behind.error:.4f} in AUC: "
        "the classifier of single events has not learnt all it can; train longer or with larger layers"
        for curve in view.curves
        if curve.size > 1 and curve.behind.value < -3 * curve.behind.error
    )
