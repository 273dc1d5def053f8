"""The training of calibrations side by side: an iterator of snapshots, and the judgement at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from core.calibration.bound import SHUFFLES
from core.calibration.config import CalibrationConfig
from core.calibration.judge import Judge, Key, answer_of
from core.calibration.method import METHODS, Calibration, Events
from core.calibration.results import CalibrationView
from core.calibration.sample import Sample, sample_of
from core.events.table import EventTable
from core.learning.device import few_threads
from core.learning.epochs import Epochs
from core.learning.pulse import part_of_epoch
from core.learning.restart import Changing, Restart
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.state import State

LIVE_EVENTS, LIVE_SHUFFLES = 10_000, 2
"""What the view of a running training takes, so that looking at a large one costs little."""


def fit(
    events: EventTable, config: CalibrationConfig, *, device: torch.device, seed: int, state: State | None = None
) -> Iterator[Snapshot[CalibrationView]]:
    """Train every method under every training spectrum, one epoch of each after the other.

    The learning rate follows one cycle and ends near 0, so that the last network is the one to keep.

    Args:
        events: table with features, truth (protected), perhaps weights and columns of spectra (protected).
        config: of the training.
        device: where to train.
        seed: of the split, the initial weights and the batches.
        state: from a snapshot of the same training, which is continued after it; None begins it.

    Yields:
        A snapshot after each epoch; its ``look`` judges the present networks on validation events.

    Raises:
        DataError: events that cannot be trained on, before the first epoch; or a loss that is not finite.

    References:
        Gambhir, Nachman, Thaler 2022 (2205.03413 and 2205.05084).
    """
    sample = sample_of(events, config, seed)
    names = [METHODS[name].name for name in config.methods]
    trainings = {train: sample.training(train, device) for train in config.train}
    learners = {
        (train, name): Learner(name, config, own, torch.Generator().manual_seed(seed))
        for train, own in trainings.items()
        for name in names
    }
    judge = Judge(sample, sample.live(LIVE_EVENTS, np.random.default_rng(seed)), config, seed)

    def look() -> CalibrationView:
        return judge.view({key: learner.network for key, learner in learners.items()}, LIVE_SHUFFLES)

    def save() -> Checkpoint:
        return {
            _prefix(key) + name: values
            for key, learner in learners.items()
            for name, values in learner.network.arrays().items()
        }

    restart = Restart(**{_prefix(key): learner for key, learner in learners.items()})
    with few_threads(device):
        for epoch in range(restart.first_epoch(state), config.epochs + 1):
            scalars = _epoch(learners, epoch)
            remarks = dict.fromkeys(remark for learner in learners.values() for remark in learner.remarks)
            yield Snapshot(epoch, config.epochs, scalars, look, save, tuple(remarks), restart.at(epoch))


def conclude(
    events: EventTable, config: CalibrationConfig, checkpoint: Checkpoint, *, device: torch.device, seed: int
) -> Conclusion[CalibrationView]:
    """Judge trained calibrations on the events that the training held out.

    Args:
        events: the table they were trained on.
        config: the config they were trained with.
        checkpoint: from the last snapshot.
        device: where to compute.
        seed: the seed they were trained with, which fixes the split.

    Returns:
        Closures and all else on held-out events; the score of an event is the first component of ẑ by the last method
        under the first training spectrum.
    """
    sample = sample_of(events, config, seed)
    with few_threads(device):
        networks = restore(sample, config, checkpoint, device)
        view = Judge(sample, sample.held_out, config, seed).view(networks, SHUFFLES)
        score = answer_of(networks[config.train[0], config.methods[-1]], sample.x)[0][:, 0]
    return Conclusion(
        view, view.headline(), score.astype(np.float32), sample.part, checkpoint, _remarks(networks, view)
    )


def restore(
    sample: Sample, config: CalibrationConfig, checkpoint: Checkpoint, device: torch.device
) -> dict[Key, Calibration]:
    """Rebuild all networks from a checkpoint.

    Args:
        sample: the events, for their numbers of features and truths.
        config: the config they were trained with.
        checkpoint: from a snapshot.
        device: where to put them.

    Returns:
        (training spectrum, method) → network.
    """
    networks: dict[Key, Calibration] = {}
    for train in config.train:
        own = sample.training(train, device)
        for name in config.methods:
            network = METHODS[name].item.build(config, own, torch.Generator().manual_seed(0)).to(device)
            prefix = _prefix((train, name))
            found = {key.removeprefix(prefix): v for key, v in checkpoint.items() if key.startswith(prefix)}
            network.load_state_dict({key: torch.from_numpy(np.array(v, np.float32)) for key, v in found.items()})
            networks[train, name] = network
    return networks


def _epoch(learners: Mapping[Key, Learner], epoch: int) -> dict[str, float]:
    """Train one epoch of each, one after the other, and return their mean losses."""
    losses = {}
    for k, ((train, name), learner) in enumerate(learners.items()):
        with part_of_epoch(k, len(learners)):
            losses[f"loss_{name}_{train}"] = learner.run(epoch)
    return losses


class Learner(Changing):
    """Train one method under one spectrum, epoch by epoch.

    Args:
        name: of the method.
        config: of the training.
        events: training events.
        generator: source of the initial weights and of the batches.
    """

    changes = ("network", "_epochs", "_generator")

    def __init__(self, name: str, config: CalibrationConfig, events: Events, generator: torch.Generator) -> None:
        self._config, self._events, self._generator = config, events, generator
        self.network = METHODS[name].item.build(config, events, generator).to(events.x.device)
        self._epochs = Epochs(self.network.parameters(), len(events), config, generator)

    @property
    def remarks(self) -> list[str]:
        """Return what a user must know of the training so far."""
        return self._epochs.remarks

    def run(self, epoch: int) -> float:
        """Train one epoch and return the mean loss."""
        self.network.prepare(self._events, (epoch - 1) / self._config.epochs)
        (loss,) = self._epochs.run(epoch, self._step)
        return loss

    def _step(self, chosen: Tensor, progress: float) -> Tensor:
        loss = self.network.loss(self._events.take(chosen[0]), progress, self._generator)
        self._epochs.descend([loss])
        return loss.detach()[None]


def _prefix(key: Key) -> str:
    return f"{key[0]}.{key[1]}."


def _remarks(networks: dict[Key, Calibration], view: CalibrationView) -> tuple[str, ...]:
    """Say what is not yet a maximum likelihood, and whose predicted σ is wrong."""
    early = [
        f"{METHODS[name].title} under the {train} spectrum was stopped before its slope d had gone: "
        "its estimate is the maximum of a parabola and its bound is not yet final; train to the end"
        for (train, name), network in networks.items()
        if float(getattr(network, "kappa", 0.0)) > 0
    ]
    wrong = [
        f"σ of {each.title} under the {each.train} spectrum is wrong by a factor {each.bulk_pull_width.value:.2f} for "
        f"{each.variable} on {each.test} events"
        for each in view.closures
        if abs(each.bulk_pull_width.value - 1) > max(0.1, 3 * each.bulk_pull_width.error)
    ]
    return (*early, *wrong)
