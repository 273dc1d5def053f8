"""Labels without truth: events in a window of the mass against those in its sidebands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.errors import DataError
from core.events.expressions import parse_expression
from core.events.glance import Glance
from core.events.spec import DatasetSpec, stream_events
from core.events.table import Roles

LABEL, WINDOWS = "in_signal_region", "in_windows"
"""Derived columns: 1 in the signal region; 1 in the signal region or a sideband."""
_KEPT = re.compile(rf"(?:\((?P<before>.+)\) & )?{WINDOWS}", re.DOTALL)
_BATCH = 1 << 17

Window = tuple[float, float]


@dataclass(frozen=True)
class Sidebands:
    """Name the windows of a variable, usually the mass, that give events a label.

    Args:
        column: the variable.
        signal: low and high end of the signal region, in the variable's unit; low ≤ value < high.
        sidebands: the same for each sideband.

    Raises:
        DataError: a window has an infinite end or ends before it begins, two overlap, or there is no sideband.

    Example:
        >>> Sidebands("m", (120.0, 130.0), ((110.0, 120.0), (130.0, 150.0))).derived()["in_signal_region"]
        '120 <= `m` < 130'
    """

    column: str
    signal: Window
    sidebands: tuple[Window, ...]

    def __post_init__(self) -> None:
        if not self.sidebands:
            raise DataError("there is no sideband; allowed: one or more windows beside the signal region")
        for low, high in self.windows:
            window = f"window {_shown((low, high))} of {self.column!r}"
            if not np.isfinite([low, high]).all():
                raise DataError(f"{window} has an end that is not finite; allowed: finite ends, low below high")
            if low >= high:
                raise DataError(f"{window} is empty; allowed: low below high")
        for one, other in pairwise(sorted(self.windows)):
            if other[0] < one[1]:
                raise DataError(f"windows {_shown(one)} and {_shown(other)} of {self.column!r} overlap; move one")

    @property
    def windows(self) -> tuple[Window, ...]:
        """Return the signal region, then the sidebands."""
        return (self.signal, *self.sidebands)

    def derived(self) -> dict[str, str]:
        """Return the expressions of the label and of the condition that keeps the windows only."""
        inside = [f"{_written(low)} <= `{self.column}` < {_written(high)}" for low, high in self.windows]
        return {LABEL: inside[0], WINDOWS: " or ".join(f"({each})" for each in inside)}


def with_sidebands(spec: DatasetSpec, chosen: Sidebands) -> DatasetSpec:
    """Label the events of a data set by windows, keep those in a window, and protect the variable.

    The variable itself tells the label, so it leaves the features and becomes protected, and so do those features that
    are derived from it. Windows of an earlier call are replaced; a selection stays.

    Args:
        spec: the data set, with a label or without.
        chosen: the variable and its windows.

    Raises:
        DataError: the data set has derived columns of these names that are something else.
    """
    spec = without_sidebands(spec)
    taken = [name for name in (LABEL, WINDOWS) if name in (*spec.derived, *spec.roles.used())]
    if taken:
        raise DataError(f"column {taken[0]!r} exists already; give it another name to use sidebands")
    roles = spec.roles
    telling = [name for name in _made_of(chosen.column, spec) if name in roles.features]
    protected = tuple(dict.fromkeys([*roles.protected, chosen.column, *telling]))
    features = tuple(name for name in roles.features if name not in protected)
    weight = None if roles.weight in protected else roles.weight
    selection = f"({spec.selection}) & {WINDOWS}" if spec.selection and spec.selection.strip() else WINDOWS
    return spec.model_copy(
        update={
            "derived": {**spec.derived, **chosen.derived()},
            "selection": selection,
            "roles": Roles(features=features, label=LABEL, protected=protected, weight=weight),
            "signal_value": None,
        }
    )


def without_sidebands(spec: DatasetSpec) -> DatasetSpec:
    """Return a data set without the label and selection that `with_sidebands` gave it; the variable stays protected."""
    found = _KEPT.fullmatch(spec.selection or "")
    if spec.roles.label != LABEL or WINDOWS not in spec.derived or found is None:
        return spec
    derived = {name: text for name, text in spec.derived.items() if name not in (LABEL, WINDOWS)}
    roles = spec.roles.model_copy(update={"label": None})
    return spec.model_copy(update={"derived": derived, "selection": found["before"], "roles": roles})


def windows_sentence(spec: DatasetSpec) -> str:
    """Return which events windows made signal, which background, and that all others are left out.

    Args:
        spec: from `with_sidebands`.

    Example:
        >>> labelled = Sidebands("m", (120.0, 130.0), ((100.0, 115.0), (130.0, 150.0))).derived()
        >>> windows_sentence(DatasetSpec(path="data.parquet", derived=labelled))
        'signal is 120 ≤ m < 130, background 100 ≤ m < 115 or 130 ≤ m < 150; events elsewhere are left out'
    """
    signal, *sidebands = (part.strip("()") for part in spec.derived[WINDOWS].split(" or "))
    said = f"signal is {signal}, background {' or '.join(sidebands)}; events elsewhere are left out"
    return said.replace("`", "").replace("<=", "≤")


def count_windows(spec: DatasetSpec, chosen: Sidebands) -> tuple[int, ...]:
    """Count the events in the signal region and in each sideband that the selection of a data set leaves.

    Args:
        spec: the data set; a selection of earlier windows does not count.
        chosen: the variable and its windows.

    Returns:
        Number of events in each of ``chosen.windows``.

    Raises:
        DataError: a window holds no event; the range of the variable is told.
    """
    spec = without_sidebands(spec)
    alone = spec.model_copy(update={"roles": Roles(features=(chosen.column,)), "drop_invalid": False})
    counts, low, high = np.zeros(len(chosen.windows), np.int64), np.inf, -np.inf
    for batch in stream_events(alone, _BATCH):
        values = np.asarray(batch[chosen.column], np.float64)
        values = values[np.isfinite(values)]
        counts += [np.count_nonzero((values >= start) & (values < end)) for start, end in chosen.windows]
        low, high = min(low, values.min(initial=np.inf)), max(high, values.max(initial=-np.inf))
    for window, n, noun in zip(chosen.windows, counts, _nouns(chosen), strict=True):
        if not n:
            raise DataError(
                f"{noun} {_shown(window)} of {chosen.column!r} holds no event; its values lie between "
                f"{low:.4g} and {high:.4g}"
            )
    return tuple(int(n) for n in counts)


def suggested(seen: Glance) -> Sidebands:
    """Return windows to begin with: a fifth of the central range about the median, and as much on either side.

    Args:
        seen: a glance at the variable.

    Example:
        >>> suggested(Glance("m", 100, 0, (), 60.0, 100.0, 160.0))
        Sidebands(column='m', signal=(90.0, 110.0), sidebands=((70.0, 90.0), (110.0, 130.0)))
    """
    step = float(f"{(seen.high - seen.low) / 10 or 1.0:.1g}")
    middle = round(seen.middle / step) * step
    ends = [float(f"{middle + k * step:.6g}") for k in (-3, -1, 1, 3)]
    return Sidebands(seen.name, (ends[1], ends[2]), ((ends[0], ends[1]), (ends[2], ends[3])))


def parse_windows(text: str) -> tuple[Window, ...]:
    """Read windows as a command takes them.

    Example:
        >>> parse_windows("110:120, 130:150")
        ((110.0, 120.0), (130.0, 150.0))
    """
    windows = []
    for part in text.split(","):
        low, _, high = part.partition(":")
        try:
            windows.append((float(low), float(high)))
        except ValueError:
            raise DataError(f"{part.strip()!r} is no window; write LOW:HIGH, such as 110:120") from None
    return tuple(windows)


def _made_of(column: str, spec: DatasetSpec) -> list[str]:
    """Return the derived columns that need a column, by way of others too."""
    found = [column]
    for name, text in spec.derived.items():
        if any(each in found for each in parse_expression(text).names):
            found.append(name)
    return found[1:]


def _written(end: float) -> str:
    """Return an end of a window to its last digit, so that an event on the edge is counted where it is labelled."""
    short = f"{end:.10g}"
    return short if float(short) == end else repr(float(end))


def _nouns(chosen: Sidebands) -> Sequence[str]:
    return ("signal region", *["sideband"] * len(chosen.sidebands))


def _shown(window: Window) -> str:
    return f"{window[0]:g} to {window[1]:g}"
