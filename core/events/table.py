"""Events in memory: named columns with roles, units and weights."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from core.errors import DataError
from core.events.classes import ClassReader, counted

EventClass = Literal["all", "signal", "background"]
Role = Literal["feature", "label", "protected", "weight", "ignore"]


class Roles(BaseModel):
    """Say what each column is for.

    Args:
        features: columns a classifier may use.
        label: column with 1 for signal and 0 for background; None for unlabelled data.
        protected: variables that a classifier must not use (a mass, a systematic).
        weight: column of event weights, negative ones included; None weighs every event 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: tuple[str, ...] = ()
    label: str | None = None
    protected: tuple[str, ...] = ()
    weight: str | None = None

    def used(self) -> tuple[str, ...]:
        """Return every column that has a role, each once, features first."""
        named = (
            *self.features,
            *self.protected,
            *((self.label,) if self.label else ()),
            *((self.weight,) if self.weight else ()),
        )
        return tuple(dict.fromkeys(named))

    def of(self, column: str) -> Role:
        """Return the role of ``column``; "ignore" when it has none."""
        if column == self.label:
            return "label"
        if column == self.weight:
            return "weight"
        if column in self.protected:
            return "protected"
        return "feature" if column in self.features else "ignore"


@dataclass(frozen=True)
class Column:
    """Describe one column in words: what axes, hovers and tables show.

    Args:
        name: the column's name in the file.
        title: the symbol as in print, such as "m_μμ"; the name when the file has none.
        unit: such as "GeV"; empty for a dimensionless quantity.
        description: one sentence that defines the quantity; may be empty.
        labels: what the codes 0, 1, … of a text column stand for; empty for a column of numbers.
    """

    name: str
    title: str = ""
    unit: str = ""
    description: str = ""
    labels: tuple[str, ...] = ()

    @property
    def axis(self) -> str:
        """Return the axis title: symbol and unit.

        Example:
            >>> Column("m", "m_μμ", "GeV").axis
            'm_μμ [GeV]'
        """
        title = self.title or self.name
        return f"{title} [{self.unit}]" if self.unit else title


@dataclass(frozen=True)
class EventTable:
    """Hold the events of one data set, column by column.

    Args:
        name: what pages and runs call the data set.
        columns: name → array of shape (n_events,), floating or integer, all of one length.
        roles: what each column is for.
        described: name → words about a column; columns without an entry are described by their name.

    Raises:
        DataError: no column, columns of unequal length or of anything but numbers, or a role that names a column
            that is not there.

    Example:
        >>> table = EventTable("toy", {"x": np.zeros(3), "y": np.array([0, 1, 1])}, Roles(features=("x",), label="y"))
        >>> table.n_events, int(table.is_signal.sum())
        (3, 2)
    """

    name: str
    columns: Mapping[str, NDArray[np.generic]]
    roles: Roles = field(default_factory=Roles)
    described: Mapping[str, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.columns:
            raise DataError(f"{self.name} has no columns; at least one is needed")
        for name, values in self.columns.items():
            if values.ndim != 1:
                raise DataError(
                    f"column {name!r} of {self.name} has shape {values.shape}; allowed: one number an event"
                )
            if values.dtype.kind not in "biuf":
                raise DataError(f"column {name!r} holds {values.dtype} values; numbers are needed")
        lengths = {name: len(values) for name, values in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise DataError(f"{self.name} has columns of unequal length {lengths}; all must have one length")
        for name in self.roles.used():
            self._require(name)

    def _require(self, name: str) -> None:
        if name not in self.columns:
            raise DataError(f"{self.name} has no column {name!r}; there are: {', '.join(self.columns)}")

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        """Return the column called ``name``, shape (n_events,)."""
        self._require(name)
        return self.columns[name]

    @property
    def n_events(self) -> int:
        """Return the number of events."""
        return len(next(iter(self.columns.values())))

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Return the event weights, shape (n_events,); ones when no column is the weight."""
        if self.roles.weight is None:
            return np.ones(self.n_events)
        return np.asarray(self.columns[self.roles.weight], dtype=np.float64)

    @property
    def is_weighted(self) -> bool:
        """Return whether a column holds the event weights."""
        return self.roles.weight is not None

    @cached_property
    def n_effective(self) -> float:
        """Return N_eff = (Σw)²/Σw²: the number of unweighted events of the same statistical power."""
        return effective_number(self.weights)

    @cached_property
    def balanced_weights(self) -> NDArray[np.float64]:
        """Return the event weights with each class scaled to a sum of n_events/2, shape (n_events,).

        Monte Carlo weights carry cross sections, under which a rare signal vanishes beside its background; what does
        not depend on how often signal occurs, such as a ROC curve or I(X; label) at even odds, is computed with these.

        Raises:
            DataError: no label, a class without events, or weights of a class that do not have a positive sum.
        """
        weights = self.weights.copy()
        for name, members in (("signal", self.is_signal), ("background", ~self.is_signal)):
            total = weights[members].sum()
            if not 0 < total < np.inf:
                n = int(members.sum())
                raise DataError(f"the weights of {n} {name} events sum to {total:.4g}; a positive sum is needed")
            weights[members] *= self.n_events / 2 / total
        return weights

    def balanced(self) -> EventTable:
        """Return the same events under ``balanced_weights``: signal and background at even odds."""
        name = "balanced weight"
        roles = self.roles.model_copy(update={"weight": name})
        return replace(self, columns={**self.columns, name: self.balanced_weights}, roles=roles)

    @cached_property
    def is_signal(self) -> NDArray[np.bool_]:
        """Return the label as booleans, shape (n_events,).

        Raises:
            DataError: no column is the label, labels are missing, or they are neither 0 and 1 nor -1 and 1.
        """
        if self.roles.label is None:
            raise DataError(
                f"{self.name} has no label column; choose the column that is 1 for signal and 0 for background"
            )
        return ClassReader(self.roles.label).is_signal(self.columns[self.roles.label])

    @cached_property
    def signal_share(self) -> float:
        """Return the share of the sum of weights that is signal; see `is_signal`."""
        return float(self.weights[self.is_signal].sum() / self.weights.sum())

    @cached_property
    def balanced_n_effective(self) -> float:
        """Return N_eff of the balanced weights."""
        return effective_number(self.balanced_weights)

    @cached_property
    def label_counts(self) -> tuple[dict[float, int], int]:
        """Return how many events have each value of the label, and how many have none.

        Raises:
            KeyError: no column is the label.
        """
        return counted(self[str(self.roles.label)])

    def describe(self, name: str) -> Column:
        """Return the words about a column, also for one the file says nothing of."""
        return self.described.get(name, Column(name, name))

    def matrix(self, names: Sequence[str], dtype: type[np.floating] = np.float32) -> NDArray[np.floating]:
        """Return the named columns side by side, shape (n_events, len(names))."""
        return np.stack([np.asarray(self[name], dtype=dtype) for name in names], axis=1)

    def take(self, keep: NDArray[np.generic]) -> EventTable:
        """Return the events that a boolean mask or an index array selects."""
        return replace(self, columns={name: values[keep] for name, values in self.columns.items()})

    def of_class(self, event_class: EventClass) -> EventTable:
        """Return the signal events, the background events, or all."""
        if event_class == "all":
            return self
        if event_class not in ("signal", "background"):
            raise DataError(f"unknown event class {event_class!r}; allowed: all, signal, background")
        return self.take(self.is_signal if event_class == "signal" else ~self.is_signal)

    def with_roles(self, roles: Roles) -> EventTable:
        """Return the same events under other roles."""
        return replace(self, roles=roles)

    @cached_property
    def fingerprint(self) -> str:
        """Return a hash of all values and names, so that a run can name the data it saw."""
        digest = hashlib.sha256()
        for name, values in self.columns.items():
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(values).view(np.uint8).data)
        return digest.hexdigest()[:16]


def effective_number(weights: NDArray[np.floating]) -> float:
    """Compute N_eff = (Σw)²/Σw², Kish's effective sample size; 0 for no events.

    Args:
        weights: event weights, shape (n,), of any sign.

    Returns:
        The number of events of weight one that estimate a mean as well.

    Example:
        >>> effective_number(np.array([1.0, 1.0, 2.0]))
        2.6666666666666665
    """
    squares = float(np.sum(np.square(weights, dtype=np.float64)))
    return float(np.sum(weights, dtype=np.float64)) ** 2 / squares if squares > 0 else 0.0
