"""What every estimator is given: two variables, checked, and what kind of numbers they hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import effective_number
from core.information.quantise import checked_weights

Kind = Literal["continuous", "discrete", "mixed"]
Floats = NDArray[np.float64]

_LEAST_SHARE = 1e-3  # of the events: a value that repeats more often is a point mass
_LEAST_REPEATS = 5
_FEW = 0.01
_ENOUGH = 20_000  # events that show which values repeat


@dataclass(frozen=True)
class Sample:
    """Hold n events of two variables.

    Args:
        x: values, shape (n, d_x).
        y: values, shape (n, d_y).
        weights: event weights, shape (n,); None when there are none.
    """

    x: NDArray[Any]
    y: NDArray[Any]
    weights: Floats | None = None

    @property
    def n_events(self) -> int:
        """Return n."""
        return len(self.x)

    def take(self, events: NDArray[np.intp]) -> Sample:
        """Return some of the events."""
        return Sample(self.x[events], self.y[events], None if self.weights is None else self.weights[events])

    @cached_property
    def n_effective(self) -> float:
        """Return N_eff = (Σw)²/Σw²."""
        return float(self.n_events) if self.weights is None else effective_number(self.weights)

    @cached_property
    def kinds(self) -> tuple[Kind, Kind]:
        """Return what kind of variables x and y are: the least continuous of their components counts."""
        return _kind(self.x), _kind(self.y)

    @cached_property
    def n_missing(self) -> int:
        """Return the number of events in which a value is NaN or infinite."""
        return int(np.count_nonzero(~(np.isfinite(self.x).all(axis=1) & np.isfinite(self.y).all(axis=1))))

    @property
    def is_vector(self) -> bool:
        """Return whether x or y has several dimensions."""
        return bool(self.x.shape[1] > 1 or self.y.shape[1] > 1)


def make_sample(x: NDArray[Any], y: NDArray[Any], weights: NDArray[Any] | None) -> Sample:
    """Check two variables and their weights, and put them into one shape.

    Args:
        x: values, shape (n,) or (n, d_x).
        y: values, shape (n,) or (n, d_y).
        weights: event weights, shape (n,); None weighs every event 1.

    Returns:
        The sample.

    Raises:
        DataError: shapes, types or weights that cannot be used.
    """
    columns = [_as_columns(values, name) for values, name in ((x, "x"), (y, "y"))]
    lengths = [len(column) for column in columns]
    if lengths[0] != lengths[1]:
        raise DataError(f"x has {lengths[0]} events and y has {lengths[1]}; allowed: one number of events")
    if weights is not None:
        weights = checked_weights(weights, lengths[0])
        if not weights.sum() > 0:
            raise DataError(f"the event weights sum to {weights.sum():g}; allowed: a positive sum")
    return Sample(columns[0], columns[1], weights)


def kind_of(values: NDArray[Any]) -> Kind:
    """Tell a discrete variable (a label, a jet multiplicity) from a continuous one and from a mixture of both.

    A value that one event in a thousand shares, five at least, is a point mass. Few repetitions, such as those of
    rounding, leave a variable continuous.

    Args:
        values: shape (n,), numeric; NaN is left out.

    Returns:
        "continuous", "discrete" or "mixed".

    Example:
        >>> kind_of(np.arange(100) % 3), kind_of(np.arange(100)), kind_of(np.arange(100.0).clip(50))
        ('discrete', 'continuous', 'mixed')
    """
    if values.dtype.kind == "f":
        values = values[~np.isnan(values)]
    if not len(values):
        return "discrete"
    if len(values) > _ENOUGH:
        values = values[np.random.default_rng(0).integers(0, len(values), _ENOUGH)]
    _, counts = np.unique(values, return_counts=True)
    repeated = counts[counts >= max(_LEAST_REPEATS, _LEAST_SHARE * len(values))].sum() / len(values)
    if repeated < _FEW:
        return "discrete" if len(counts) == 1 else "continuous"
    return "discrete" if repeated > 1 - _FEW or len(counts) <= 2 else "mixed"


def _as_columns(values: NDArray[Any], name: str) -> NDArray[Any]:
    values = np.asarray(values)
    if values.dtype.kind not in "biuf" or values.ndim not in (1, 2) or 0 in values.shape:
        raise DataError(
            f"{name} has type {values.dtype} and shape {values.shape}; allowed: numbers of shape (n,) or (n, d)"
        )
    return values[:, None] if values.ndim == 1 else values


def _kind(columns: NDArray[Any]) -> Kind:
    kinds = {kind_of(column) for column in columns.T}
    return kinds.pop() if len(kinds) == 1 else "mixed"
