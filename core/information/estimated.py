"""The mutual information of all pairs by any estimator, pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import EventClass, EventTable, effective_number
from core.information.estimate import AUTOMATIC, Estimate, estimate_mi
from core.information.estimators import adaptive
from core.information.estimators._sample import kind_of
from core.information.measures import density, entropy
from core.information.selection import Selection, default_names, select

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EstimatedMatrix:
    """Hold the mutual information of every pair of k variables by one estimator, in nats. Arrays are (k, k).

    Args:
        names: the variables.
        titles: their symbols as in print.
        event_class: the events used: "all", "signal" or "background".
        n_events: number of events.
        n_effective: N_eff = (Σw)²/Σw².
        estimator: how the estimates were made, in words; all that were chosen, where each pair has its own.
        entropy: H(X) of each discrete variable, shape (k,); NaN for a continuous one, where it depends on the unit.
        mi: I(X;Y), with H(X) on the diagonal.
        mi_error: its standard errors; NaN on the diagonal.
    """

    names: tuple[str, ...]
    titles: tuple[str, ...]
    event_class: EventClass
    n_events: int
    n_effective: float
    estimator: str
    entropy: Floats
    mi: Floats
    mi_error: Floats

    @property
    def joint_entropy(self) -> Floats:
        """Return H(X,Y) = H(X) + H(Y) - I of pairs of discrete variables; NaN for the others."""
        return np.asarray(self.entropy[:, None] + self.entropy - self.mi)

    @property
    def iqr(self) -> Floats:
        """Return IQR = I / H(X,Y) of pairs of discrete variables; NaN for the others."""
        whole = self.joint_entropy
        return np.asarray(np.divide(self.mi.clip(0), whole, out=np.full_like(whole, np.nan), where=whole > 0))

    @property
    def distance(self) -> Floats:
        """Return D = 1 - IQR of pairs of discrete variables; NaN for the others."""
        return 1 - self.iqr


def estimated_matrix(
    table: EventTable,
    names: Sequence[str] | None = None,
    estimator: str = AUTOMATIC,
    *,
    event_class: EventClass = "all",
    seed: int = 0,
    on_pair: Callable[[int, int], None] | None = None,
) -> EstimatedMatrix:
    """Estimate the information that every pair of variables shares, each pair by itself.

    Args:
        table: the events.
        names: two variables or more; None for features, protected variables and, among all events, the label.
        estimator: a name in ``ESTIMATORS``, or "auto", which chooses for each pair.
        event_class: "all", "signal" or "background".
        seed: of the random numbers of the estimator.
        on_pair: called with the number of pairs done and the number of all pairs.

    Returns:
        The matrix.

    Raises:
        DataError: columns or a class that cannot be used, or an estimator that cannot take a pair, which is named.

    Example:
        >>> n = np.arange(1000)
        >>> table = EventTable("toy", {"parity": n % 2, "last": n % 10})
        >>> estimated_matrix(table, ["parity", "last"]).mi.round(2)
        array([[0.69, 0.69],
               [0.69, 2.3 ]])
    """
    names = tuple(names) if names is not None else default_names(table, event_class)
    if len(names) < 2:
        raise DataError(f"{len(names)} variable ({', '.join(names)}); allowed: two or more")
    chosen = select(table, names, event_class)
    n_pairs = len(names) * (len(names) - 1) // 2
    mi, error = np.full((2, len(names), len(names)), np.nan)
    words: dict[str, None] = {}
    for done, (i, j, found) in enumerate(_pairs(chosen, estimator, seed)):
        mi[i, j] = mi[j, i] = found.value
        error[i, j] = error[j, i] = found.error
        words[found.estimator.split(", ")[0]] = None
        if on_pair:
            on_pair(done + 1, n_pairs)
    entropies = np.array([_entropy(values, chosen.weights) for values in chosen.columns.values()])
    np.fill_diagonal(mi, entropies)
    return EstimatedMatrix(
        names=names,
        titles=tuple(table.describe(name).title or name for name in names),
        event_class=event_class,
        n_events=chosen.n_events,
        n_effective=float(chosen.n_events) if chosen.weights is None else effective_number(chosen.weights),
        estimator=" or ".join(words),
        entropy=entropies,
        mi=mi,
        mi_error=error,
    )


def _pairs(chosen: Selection, estimator: str, seed: int) -> Iterator[tuple[int, int, Estimate]]:
    """Estimate pair after pair; the adaptive partition codes each variable once for all of them."""
    if estimator == "adaptive":
        yield from adaptive.estimate_pairs(chosen.columns, chosen.weights, np.random.default_rng(seed))
        return
    for (i, first), (j, second) in combinations(enumerate(chosen.columns), 2):
        try:
            x, y = chosen.columns[first], chosen.columns[second]
            yield i, j, estimate_mi(x, y, estimator, weights=chosen.weights, seed=seed)
        except DataError as refused:
            raise DataError(f"{first} and {second}: {refused}") from refused


def _entropy(values: NDArray[np.generic], weights: Floats | None) -> float:
    """Return the entropy of a discrete variable, NaN for any other."""
    if kind_of(values) != "discrete":
        return float("nan")
    _, position = np.unique(values, return_inverse=True)
    return float(entropy(density(np.bincount(position, weights), (-1,))))
