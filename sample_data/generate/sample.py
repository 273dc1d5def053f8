"""What a sample is: columns, processes, and the function that turns events into rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .pythia import Events

Rows = dict[str, np.ndarray]
Select = Callable[["Events", np.random.Generator], Rows]


@dataclass(frozen=True)
class Column:
    """One column: its unit ("" when dimensionless), its name as in print, and its definition."""

    name: str
    unit: str
    title: str
    description: str
    role: str = "feature"


@dataclass(frozen=True)
class Process:
    """One hard process: Pythia settings, its share of a class's rows, and its cross section.

    `sigma_pb` is None where Pythia's own leading-order cross section is used.
    `upsilon` marks Y(4S) -> B B̄ events, which are filled by hand.
    """

    name: str
    settings: tuple[str, ...]
    share: float = 1.0
    sigma_pb: float | None = None
    sigma_source: str = "Pythia, leading order"
    upsilon: bool = False


@dataclass(frozen=True)
class Sample:
    """A binary-classification sample with one protected variable."""

    name: str
    title: str
    story: str
    signal: str
    background: str
    protected: str
    columns: tuple[Column, ...]
    cuts: tuple[str, ...]
    notes: tuple[str, ...]
    processes: Mapping[int, tuple[Process, ...]]
    select: Select
    luminosity_fb: float
    weight_model: str
    weight_factor: Callable[[Rows, np.random.Generator], np.ndarray]

    @property
    def features(self) -> list[str]:
        """Names of the input columns, in order."""
        return [c.name for c in self.columns if c.role == "feature"]


WEIGHT = Column(
    "weight", "", "w", "Event weight: luminosity normalisation times a per-event factor (see the data card).", "weight"
)
LABEL = Column("label", "", "y", "Class: 1 signal, 0 background.", "label")
