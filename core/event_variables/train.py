"""The training of an event variable: an iterator of snapshots, and the judgement at its end."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.event_variables.blueprint import BLUEPRINTS
from core.event_variables.config import VariableConfig
from core.event_variables.judge import Judge
from core.event_variables.learner import Learner, Networks
from core.event_variables.networks import AT_ONCE, MainNetwork
from core.event_variables.results import EventVariableView
from core.event_variables.sample import sample_of
from core.events.table import EventTable
from core.learning.device import few_threads
from core.learning.restart import Restart
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.state import State
from core.numbers import format_number

LIVE_EVENTS = 10_000
"""What the view of a running training takes, so that looking at a large one costs little."""
ORIENTING_EVENTS = 50_000
SMALLEST_SPREAD = 1e-12
LEARNT_SOMETHING = 3.0
"""Standard errors by which the objective must exceed 0."""


def fit(
    events: EventTable,
    method: str,
    config: VariableConfig,
    *,
    device: torch.device,
    seed: int,
    state: State | None = None,
) -> Iterator[Snapshot[EventVariableView]]:
    """Train the main and the auxiliary network of a blueprint together.

    The learning rate follows one cycle and ends near 0, so that the last network is the one to keep.

    Args:
        events: table with features, θ (protected), known variables, perhaps label and weights.
        method: name of the blueprint.
        config: of the training.
        device: where to train.
        seed: of the split, the initial weights and the batches.
        state: from a snapshot of the same training, which is continued after it; None begins it.

    Yields:
        A snapshot after each epoch; its ``look`` judges the present networks on validation events.

    Raises:
        DataError: events that cannot be trained on, before the first epoch; or a loss that is not finite.

    References:
        Kim, Kong, Matchev, Park, Shyamsundar 2021 (2105.10126); Shyamsundar 2022 (ML4Jets).
    """
    blueprint = BLUEPRINTS[method].item
    sample = sample_of(events, blueprint, config, seed)
    generator = torch.Generator().manual_seed(seed)
    train = sample.training(device)
    networks = Networks.new(blueprint, config, train, sample.thresholds, generator)
    learner = Learner(networks, config, train, generator)
    live = sample.live(LIVE_EVENTS, np.random.default_rng(seed))
    judge, validation = Judge(sample, live, config, method), sample.on(live, device)

    def look() -> EventVariableView:
        main = oriented(networks.main, judge, sample.x[live])
        return judge.view(main.values(sample.x[live]), networks.objective(validation, seed))

    restart = Restart(learner=learner)
    with few_threads(device):
        for epoch in range(restart.first_epoch(state), config.epochs + 1):
            entropy, dependence = learner.run(epoch)
            scalars = {
                "objective": math.log(2) - entropy,
                "validation_objective": networks.objective(validation, seed).value,
            }
            if config.decorrelate:
                scalars["dependence"] = dependence
            remarks = tuple(learner.remarks)
            yield Snapshot(epoch, config.epochs, scalars, look, networks.arrays, remarks, restart.at(epoch))


def conclude(
    events: EventTable, method: str, config: VariableConfig, checkpoint: Checkpoint, *, device: torch.device, seed: int
) -> Conclusion[EventVariableView]:
    """Judge a trained variable on the events that the training held out.

    Args:
        events: the table it was trained on.
        method: name of the blueprint.
        config: the config it was trained with.
        checkpoint: from the last snapshot.
        device: where to compute.
        seed: the seed it was trained with, which fixes the split.

    Returns:
        All comparisons on held-out events; the score of an event is v, oriented so that it rises with the first known
        variable, of mean 0 and standard deviation 1 in training unless it is a probability or a category.
    """
    blueprint = BLUEPRINTS[method].item
    sample = sample_of(events, blueprint, config, seed)
    with few_threads(device):
        train = sample.training(device)
        networks = Networks.new(blueprint, config, train, sample.thresholds, torch.Generator().manual_seed(seed))
        networks.fill(checkpoint)
        held_out = sample.held_out
        few = np.random.default_rng(seed).permutation(held_out)[:ORIENTING_EVENTS]
        main = oriented(networks.main, Judge(sample, few, config, method), sample.x[few])
        networks = replace(networks, main=main)
        score = main.values(sample.x)
        objective = networks.objective(sample.on(held_out, device), seed)
        view = Judge(sample, held_out, config, method).view(score[held_out], objective)
    return Conclusion(
        view, view.headline(), score.astype(np.float32).squeeze(), sample.part, networks.arrays(), _remarks(view)
    )


def oriented(main: MainNetwork, judge: Judge, x: NDArray[np.float32]) -> MainNetwork:
    """Return a copy whose variables rise with the first known one, and have mean 0 and standard deviation 1.

    Args:
        main: the main network; its raw outputs stay as they are.
        judge: knows the same events as ``x``.
        x: features, shape (k, n_features).
    """
    found = copy.deepcopy(main)
    with torch.no_grad():
        raw = torch.cat([main(part.to(main.mean.device)) for part in torch.from_numpy(x).split(AT_ONCE)])
        if main.kind == "categoriser":
            order = judge.ranks(raw.argmax(1).cpu().numpy(), raw.shape[1])
            found.order.copy_(torch.tensor(order))
            return found
        signs = raw.new_tensor(judge.signs(raw.double().cpu().numpy()))
        if main.kind == "selector":
            found.stretch.copy_(signs)
            return found
        found.centre.copy_(raw.mean(0))
        found.stretch.copy_(signs * raw.std(0).clamp(min=SMALLEST_SPREAD))
    return found


def _remarks(view: EventVariableView) -> tuple[str, ...]:
    """Say whether nothing was learnt."""
    found = view.objective
    if not found.value > LEARNT_SOMETHING * found.error:
        return (
            f"v tells the classes of held-out events apart by {format_number(found.value, found.error)} nats only: the "
            "features know nothing, or more epochs or events are needed",
        )
    return ()
