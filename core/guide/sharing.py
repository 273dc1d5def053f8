"""The two ends of a matrix: the pair that shares most, and one that is independent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import DataError
from core.information.matrix import InformationMatrix
from core.results import Estimate, Number


@dataclass(frozen=True)
class SharedPair:
    """Hold what two variables share.

    Args:
        x: first variable.
        y: second variable.
        x_title: its symbol as in print.
        y_title: its symbol as in print.
        mi: I(X;Y) in nats.
        r_i: √(1 - exp(-2I)).
        pearson: Pearson's correlation.
    """

    x: str
    y: str
    x_title: str
    y_title: str
    mi: Estimate
    r_i: Number
    pearson: Number


@dataclass(frozen=True)
class Extremes:
    """Hold the pair that shares most and the one that shares least.

    Args:
        most: the pair with the largest I.
        least: the pair whose I is nearest to zero.
        n_pairs: pairs compared.
        n_events: events counted.
        n_effective: their N_eff.
        event_class: whose events.
    """

    most: SharedPair
    least: SharedPair
    n_pairs: int
    n_events: int
    n_effective: Number
    event_class: str


def extremes(matrix: InformationMatrix) -> Extremes:
    """Find the pair that shares most and the one whose I is nearest to zero; constants are left out.

    Args:
        matrix: the information of every pair.

    Raises:
        DataError: fewer than two variables that vary.

    Example:
        >>> from core.events.table import EventTable
        >>> from core.information.matrix import information_matrix
        >>> n = np.arange(1000)
        >>> table = EventTable("toy", {"x": n % 2, "same": n % 2, "other": n // 2 % 2})
        >>> found = extremes(information_matrix(table, ["x", "same", "other"]))
        >>> found.most.x, found.most.y, round(found.most.mi.value, 2), round(abs(found.least.mi.value), 2)
        ('x', 'same', 0.69, 0.0)
    """
    varying = np.flatnonzero(matrix.entropy > 0)
    if len(varying) < 2:
        raise DataError(f"{len(varying)} variables that vary; allowed: two or more")
    rows, columns = np.triu_indices(len(varying), 1)
    shared = matrix.mi[varying[rows], varying[columns]]

    def pair(place: int) -> SharedPair:
        i, j = int(varying[rows[place]]), int(varying[columns[place]])
        mi = float(matrix.mi[i, j])
        return SharedPair(
            matrix.names[i], matrix.names[j], matrix.titles[i], matrix.titles[j],
            Estimate(mi, float(matrix.mi_error[i, j])), float(np.sqrt(-np.expm1(-2 * max(mi, 0.0)))),
            float(matrix.pearson[i, j]),
        )  # fmt: skip

    return Extremes(
        most=pair(int(shared.argmax())),
        least=pair(int(np.abs(shared).argmin())),
        n_pairs=len(shared),
        n_events=matrix.n_events,
        n_effective=matrix.n_effective,
        event_class=matrix.event_class,
    )
