"""Columns that tell nothing: no value in any event, or always the same one; and data sets without them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.events.quality import QualityReport
from core.events.spec import DatasetSpec
from core.events.table import Roles
from core.numbers import MINUS, format_count

NEARLY_NOTHING = 0.01
"""Where fewer events than this share would be left, dropping is no remedy."""
_FEWEST = 50
"""From fewer events nothing is concluded about a column."""
_NAMED = 4


@dataclass(frozen=True)
class Valueless:
    """Hold the columns that tell nothing.

    Args:
        empty: features and protected variables without a value in any event.
        constant: feature → the value that it has in every event.
    """

    empty: tuple[str, ...] = ()
    constant: Mapping[str, float] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Return all of them, the empty ones first."""
        return *self.empty, *self.constant


class Counted(Protocol):
    """What is known of the values of a column."""

    @property
    def n_events(self) -> int:
        """Return the number of events."""

    @property
    def n_missing(self) -> int:
        """Return the number of NaN."""

    @property
    def n_infinite(self) -> int:
        """Return the number of infinite values."""

    @property
    def n_unique(self) -> int:
        """Return the number of different finite values."""

    @property
    def minimum(self) -> float:
        """Return the smallest finite value."""


def valueless(columns: Mapping[str, Counted], roles: Roles) -> Valueless:
    """Return the features and protected variables without any value, and the features that are always the same.

    A column that is missing here and there is not constant: where it is missing may tell something.

    Args:
        columns: name → what was counted of its values.
        roles: of the columns.

    Example:
        >>> from core.events.oddities import ValueTally
        >>> import numpy as np
        >>> tallies = {"dead": ValueTally(), "const": ValueTally()}
        >>> tallies["dead"].add(np.full(100, np.nan))
        >>> tallies["const"].add(np.full(100, 0.5))
        >>> valueless(tallies, Roles(features=("dead", "const")))
        Valueless(empty=('dead',), constant={'const': 0.5})
    """
    known = {name: each for name, each in columns.items() if each.n_events >= _FEWEST}
    usable = (*roles.features, *roles.protected)
    return Valueless(
        tuple(name for name in usable if name in known and not known[name].n_unique),
        {
            name: float(known[name].minimum)
            for name in roles.features
            if name in known and known[name].n_unique == 1 and not known[name].n_missing + known[name].n_infinite
        },
    )


def valueless_sentence(found: Valueless, n_events: int) -> str | None:
    """Say which columns tell nothing in some events; None where all tell something.

    Example:
        >>> valueless_sentence(Valueless(("dead",), {"const": -0.5}), 80000)
        'dead has no value in the 80,000 events looked at; const is always −0.5'
    """
    parts = []
    if found.empty:
        has = "has" if len(found.empty) == 1 else "have"
        parts.append(f"{listed(found.empty)} {has} no value")
    told = [f"{name} is always {f'{value:.6g}'.replace('-', MINUS)}" for name, value in found.constant.items()]
    more = len(told) - _NAMED
    parts += told[:_NAMED] + ([f"{more} more {'is' if more == 1 else 'are'} constant"] if more > 0 else [])
    if not parts:
        return None
    return "; ".join([f"{parts[0]} in the {format_count(n_events)} events looked at", *parts[1:]])


def listed(names: Sequence[str]) -> str:
    """Return a few names in words, and how many more there are.

    Example:
        >>> listed(["dead", "const"]), listed(list("abcdef"))
        ('dead and const', 'a, b, c, d and 2 more')
    """
    more = len(names) - _NAMED
    told = [*names[:_NAMED], *([f"{more} more"] if more > 0 else [])]
    return " and ".join(each for each in (", ".join(told[:-1]), told[-1]) if each)


def before_dropping(report: QualityReport, roles: Roles) -> tuple[str, ...]:
    """Return the columns to ignore before events are dropped; none where dropping leaves enough of them.

    They are those without a value; where there are none and less than 1 % would be left, the one that lacks most.

    Args:
        report: what is odd about the events.
        roles: of the columns.
    """
    usable = [each for each in report.columns if each.name in (*roles.features, *roles.protected)]
    empty = tuple(each.name for each in usable if each.is_empty)
    if empty or not is_too_much(report) or not usable:
        return empty
    return (max(usable, key=lambda each: each.n_missing + each.n_infinite).name,)


def is_too_much(report: QualityReport) -> bool:
    """Return whether less than 1 % of the events would be left without those that lack a value."""
    return report.n_events - report.n_invalid < NEARLY_NOTHING * report.n_events


def ignoring(spec: DatasetSpec, names: Collection[str]) -> DatasetSpec:
    """Return a data set in which some columns are neither features nor protected.

    Example:
        >>> spec = DatasetSpec(path="x.parquet", roles=Roles(features=("pt", "dead"), protected=("m",)))
        >>> ignoring(spec, ["dead"]).roles.features
        ('pt',)
    """
    left = {
        role: tuple(name for name in having if name not in names)
        for role, having in (("features", spec.roles.features), ("protected", spec.roles.protected))
    }
    return spec.model_copy(update={"roles": spec.roles.model_copy(update=left)})
