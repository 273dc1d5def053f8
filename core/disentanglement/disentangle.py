"""Disentangling in two stages: an autoencoder, then a classifier on what it left of the events."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import torch
from numpy.typing import NDArray

from core.disentanglement.config import VAEConfig
from core.disentanglement.downstream import downstream_config
from core.disentanglement.judge import judge
from core.disentanglement.network import Autoencoder
from core.disentanglement.represent import AUTOENCODER, CLASSIFIER, Representation, find_representation
from core.disentanglement.results import DisentangleView
from core.disentanglement.train import fit_autoencoder
from core.errors import DataError
from core.evaluation.evaluate import Evaluation
from core.events.table import EventTable
from core.learning.batch import Batch
from core.learning.device import few_threads
from core.learning.snapshot import Checkpoint, Snapshot
from core.learning.split import TRAINING, VALIDATION
from core.learning.state import State
from core.unlearning.check import check_events
from core.unlearning.conclude import split_of
from core.unlearning.train import fit as fit_classifier

LIVE_EVENTS = 10_000
"""Validation events that the view of a running training takes at most."""


def fit(
    events: EventTable,
    model: str,
    config: VAEConfig,
    *,
    device: torch.device,
    seed: int,
    state: State | None = None,
) -> Iterator[Snapshot[DisentangleView]]:
    """Train an autoencoder that sets the protected variables apart, then a classifier without them.

    Stage one minimises the model's loss and λ_s R_s. Its best network is kept; the posterior means of its dimensions,
    without z' and without those that carry nothing, are the features of stage two, which is ``core.unlearning``'s fit
    of the method ``downstream``. Both stages have the same training, validation and held-out events.

    Args:
        events: table with features, label, protected variables and perhaps weights; no missing values among them.
        model: name of a registered model.
        config: an instance of that model's config.
        device: where to train.
        seed: of the split, the initial weights, the batches and the draws.
        state: from a snapshot of the same training, which is continued after it; None begins it.

    Yields:
        A snapshot after each epoch. Scalars of the first ``config.epochs`` are the autoencoder's (``reconstruction``,
        …), those of the next ``config.downstream_epochs`` the classifier's (``classification``, …).

    Raises:
        DataError: events that cannot be trained on, before the first epoch; a loss that is not finite; or a
            representation in which nothing is left, after the first stage.

    References:
        Urquijo, Tan 2020 (Decorrelation via disentanglement).
    """
    following = downstream_config(config)
    check_events(events)
    require_room(config, len(events.roles.protected))
    part = split_of(events, following, seed)
    train, validation = (Batch.of(events, part == kind, device) for kind in (TRAINING, VALIDATION))
    live = _Live(events.take(_sample_of(part == VALIDATION, seed)), config, device, seed)
    n_epochs = config.epochs + config.downstream_epochs
    state = state or {}
    if "learned" in state:
        learned = _Learned.restored(state["learned"])
    else:
        learned = yield from _first_stage(train, validation, model, live, state.get("autoencoder"))
    network = Autoencoder.from_arrays(learned.arrays).to(device)
    with few_threads(device):
        representation = representation_of(network, train, config, seed)
        table = representation.table(events)
    first_stage = representation.arrays()
    seen = cache(lambda: live.judged(representation))
    done = state.get("classifier")
    for snapshot in fit_classifier(table, config.downstream, following, device=device, seed=seed, state=done):
        yield Snapshot(
            config.epochs + snapshot.epoch,
            n_epochs,
            snapshot.scalars,
            partial(_evaluated, seen, snapshot.look),
            partial(_second, first_stage, snapshot.save),
            (*learned.remarks, *snapshot.remarks),
            partial(learned.state, snapshot.state),
        )


def _first_stage(
    train: Batch, validation: Batch, model: str, live: _Live, state: State | None
) -> Generator[Snapshot[DisentangleView], None, _Learned]:
    """Train the autoencoder, yield its snapshots and return the best network."""
    config, learned = live.config, _Learned({}, ())
    for progress in fit_autoencoder(
        train,
        validation,
        model,
        config,
        n_sensitive=train.m.shape[1],
        device=live.device,
        generator=torch.Generator().manual_seed(live.seed),
        state=state,
    ):
        learned = _Learned(progress.best(), progress.remarks)
        is_last = progress.epoch == config.epochs
        yield Snapshot(
            progress.epoch,
            config.epochs + config.downstream_epochs,
            progress.scalars,
            partial(live.look, progress.network),
            partial(_first, progress.best),
            progress.remarks,
            partial(learned.state, dict) if is_last else partial(_of_first, progress.state),
        )
    return learned


def require_room(config: VAEConfig, n_protected: int) -> None:
    """Refuse a latent that the protected variables fill.

    Raises:
        DataError: it has no more dimensions than there are protected variables.
    """
    if config.latent <= n_protected:
        raise DataError(
            f"latent is {config.latent}, as many dimensions as {n_protected} protected variables take or fewer; "
            f"at least {n_protected + 1} are needed"
        )


def representation_of(network: Autoencoder, train: Batch, config: VAEConfig, seed: int) -> Representation:
    """Return the representation that a trained autoencoder gives; the same for the same seed."""
    generator = torch.Generator().manual_seed(seed)
    return find_representation(network, train, is_tied=config.supervision > 0, generator=generator)


@dataclass(frozen=True)
class _Learned:
    """Hold what the first stage leaves to the second: its best network, and what a user must know of it."""

    arrays: Checkpoint
    remarks: tuple[str, ...]

    @classmethod
    def restored(cls, state: State) -> _Learned:
        return cls({name: values.numpy() for name, values in state["arrays"].items()}, tuple(state["remarks"]))

    def state(self, classifier: Callable[[], State]) -> State:
        """Return the state of a training whose second stage is where ``classifier`` says, {} before its beginning."""
        arrays = {name: torch.from_numpy(values) for name, values in self.arrays.items()}
        return {"learned": {"arrays": arrays, "remarks": list(self.remarks)}, "classifier": classifier()}


@dataclass(frozen=True)
class _Live:
    """Look at a running training; with random numbers of its own, so that looking changes nothing."""

    events: EventTable
    config: VAEConfig
    device: torch.device
    seed: int

    def look(self, network: Autoencoder) -> DisentangleView:
        seen = Batch.of(self.events, np.ones(self.events.n_events, np.bool_), self.device)
        return self.judged(representation_of(network, seen, self.config, self.seed))

    def judged(self, representation: Representation) -> DisentangleView:
        return judge(representation, self.config, self.events, self.seed, quick=True)


def _first(best: Callable[[], Checkpoint]) -> Checkpoint:
    return {AUTOENCODER + name: value for name, value in best().items()}


def _of_first(state: Callable[[], State]) -> State:
    return {"autoencoder": state()}


def _second(first_stage: Checkpoint, best: Callable[[], Checkpoint]) -> Checkpoint:
    return {**first_stage, **{CLASSIFIER + name: value for name, value in best().items()}}


def _evaluated(seen: Callable[[], DisentangleView], look: Callable[[], Evaluation]) -> DisentangleView:
    return replace(seen(), evaluation=look())


def _sample_of(chosen: NDArray[np.bool_], seed: int) -> NDArray[np.int64]:
    """Return the indices of the chosen events, or of as many of them, drawn at random, as a live view takes."""
    index, rng = np.flatnonzero(chosen), np.random.default_rng(seed)
    return index if len(index) <= LIVE_EVENTS else np.sort(rng.choice(index, LIVE_EVENTS, replace=False))
