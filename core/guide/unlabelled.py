"""What events without a label can show: a variable made independent of the mass, and what pairs share beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import DataError
from core.events.table import Column, EventTable
from core.guide.flatten import rank_at_mass
from core.guide.halves import two_halves
from core.information.given import GivenMatrix
from core.results import Estimate

RANK = "rank_at_mass"


def with_rank(table: EventTable, name: str, protected: str, rng: np.random.Generator | int) -> EventTable:
    """Add u = F(x|m), the rank of a variable among the events of the same m, which does not know m.

    F is learnt on half of the events; the other half is returned.

    Args:
        table: the events, with or without a label.
        name: x.
        protected: m.
        rng: generator or seed; draws the halves and breaks ties.

    Raises:
        DataError: too few events.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> m = rng.normal(size=40_000)
        >>> found = with_rank(EventTable("toy", {"m": m, "x": m + rng.normal(size=40_000)}), "x", "m", rng)
        >>> bool(abs(np.corrcoef(found[RANK], found["m"])[0, 1]) < 0.06)
        True
    """
    generator = np.random.default_rng(rng)
    fit, judged = two_halves(table, (name, protected), generator, labelled=False)
    ranks = rank_at_mass(np.asarray(fit[name], np.float64), fit[protected], fit.weights)
    u = ranks.transform(np.asarray(judged[name], np.float64), judged[protected], generator)
    titles = [table.describe(each).title or each for each in (name, protected)]
    words = Column(RANK, "u", "", f"rank of {titles[0]} among events of the same {titles[1]}")
    return EventTable(table.name, {**judged.columns, RANK: u}, judged.roles, {**table.described, RANK: words})


@dataclass(frozen=True)
class Explained:
    """Hold the pair whose shared information a third variable explains most of.

    Args:
        x_title: first variable, as in print.
        y_title: second variable.
        alone: I(X;Y) in nats.
        given: I(X;Y|m).
        n_pairs: pairs compared.
        n_events: events counted.
        n_effective: their N_eff.
    """

    x_title: str
    y_title: str
    alone: Estimate
    given: Estimate
    n_pairs: int
    n_events: int
    n_effective: float


def explained(matrix: GivenMatrix) -> Explained:
    """Find the pair that shares least of what it shared, in nats, once the third variable is known.

    Args:
        matrix: of all pairs, given the third variable.

    Raises:
        DataError: fewer than two variables.
    """
    rows, columns = np.triu_indices(len(matrix.names), 1)
    if not len(rows):
        raise DataError(f"{len(matrix.names)} variables; allowed: two or more")
    best = int(np.argmin(matrix.interaction[rows, columns]))
    i, j = int(rows[best]), int(columns[best])
    return Explained(
        x_title=matrix.titles[i],
        y_title=matrix.titles[j],
        alone=Estimate(float(matrix.mi[i, j]), float(matrix.mi_error[i, j])),
        given=Estimate(float(matrix.given_mi[i, j]), float(matrix.given_mi_error[i, j])),
        n_pairs=len(rows),
        n_events=matrix.n_events,
        n_effective=matrix.n_effective,
    )
