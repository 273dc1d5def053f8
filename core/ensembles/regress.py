"""The four regressions of a parameter from sets of events: an iterator of snapshots."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.ensembles.config import RegressionConfig
from core.ensembles.judge_theta import judge_theta
from core.ensembles.results import EnsembleView
from core.ensembles.theta_sets import ThetaSets, split_sets
from core.ensembles.ways import OneStep, RatioNetwork, SetRegressor, highest, posterior_mean
from core.errors import DataError
from core.events.table import EventTable
from core.learning.best import Best
from core.learning.device import few_threads
from core.learning.pulse import sign_of_life
from core.learning.restart import Changing, Restart
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.split import HELD_OUT, TRAINING, VALIDATION
from core.learning.state import State

FEWEST_BATCHES, LARGEST_GRADIENT = 40, 1.0
GRID, NORM_EVENTS = 201, 50_000
"""Values of θ at which a likelihood is asked for, and events that give its norm."""


class Estimators(nn.Module):
    """Hold the networks of the four ways and the values of θ at which likelihoods are asked for.

    Args:
        train: training sets, which fix the standardisation and the prior; their θ are its draws.
        config: of the training.
        generator: source of the initial weights.
    """

    grid: Tensor
    prior: Tensor

    def __init__(self, train: ThetaSets, config: RegressionConfig, generator: torch.Generator) -> None:
        super().__init__()
        flat = train.x.flatten(0, 1).double()
        features = torch.stack([flat.mean(0), flat.std(0).clamp(min=1e-12)])
        standards = (features, torch.stack([train.theta.mean(), train.theta.std()]))
        self.ratio = RatioNetwork(standards, config.latent, config.hidden, generator)
        self.per_set = SetRegressor(standards, config.latent, config.hidden, generator)
        self.one_step = OneStep(standards, config.degree)
        low, high = train.theta.min().item(), train.theta.max().item()
        self.register_buffer("grid", torch.linspace(low, high, GRID, dtype=torch.float64))
        ranks = (torch.arange(GRID, dtype=torch.float64) + 0.5) / GRID
        self.register_buffer("prior", torch.quantile(train.theta.cpu(), ranks))
        self._known = train.x.flatten(0, 1)[:: max(1, train.x.shape[0] * train.size // NORM_EVENTS)]

    @torch.no_grad()
    def estimate(self, x: Tensor) -> dict[str, Tensor]:
        """Return θ̂ of sets (n_sets, N, d) by name of the way, each of shape (n_sets,)."""
        both = self.ratio.log_likelihood(x, torch.cat([self.grid, self.prior]), self._known)
        return {
            "likelihood": highest(both[:, : len(self.grid)], self.grid),
            "one_step": highest(self.one_step.objective(x, self.grid), self.grid),
            "per_set": self.per_set.estimate(x),
            "posterior": posterior_mean(both[:, len(self.grid) :], self.prior),
        }

    def most_likely(self, x: Tensor) -> Tensor:
        """Return the maximum-likelihood θ̂ of sets (n_sets, N, d), shape (n_sets,)."""
        return highest(self.ratio.log_likelihood(x, self.grid, self._known), self.grid)


class _Training(Changing):
    """Train one network of the estimators and keep its best state."""

    changes = ("_optimiser", "_schedule", "best")

    def __init__(self, network: nn.Module, config: RegressionConfig, steps: int) -> None:
        self.network = network
        self._optimiser = torch.optim.Adam(network.parameters(), lr=config.learning_rate, foreach=True)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, config.learning_rate, total_steps=config.epochs * steps
        )
        self.best = Best(_arrays(network))

    def step(self, loss: Tensor) -> Tensor:
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT)
        self._optimiser.step()
        self._schedule.step()
        return loss.detach()

    def offer(self, loss: float) -> None:
        self.best.offer(partial(_arrays, self.network), loss, auc=1.0)


def fit(
    events: EventTable, config: RegressionConfig, *, device: torch.device, seed: int, state: State | None = None
) -> Iterator[Snapshot[EnsembleView]]:
    """Learn to estimate θ from sets of N events, in four ways.

    A parametrised classifier f(x, θ) of joint against shuffled pairs (x, θ), by cross entropy, gives the likelihood
    ratio of an event; its product over a set gives the maximum-likelihood θ̂ and, under the prior of the training sets,
    the posterior mean. A set network learns θ by the mean squared error. The one-step way needs no network.

    Args:
        events: table with features and the parameter; the events of a set share its value.
        config: of the training.
        device: where to train.
        seed: of the split, the initial weights and the batches.
        state: from a snapshot of the same training, which is continued after it; None begins it.

    Yields:
        A snapshot after each epoch; its ``look`` judges the present networks on validation sets.

    Raises:
        DataError: events that cannot be trained on, before the first epoch; or a loss that is not finite.

    References:
        Nachman, Thaler 2021 (2101.07263).
    """
    sets = ThetaSets.of(events, config, device)
    part = split_sets(len(sets), config, seed)
    train, validation = (sets.take(np.flatnonzero(part == kind)) for kind in (TRAINING, VALIDATION))
    generator = torch.Generator().manual_seed(seed)
    estimators = Estimators(train, config, generator).to(device)
    estimators.one_step.fit(train.x, train.theta)
    steps = min(len(train), max(FEWEST_BATCHES, math.ceil(len(train) * train.size / config.batch_size)))
    trainings = {
        "ratio": _Training(estimators.ratio, config, steps),
        "per_set": _Training(estimators.per_set, config, steps),
    }

    def look() -> EnsembleView:
        return judge_theta(estimators.estimate(validation.x), validation, config)

    def save() -> Checkpoint:
        best = {f"{way}.{name}": v for way, each in trainings.items() for name, v in each.best.arrays().items()}
        return {**_arrays(estimators), **best}

    restart = Restart(estimators=estimators, trainings=trainings, generator=generator)
    with few_threads(device):
        for epoch in range(restart.first_epoch(state), config.epochs + 1):
            scalars = _epoch(estimators, trainings, train, steps, generator)
            scalars |= _validate(estimators, trainings, validation)
            if not all(math.isfinite(value) for value in scalars.values()):
                raise DataError(f"the loss is not finite in epoch {epoch}; lower the learning rate")
            yield Snapshot(epoch, config.epochs, scalars, look, save, state=restart.at(epoch))


def conclude(
    events: EventTable, config: RegressionConfig, checkpoint: Checkpoint, *, device: torch.device, seed: int
) -> Conclusion[EnsembleView]:
    """Judge the four regressions on the sets that the training held out.

    Args:
        events: the table they were trained on.
        config: the config they were trained with.
        checkpoint: from the last snapshot.
        device: where to compute.
        seed: the seed they were trained with, which fixes the split.

    Returns:
        Estimates with bias and resolution; the score of an event is the maximum-likelihood θ̂ of its set.
    """
    sets = ThetaSets.of(events, config, device)
    part = split_sets(len(sets), config, seed)
    train, held_out = (sets.take(np.flatnonzero(part == kind)) for kind in (TRAINING, HELD_OUT))
    estimators = Estimators(train, config, torch.Generator().manual_seed(0))
    estimators.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in checkpoint.items()})
    estimators = estimators.to(device)
    with few_threads(device):
        view = judge_theta(estimators.estimate(held_out.x), held_out, config)
        by_set = estimators.most_likely(sets.x).cpu().numpy()
    score, split = np.empty(events.n_events, np.float32), np.empty(events.n_events, np.int8)
    score[sets.rows], split[sets.rows] = by_set[:, None], part[:, None]
    return Conclusion(view, view.headline(), score, split, checkpoint)


def _arrays(network: nn.Module) -> dict[str, NDArray[np.generic]]:
    """Return a copy of all parameters and buffers as arrays."""
    return {name: value.detach().cpu().numpy().copy() for name, value in network.state_dict().items()}


def _epoch(
    estimators: Estimators,
    trainings: dict[str, _Training],
    train: ThetaSets,
    steps: int,
    generator: torch.Generator,
) -> dict[str, float]:
    """Go once through all events, and once through all sets; return the mean losses."""
    flat = train.x.flatten(0, 1)
    batches = torch.randperm(len(train), generator=generator).tensor_split(steps)
    totals = torch.zeros(2, dtype=torch.float64)
    for k, batch in enumerate(batches):
        sign_of_life(k, steps)
        chosen = batch.to(flat.device)
        x, theta = train.x[chosen], train.theta[chosen]
        others = torch.randint(len(flat), (len(batch) * train.size,), generator=generator).to(flat.device)
        totals[0] += trainings["ratio"].step(estimators.ratio.loss(x, theta, flat[others])).item()
        totals[1] += trainings["per_set"].step(_set_loss(estimators.per_set, x, theta)).item()
    losses = (totals / steps).tolist()
    return {"loss_ratio": losses[0], "loss_per_set": losses[1]}


@torch.no_grad()
def _validate(estimators: Estimators, trainings: dict[str, _Training], validation: ThetaSets) -> dict[str, float]:
    """Return the losses on validation sets, and keep the networks that are the best so far."""
    x, theta = validation.x, validation.theta
    losses = {
        "ratio": estimators.ratio.loss(x, theta, x.flatten(0, 1)).item(),
        "per_set": _set_loss(estimators.per_set, x, theta).item(),
    }
    for name, loss in losses.items():
        trainings[name].offer(loss)
    return {f"validation_loss_{name}": loss for name, loss in losses.items()}


def _set_loss(network: SetRegressor, x: Tensor, theta: Tensor) -> Tensor:
    """Return the mean squared error of θ in units of its standard deviation."""
    wanted = ((theta - network.parameter[0]) / network.parameter[1]).float()
    return (network.scaled(x) - wanted).square().mean()
