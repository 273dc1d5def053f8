"""Events to learn a variable from: checked, weighted by the priority, and split."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import DataError
from core.event_variables.blueprint import Blueprint, Events
from core.event_variables.config import EstimationConfig, PriorityConfig, VariableConfig
from core.event_variables.priority import priority_weights
from core.events.labels import require_labelled
from core.events.table import EventTable, effective_number
from core.learning.split import HELD_OUT, TRAINING, VALIDATION

FEWEST_EVENTS = 200
"""Effective events of a class that are needed to learn from."""
FEWEST_JUDGES = 20
"""Effective events of a class that are needed to judge with."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """Hold events as arrays.

    Args:
        events: the table they come from.
        theta_name: column of the parameter; None where there is none.
        known: names of the known variables.
        x: features, shape (n, n_features), float32.
        theta: parameter, shape (n,); 0 where there is none, anything for background.
        y: whether an event is signal, shape (n,); all are where there is no label.
        beside: known columns that the auxiliary network sees too, shape (n, n_beside).
        cut: column of the pre-selection, shape (n,); 0 where there is none.
        thresholds: lowest and highest threshold; None without a pre-selection.
        m: column that v must not depend on, shape (n, 0 or 1).
        weights: event weights of the sample, shape (n,), 0 for events that are not used.
        training_weights: the same with priority and background share, shape (n,).
        part: 0 for a training, 1 for a validation and 2 for a held-out event, shape (n,).
    """

    events: EventTable
    theta_name: str | None
    known: tuple[str, ...]
    x: NDArray[np.float32]
    theta: Floats
    y: NDArray[np.bool_]
    beside: Floats
    cut: Floats
    thresholds: tuple[float, float] | None
    m: Floats
    weights: Floats
    training_weights: Floats
    part: NDArray[np.int8]

    @cached_property
    def has_background(self) -> bool:
        """Return whether background is used."""
        return bool((self.weights[~self.y] > 0).any())

    @cached_property
    def held_out(self) -> NDArray[np.int64]:
        """Return the indices of the held-out events that are used."""
        return self._of(HELD_OUT)

    def live(self, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return the indices of at most so many validation events, drawn at random."""
        return np.sort(rng.permutation(self._of(VALIDATION))[:most])

    def training(self, device: torch.device) -> Events:
        """Return the training events."""
        return self.on(np.flatnonzero((self.part == TRAINING) & (self.training_weights > 0)), device)

    def on(self, index: NDArray[np.int64], device: torch.device) -> Events:
        """Return the events at ``index`` on a device, their training weights scaled to a mean of 1."""
        weights = self.training_weights[index]
        arrays = (
            self.x[index],
            np.where(self.y, self.theta, 0.0)[index].astype(np.float32),
            self.y[index],
            self.beside[index].astype(np.float32),
            self.cut[index].astype(np.float32),
            self.m[index],
            (weights / weights.mean()).astype(np.float32),
        )
        return Events(*(torch.from_numpy(np.ascontiguousarray(values)).to(device) for values in arrays))

    def _of(self, part: int) -> NDArray[np.int64]:
        passes = self.weights > 0
        if self.thresholds is not None:
            passes &= self.cut >= self.thresholds[0]
        return np.flatnonzero((self.part == part) & passes)


def sample_of(events: EventTable, blueprint: Blueprint, config: VariableConfig, seed: int) -> Sample:
    """Check events and split them.

    Args:
        events: table with features, θ among its protected columns, perhaps label and weights.
        blueprint: whose needs they must meet.
        config: of the training.
        seed: of the split.

    Raises:
        DataError: no feature or θ, values that are missing or infinite, θ of one value, a known column that is missing
            or constant, weights that are negative, too few events of a class, or a cut that they do not pass.
    """
    theta_name = _theta_name(events, blueprint, config)
    y, weights = _used(events, blueprint, config)
    known = config.known or _that_vary(events, theta_name, weights > 0)
    _check(events, theta_name, known, config, weights > 0)
    theta = np.zeros(events.n_events) if theta_name is None else np.asarray(events[theta_name], np.float64)
    if theta_name is not None:
        _check_theta(theta[y & (weights > 0)], theta_name, blueprint)
    cut = np.asarray(events[config.cut], np.float64) if config.cut else np.zeros(events.n_events)
    sample = Sample(
        events, theta_name, known, np.asarray(events.matrix(events.roles.features), np.float32), theta, y,
        _columns(events, config.complement), cut, _thresholds(cut[weights > 0], config),
        _columns(events, config.decorrelate), weights,
        _training_weights(theta, y, weights, config), _split(events.n_events, config, seed),
    )  # fmt: skip
    _require_events(sample, blueprint)
    return sample


def _theta_name(events: EventTable, blueprint: Blueprint, config: VariableConfig) -> str | None:
    others = (config.complement, config.decorrelate, config.cut, *config.known)
    protected = [name for name in events.roles.protected if name not in others]
    name = config.theta or (protected[0] if protected else None)
    if name is None and blueprint.n_parameters:
        raise DataError(f"{events.name} has no column of θ; choose the protected column that holds the parameter")
    if name is not None and name in events.roles.features:
        raise DataError(f"θ {name!r} is a feature too; a variable that is to measure θ must not take it")
    return name


def _that_vary(events: EventTable, theta_name: str | None, used: NDArray[np.bool_]) -> tuple[str, ...]:
    """Return the protected columns but θ that have more than one value."""
    names = (name for name in events.roles.protected if name != theta_name)
    return tuple(name for name in names if len(np.unique(np.asarray(events[name])[used])) > 1)


def _used(events: EventTable, blueprint: Blueprint, config: VariableConfig) -> tuple[NDArray[np.bool_], Floats]:
    """Return which events are signal, and the weights with 0 for those that the blueprint does not use."""
    needs = blueprint.tells_signal or getattr(config, "background_share", 0.0) > 0
    if needs:
        require_labelled(events)
    y = np.ones(events.n_events, np.bool_) if events.roles.label is None else events.is_signal
    weights = events.weights
    if n := int((~(np.isfinite(weights) & (weights >= 0))).sum()):
        raise DataError(f"{n:,} weights are negative, missing or infinite; an event variable takes none of them")
    return y, np.where(y | needs, weights, 0.0)


def _check(
    events: EventTable, theta: str | None, known: tuple[str, ...], config: VariableConfig, used: NDArray[np.bool_]
) -> None:
    if not events.roles.features:
        raise DataError(f"{events.name} has no features; choose at least one measured column")
    if not used.any():
        raise DataError(f"{events.name} has no signal event with a weight above 0")
    if theta in known:
        raise DataError(f"θ {theta!r} is a known variable too; compare with variables made from an event")
    for name in dict.fromkeys(
        (*events.roles.features, *known, *filter(None, (config.complement, config.decorrelate, config.cut)))
    ):
        values = np.asarray(events[name], np.float64)[used]
        if bad := int((~np.isfinite(values)).sum()):
            raise DataError(f"{bad:,} values of {name!r} are missing or infinite; drop these events first")
        if name not in events.roles.features and values.min() == values.max():
            raise DataError(f"the column {name!r} has one value, {values[0]:.4g}; a known variable must vary")


def _check_theta(theta: Floats, name: str, blueprint: Blueprint) -> None:
    if not blueprint.n_parameters:
        return
    if bad := int((~np.isfinite(theta)).sum()):
        raise DataError(f"{bad:,} values of θ {name!r} are missing or infinite for signal; drop these events first")
    if theta.min() == theta.max():
        raise DataError(f"θ {name!r} has one value, {theta[0]:.4g}; this blueprint needs a range of values")


def _columns(events: EventTable, name: str) -> Floats:
    return np.asarray(events.matrix([name], np.float64)) if name else np.empty((events.n_events, 0))


def _thresholds(cut: Floats, config: VariableConfig) -> tuple[float, float] | None:
    if not config.cut:
        return None
    low = float(cut.min()) if config.cut_low is None else config.cut_low
    high = float(np.median(cut)) if config.cut_high is None else config.cut_high
    if not low < high:
        raise DataError(f"thresholds of {config.cut!r} from {low:.4g} to {high:.4g}: the first must be smaller")
    return low, high


def _training_weights(theta: Floats, y: NDArray[np.bool_], weights: Floats, config: VariableConfig) -> Floats:
    """Return the weights with the priority on signal, and with the share of background that is asked for."""
    found = weights.copy()
    signal = y & (weights > 0)
    if isinstance(config, PriorityConfig):
        found[signal] *= priority_weights(theta[signal], weights[signal], config)
    share = config.background_share if isinstance(config, EstimationConfig) else 0.0
    if share > 0 and found[~y].sum() > 0 and found[y].sum() > 0:
        found[~y] *= share / (1 - share) * found[y].sum() / found[~y].sum()
    return found


def _split(n: int, config: VariableConfig, seed: int) -> NDArray[np.int8]:
    order = np.random.default_rng(seed).permutation(n)
    n_train, n_validation = (round(n * share) for share in (config.train_fraction, config.validation_fraction))
    part = np.full(n, HELD_OUT, np.int8)
    part[order[:n_train]], part[order[n_train : n_train + n_validation]] = TRAINING, VALIDATION
    return part


def _require_events(sample: Sample, blueprint: Blueprint) -> None:
    """Raise unless each class that is needed has events in every part, of those that pass the highest threshold."""
    passes = np.ones(len(sample.y), np.bool_)
    words = ""
    if sample.thresholds is not None:
        passes = sample.cut >= sample.thresholds[1]
        words = f" that pass the highest threshold, {sample.thresholds[1]:.4g},"
    needs = blueprint.tells_signal or sample.has_background
    for name, chosen in (("signal", sample.y), ("background", ~sample.y))[: 2 if needs else 1]:
        for part, kind, fewest in (
            (TRAINING, "training", FEWEST_EVENTS),
            (VALIDATION, "validation", FEWEST_JUDGES),
            (HELD_OUT, "held-out", FEWEST_JUDGES),
        ):
            n = effective_number(sample.training_weights[chosen & passes & (sample.part == part)])
            if n < fewest:
                raise DataError(
                    f"there are {n:.0f} effective {kind} events of {name}{words}; at least {fewest} are needed"
                )
