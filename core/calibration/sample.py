"""Events to calibrate on: checked, with the weights that make each spectrum of them, and split."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from core.calibration.config import CalibrationConfig
from core.calibration.method import Events
from core.calibration.spectra import NAMES, Spectrum, weights_for
from core.errors import DataError
from core.events.table import EventTable, effective_number
from core.learning.split import HELD_OUT, TRAINING, VALIDATION

AS_IT_IS = "sample"
FEWEST_EVENTS = 300
"""Effective events of a spectrum that are needed to learn from."""
OUTERMOST = 0.01
"""Share of the events that lie beyond each default end of a spectrum."""


@dataclass(frozen=True)
class Sample:
    """Hold events as arrays.

    Args:
        features: names of the features.
        variables: names of the components of the truth.
        x: features, shape (n, n_features), float32.
        z: truth, shape (n, n_variables), float64.
        weights: spectrum → event weights, shape (n,), not negative, 0 for an event that is not of the spectrum.
        shapes: spectrum → its density, for those with the name of one.
        part: 0 for a training, 1 for a validation and 2 for a held-out event, shape (n,).
    """

    features: tuple[str, ...]
    variables: tuple[str, ...]
    x: NDArray[np.float32]
    z: NDArray[np.float64]
    weights: dict[str, NDArray[np.float64]]
    shapes: dict[str, Spectrum]
    part: NDArray[np.int8]

    def training(self, spectrum: str, device: torch.device) -> Events:
        """Return the training events of a spectrum, their weights scaled to a mean of 1.

        Raises:
            DataError: they are too few, or their truth has one value.
        """
        chosen = (self.part == TRAINING) & (self.weights[spectrum] > 0)
        weights = self.weights[spectrum][chosen]
        if (n := effective_number(weights)) < FEWEST_EVENTS:
            raise DataError(
                f"the {spectrum} spectrum has {n:.0f} effective training events; at least {FEWEST_EVENTS} are needed"
            )
        z = self.z[chosen]
        for k, name in enumerate(self.variables):
            if z[:, k].min() == z[:, k].max():
                raise DataError(f"the truth {name!r} has one value, {z[0, k]:.4g}, in the {spectrum} spectrum")
        arrays = (self.x[chosen], z.astype(np.float32), (weights / weights.mean()).astype(np.float32))
        return Events(*(torch.from_numpy(values).to(device) for values in arrays))

    @cached_property
    def held_out(self) -> NDArray[np.int64]:
        """Return the indices of the held-out events."""
        return np.flatnonzero(self.part == HELD_OUT)

    def live(self, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return the indices of validation events, at most so many of each spectrum, drawn at random."""
        validation = rng.permutation(np.flatnonzero(self.part == VALIDATION))
        return np.unique(np.concatenate([validation[w[validation] > 0][:most] for w in self.weights.values()]))


def sample_of(events: EventTable, config: CalibrationConfig, seed: int) -> Sample:
    """Check events and work out the weights of all spectra.

    Args:
        events: table with features, and with the truth and perhaps columns of spectra among its protected variables.
        config: names truth and spectra.
        seed: of the split.

    Raises:
        DataError: no feature or truth, values that are missing or infinite, a truth of one value, weights that are
            negative, too few events, or a spectrum that is unknown or has no events in a part of its range.
    """
    features, named = events.roles.features, (*config.train, *config.test)
    variables = config.truth or tuple(name for name in events.roles.protected if name not in named)
    _check(events, features, variables, config)
    z = np.asarray(events.matrix(variables, np.float64))
    shapes = _shapes(z[:, 0], config)
    weights = {name: _weights(name, events, z[:, 0], shapes) for name in dict.fromkeys(named)}
    order = np.random.default_rng(seed).permutation(events.n_events)
    n_train, n_validation = (round(events.n_events * f) for f in (config.train_fraction, config.validation_fraction))
    part = np.full(events.n_events, HELD_OUT, np.int8)
    part[order[:n_train]], part[order[n_train : n_train + n_validation]] = TRAINING, VALIDATION
    sample = Sample(
        features, variables, np.asarray(events.matrix(features), np.float32), z, weights,
        {name: shapes[name] for name in named if name in shapes}, part,
    )  # fmt: skip
    _require_judges(sample)
    return sample


def _check(
    events: EventTable, features: tuple[str, ...], variables: tuple[str, ...], config: CalibrationConfig
) -> None:
    if not features:
        raise DataError(f"{events.name} has no features; choose at least one measured column")
    if not variables:
        raise DataError(f"{events.name} has no truth; choose the column that the features are calibrated to")
    if both := [name for name in variables if name in features]:
        raise DataError(f"{both[0]!r} is the truth and a feature; a calibration must not take what it is to find")
    for name in (*features, *variables):
        values = np.asarray(events[name], np.float64)
        if bad := int((~np.isfinite(values)).sum()):
            raise DataError(
                f"{name!r} is missing or infinite in {bad:,} of {events.n_events:,} events; drop these events first"
            )
        if name in variables and values.min() == values.max():
            raise DataError(f"the truth {name!r} has one value, {values[0]:.4g}; a range of values is needed")
    if bad := int((~(np.isfinite(events.weights) & (events.weights >= 0))).sum()):
        raise DataError(
            f"weights are negative, missing or infinite in {bad:,} of {events.n_events:,} events; a calibration takes "
            "none of them"
        )
    if config.known == "gaussian" and (len(features), len(variables)) != (1, 1):
        raise DataError(
            f"features: {len(features)}, truths: {len(variables)}; the exact answers are known for one of each"
        )


def _shapes(z: NDArray[np.float64], config: CalibrationConfig) -> dict[str, Spectrum]:
    """Return the spectra that have a name, between the ends of the config or nearly those of the truth."""
    ends = np.quantile(z, [OUTERMOST, 1 - OUTERMOST])
    low = float(ends[0]) if config.low is None else config.low
    high = float(ends[1]) if config.high is None else config.high
    scale = config.scale or 0.3 * max(high - low, np.finfo(float).tiny)
    return {name: Spectrum(name, low, high, scale) for name in NAMES}


def _weights(name: str, events: EventTable, z: NDArray[np.float64], shapes: dict[str, Spectrum]) -> NDArray[np.float64]:
    if name in events.columns:
        values = np.asarray(events[name], np.float64)
        if not (np.isfinite(values).all() and (values >= 0).all() and values.any()):
            raise DataError(f"the spectrum {name!r} has weights that are negative, missing or all 0")
        return values * events.weights
    if name == AS_IT_IS:
        return events.weights
    if name not in shapes:
        allowed = ", ".join((AS_IT_IS, *NAMES))
        raise DataError(f"unknown spectrum {name!r}; allowed: a column of weights, {allowed}")
    return weights_for(z, events.weights, shapes[name])


def _require_judges(sample: Sample) -> None:
    """Raise unless every spectrum has validation and held-out events."""
    for name, weights in sample.weights.items():
        for part, kind in ((VALIDATION, "validation"), (HELD_OUT, "held-out")):
            if (n := int((weights[sample.part == part] > 0).sum())) < FEWEST_EVENTS // 10:
                raise DataError(f"{kind} events of the {name} spectrum: {n}; at least {FEWEST_EVENTS // 10} are needed")
