"""The training of a critic: an iterator of snapshots, and the estimate on events it never saw."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import DataError
from core.events.table import effective_number
from core.information import Estimate
from core.learning.device import choose_device, few_threads
from core.learning.epochs import Epochs
from core.learning.networks import Classifier
from core.learning.snapshot import Checkpoint, Snapshot
from core.neural_information.config import NeuralConfig
from core.neural_information.estimator import NEURAL_ESTIMATORS, NeuralEstimator
from core.neural_information.pairs import Pairs
from core.neural_information.scores import MovingLogMean, log_mean_exp

VALIDATION_PARTNERS = 16


def estimate_neural(
    x: NDArray[Any],
    y: NDArray[Any],
    estimator: str = "mine",
    weights: NDArray[Any] | None = None,
    *,
    seed: int,
    config: NeuralConfig | None = None,
    device: torch.device | None = None,
) -> Estimate:
    """Estimate the mutual information I(X;Y) with a trained critic, on events that its training never saw.

    Args:
        x: values, shape (n,) or (n, d_x), in any units: only their order in each column matters.
        y: values, shape (n,) or (n, d_y); labels are welcome.
        estimator: name of a registered neural estimator.
        weights: event weights ≥ 0, shape (n,); None weighs every event 1.
        seed: of the split, the initial network, the batches and the shuffling.
        config: of the training; None takes the defaults.
        device: where to train; None takes the CPU.

    Returns:
        The estimate in nats. Its error is the statistical one of the held-out events; how far the critic stays below
        the best possible one is not in it.

    Raises:
        DataError: values or weights that cannot be used, or a loss that is not finite.

    References:
        Belghazi et al. 2018 (1801.04062); Song, Ermon 2020 (1910.06222); Nachman, Thaler 2021 (2101.07263).

    Example:
        >>> x = np.random.default_rng(1).normal(size=(2, 1000))
        >>> found = estimate_neural(x[0], x[0] + x[1], "classifier", seed=1, config=NeuralConfig(epochs=5))
        >>> 0.1 < found.value < 0.5  # log(2)/2 = 0.347
        True
    """
    config = config or NeuralConfig()
    device = device or choose_device("cpu")
    *_, last = fit(x, y, estimator, weights, config=config, device=device, seed=seed)
    return judge(x, y, estimator, last.save(), weights, config=config, device=device, seed=seed)


def fit(
    x: NDArray[Any],
    y: NDArray[Any],
    estimator: str,
    weights: NDArray[Any] | None = None,
    *,
    config: NeuralConfig,
    device: torch.device,
    seed: int,
) -> Iterator[Snapshot[Estimate]]:
    """Train a critic T(x, y) to tell joint pairs from shuffled ones by the estimator's objective.

    The learning rate follows one cycle. The best epoch is the one with the smallest objective on validation events;
    the training ends ``config.patience`` epochs after it.

    Args:
        x: values, shape (n,) or (n, d_x).
        y: values, shape (n,) or (n, d_y).
        estimator: name of a registered neural estimator.
        weights: event weights ≥ 0, shape (n,); None weighs every event 1.
        config: of the training.
        device: where to train.
        seed: of the split, the initial network, the batches and the shuffling.

    Yields:
        A snapshot after each epoch; its ``look`` is the present network's estimate on validation events.

    Raises:
        DataError: values or weights that cannot be used, before the first epoch; or a loss that is not finite.
    """
    kind = NEURAL_ESTIMATORS[estimator].item
    train, validation, _ = _split(Pairs.of(x, y, weights, device), config, seed)
    generator = torch.Generator().manual_seed(seed)
    n_inputs = train.x.shape[1] + train.y.shape[1]
    network = Classifier(torch.zeros(n_inputs), torch.ones(n_inputs), config.hidden, generator).to(device)
    epochs = Epochs(network.parameters(), len(train.w), config, generator, is_even=True)
    log_mean = MovingLogMean()
    best = _Best(network.arrays())

    def step(chosen: Tensor, _progress: float) -> Tensor:
        loss = kind.objective(train.take(chosen[0]).scores(network, kind.partners, generator), log_mean)
        epochs.descend([loss])
        return loss.detach()[None]

    def look() -> Estimate:
        return _estimate(network, validation, kind, seed)

    with few_threads(device):
        for epoch in range(1, config.epochs + 1):
            (loss,) = epochs.run(epoch, step)
            validation_loss = _validate(network, validation, kind, seed)
            if not math.isfinite(validation_loss):
                raise DataError(f"the validation loss is not finite in epoch {epoch}; lower the learning rate")
            best.offer(network, validation_loss)
            scalars = {"loss": loss, "validation_loss": validation_loss}
            yield Snapshot(epoch, config.epochs, scalars, look, best.arrays, tuple(epochs.remarks))
            if best.age >= config.patience:
                return


def judge(
    x: NDArray[Any],
    y: NDArray[Any],
    estimator: str,
    checkpoint: Checkpoint,
    weights: NDArray[Any] | None = None,
    *,
    config: NeuralConfig,
    device: torch.device,
    seed: int,
) -> Estimate:
    """Estimate I(X;Y) by a trained critic on the events that its training held out.

    Args:
        x: the values it was trained on.
        y: the values it was trained on.
        estimator: the estimator it was trained for.
        checkpoint: from the last snapshot.
        weights: those of the training.
        config: that of the training.
        device: where to compute.
        seed: that of the training, which fixes the split.

    Returns:
        The estimate in nats, with its standard error.
    """
    _, _, held_out = _split(Pairs.of(x, y, weights, device), config, seed)
    network = Classifier.from_arrays(checkpoint).to(device)
    with few_threads(device):
        return _estimate(network, held_out, NEURAL_ESTIMATORS[estimator].item, seed)


@dataclass
class _Best:
    """Remember the network with the smallest validation loss and for how many epochs it has been the best."""

    _arrays: Checkpoint
    age: int = 0
    _loss: float = field(default=math.inf)

    def offer(self, network: Classifier, loss: float) -> None:
        self.age += 1
        if loss < self._loss:
            self._loss, self._arrays, self.age = loss, network.arrays(), 0

    def arrays(self) -> Checkpoint:
        return self._arrays


def _split(pairs: Pairs, config: NeuralConfig, seed: int) -> tuple[Pairs, Pairs, Pairs]:
    """Return training, validation and held-out events, each in random order."""
    n = len(pairs.w)
    order = torch.from_numpy(np.random.default_rng(seed).permutation(n)).to(pairs.w.device)
    n_validation, n_held_out = (max(2, round(n * f)) for f in (config.validation_fraction, config.held_out_fraction))
    train, validation, held_out = order.split([n - n_validation - n_held_out, n_validation, n_held_out])
    return pairs.take(train), pairs.take(validation), pairs.take(held_out)


@torch.no_grad()
def _validate(network: Classifier, events: Pairs, kind: NeuralEstimator, seed: int) -> float:
    """Return the objective of the network on validation events, shuffled alike in every epoch."""
    scores = events.scores(network, VALIDATION_PARTNERS, torch.Generator().manual_seed(seed))
    return float(kind.objective(scores, log_mean_exp))


@torch.no_grad()
def _estimate(network: Classifier, events: Pairs, kind: NeuralEstimator, seed: int) -> Estimate:
    """Return the estimate of the network on events, with the standard error of its first-order contributions."""
    scores = events.scores(network, kind.judging_partners, torch.Generator().manual_seed(seed))
    terms, contributions = kind.estimate(scores)
    value = scores.over_joint(terms)
    error = (scores.joint_shares**2 * (contributions - scores.over_joint(contributions)) ** 2).sum().sqrt()
    n_effective = effective_number(events.w.cpu().numpy())
    if not (math.isfinite(value) and math.isfinite(error)):
        raise DataError(f"the estimate is {float(value)} ± {float(error)}; lower the learning rate or use smile")
    return Estimate(float(value), float(error), n_effective, f"{kind.words}, {len(events.w)} held-out events")
