"""The end of a training: what was fitted to the score, and the judgement on events that were held out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.audit.audit import audit
from core.audit.audited import Audit
from core.errors import DataError
from core.evaluation.evaluate import Evaluation, evaluate
from core.events.table import EventTable
from core.learning.batch import Batch
from core.learning.device import few_threads
from core.learning.pulse import stage
from core.learning.snapshot import Checkpoint, Conclusion
from core.learning.split import HELD_OUT, TRAINING, split_events
from core.unlearning.method import METHODS, Config, Method, TrainingConfig, on_background
from core.unlearning.model import Model

SCORED, EVALUATED = 0.4, 0.6
"""About so much of the time of judging is over when all events have their score, and when it is evaluated."""
FEWEST_REPLICAS, MOST_REPLICAS, REPLICATED_EVENTS = 10, 50, 20_000_000


def conclude(
    events: EventTable,
    method: str,
    config: TrainingConfig,
    checkpoint: Checkpoint,
    *,
    device: torch.device,
    seed: int,
) -> Conclusion[Evaluation]:
    """Fit what the method fits to a trained score, and judge it on the events that the training held out.

    Args:
        events: the table it was trained on.
        method: name of the method.
        config: the config it was trained with.
        checkpoint: from the last snapshot.
        device: where to compute the scores.
        seed: the seed it was trained with, which fixes the split.

    Returns:
        Evaluation on held-out events, scores of all events, the model, and remarks.
    """
    part = split_of(events, config, seed)
    entry = METHODS[method].item
    model = Model.from_arrays(checkpoint).to(device)
    with few_threads(device), stage(0.0, SCORED):
        if entry.transform is not None:
            fitted = (part == TRAINING) & ~events.is_signal
            background = Batch.of(events, fitted, device, events.balanced_weights[fitted])
            model = with_transform(entry, config, model, background)
        scores = model.score_events(events)
    held_out = part == HELD_OUT
    replicas = int(np.clip(REPLICATED_EVENTS // held_out.sum(), FEWEST_REPLICAS, MOST_REPLICAS))
    first = scores if scores.ndim == 1 else scores[:, 0]
    judged = to_judge(events, held_out)
    with stage(SCORED, EVALUATED):
        view = evaluate(first[held_out], judged, rng=np.random.default_rng(seed), replicas=replicas)
    with stage(EVALUATED, 1.0):
        found, refusal = audited(first[held_out], judged, seed)
    return Conclusion(view, view.headline(), scores, part, model.arrays(), (*_remarks(view), *refusal), found)


def to_judge(events: EventTable, chosen: NDArray[np.bool_]) -> EventTable:
    """Return the chosen events with what a score is judged by: label, weights and protected variables."""
    roles = events.roles.model_copy(update={"features": ()})
    return replace(events, columns={name: events[name] for name in roles.used()}, roles=roles).take(chosen)


def split_of(events: EventTable, config: TrainingConfig, seed: int) -> NDArray[np.int8]:
    """Return the split that a training with this config and seed makes, shape (n_events,)."""
    rng = np.random.default_rng(seed)
    return split_events(events.is_signal, config.train_fraction, config.validation_fraction, rng, config.train_events)


def audited(scores: NDArray[np.floating], events: EventTable, seed: int) -> tuple[Audit | None, tuple[str, ...]]:
    """Return the audit of held-out scores, or None and why there is none."""
    try:
        return audit(scores, events, rng=np.random.default_rng(seed)), ()
    except DataError as problem:
        return None, (f"the score was not audited: {problem}",)


def with_transform(method: Method[Config], config: Config, model: Model, train: Batch) -> Model:
    """Return the networks with the method's transform fitted to their score of the training background."""
    if method.transform is None:
        return model
    background = train.take((~train.y).nonzero().squeeze(1))
    scores = torch.from_numpy(model.score(background.x, background.m)).to(background.w.device)
    first = scores if scores.ndim == 1 else scores[:, 0]
    transform = method.transform.fit(config, first, *on_background(background.w, background)[1:])
    return Model(list(model.networks), transform.to(background.w.device))


def _remarks(view: Evaluation) -> tuple[str, ...]:
    """Say what a user must know of the result."""
    if view.auc.value < 0.5 + 3 * view.auc.error:
        return (
            f"the score collapsed: AUC {view.auc.value:.3f} is no better than guessing; "
            "lower λ or the learning rate, or lengthen the warm-up",
        )
    return ()
