"""What an estimator of mutual information is: a function, what it takes, and what it assumes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from core.information.estimators._sample import Sample
from core.registry import Registry


class EstimatorConfig(BaseModel):
    """Hold the options of an estimator; those without any use this."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Estimate:
    """Hold one estimate of a mutual information in nats.

    Args:
        value: the estimate; may be slightly below zero for independent variables.
        error: its standard error.
        n_effective: N_eff = (Σw)²/Σw².
        estimator: how it was made, in words; why, where it was chosen automatically.
    """

    value: float
    error: float
    n_effective: float
    estimator: str

    @property
    def low(self) -> float:
        """Return the value one standard error below: the lower end of the 68 % interval."""
        return self.value - self.error

    @property
    def high(self) -> float:
        """Return the value one standard error above: the upper end of the 68 % interval."""
        return self.value + self.error


@dataclass(frozen=True)
class Estimator:
    """Describe one estimator: what it computes, what it takes and what it cannot do.

    Args:
        estimate: (sample, config, random generator) → estimate in nats.
        assumes: one sentence, what must hold for the estimate to be right.
        limits: one sentence, what it cannot do and where it goes wrong.
        config: its options with bounds and help.
        takes_weights: whether events may have weights.
        takes_negative_weights: whether weights may be negative.
        takes_point_masses: whether values may repeat: discrete variables, sentinels such as -999.
        takes_missing: whether values may be NaN.
        takes_vectors: whether a variable may have several dimensions.
        least_events: N_eff below which it refuses.
    """

    estimate: Callable[[Sample, Any, np.random.Generator], Estimate]
    assumes: str
    limits: str
    config: type[EstimatorConfig] = field(default=EstimatorConfig)
    takes_weights: bool = False
    takes_negative_weights: bool = False
    takes_point_masses: bool = False
    takes_missing: bool = False
    takes_vectors: bool = False
    least_events: int = 20


ESTIMATORS: Registry[Estimator] = Registry("estimator", "core.information.estimators")
