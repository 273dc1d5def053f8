"""Which variables share information: every measure of every pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import EventClass, EventTable
from core.information import measures
from core.information.catalogue import MEASURES
from core.information.correlation import pearson
from core.information.counts import PairCounts, count_pairs
from core.information.estimate import Correction, estimator_words, pair_information
from core.information.measures import Entropies
from core.information.quantise import Bins, Rule, quantise
from core.information.rank_correlation import rank_correlation
from core.information.selection import default_names, select
from core.information.stages import stages

Floats = NDArray[np.float64]
_SHARES = {False: (0.4, 0.25, 0.35), True: (0.1, 0.8, 0.1)}
"""How the time is shared by coding, counting and correlating, by whether events are weighted."""


@dataclass(frozen=True)
class InformationMatrix:
    """Hold the information of every pair of k variables, in nats. Arrays are (k, k), rows and columns as in ``names``.

    Args:
        names: the variables.
        titles: their symbols as in print.
        event_class: the events counted: "all", "signal" or "background".
        n_events: number of events.
        n_effective: N_eff = (Σw)²/Σw².
        bins: B; D, U, IQR and NMI depend on it.
        estimator: how the estimates were made, in words.
        entropies: H of the row's variable, of the column's, and of both.
        mi_error: standard errors of ``mi``.
        pearson: Pearson's correlation; NaN beside a constant.
        spearman: Spearman's correlation of the codes; NaN beside a constant.
        negative_cells: share of the weight that lies in cells whose weights sum to less than nothing.
        null_level: what the uncorrected estimate of ``mi`` gives for independent variables.
    """

    names: tuple[str, ...]
    titles: tuple[str, ...]
    event_class: EventClass
    n_events: int
    n_effective: float
    bins: int
    estimator: str
    entropies: Entropies
    mi_error: Floats
    pearson: Floats
    spearman: Floats
    negative_cells: Floats
    null_level: Floats

    @cached_property
    def entropy(self) -> Floats:
        """Return H(X) of each variable, shape (k,)."""
        return np.diagonal(self.entropies.joint).copy()

    @cached_property
    def mi(self) -> Floats:
        """Return I(X;Y), with H(X) on the diagonal; may be slightly below zero for independent variables."""
        return measures.mutual_information(self.entropies)

    @property
    def joint_entropy(self) -> Floats:
        """Return H(X,Y)."""
        return self.entropies.joint

    @cached_property
    def conditional_entropy(self) -> Floats:
        """Return H(row|column)."""
        return measures.conditional_entropy(self.entropies).T

    @cached_property
    def variation(self) -> Floats:
        """Return d = H(X,Y) - I."""
        return measures.variation(self.entropies)

    @cached_property
    def distance(self) -> Floats:
        """Return D = 1 - I / H(X,Y)."""
        return measures.distance(self.entropies)

    @cached_property
    def iqr(self) -> Floats:
        """Return IQR = I / H(X,Y)."""
        return measures.iqr(self.entropies)

    @cached_property
    def redundancy(self) -> Floats:
        """Return R = I / (H(X) + H(Y))."""
        return measures.redundancy(self.entropies)

    @cached_property
    def symmetric_uncertainty(self) -> Floats:
        """Return U = 2R."""
        return measures.symmetric_uncertainty(self.entropies)

    @cached_property
    def nmi(self) -> Floats:
        """Return NMI = I / √(H(X)H(Y))."""
        return measures.nmi(self.entropies)

    @cached_property
    def r_i(self) -> Floats:
        """Return r_I = √(1 - exp(-2I))."""
        return measures.informational_correlation(self.mi)

    @property
    def measures(self) -> tuple[str, ...]:
        """Return the names of the measures it has."""
        return tuple(MEASURES)

    def measure(self, name: str) -> Floats:
        """Return the measure of that name, shape (k, k).

        Raises:
            DataError: ``MEASURES`` has no such name.
        """
        if name not in MEASURES:
            raise DataError(f"unknown measure {name!r}; allowed: {', '.join(MEASURES)}")
        values: Floats = getattr(self, name)
        return values

    def take(self, order: Sequence[int]) -> InformationMatrix:
        """Return the matrix of some of the variables, or of all in another order."""
        cells = np.ix_(order, order)
        h = self.entropies
        kept = ("mi_error", "pearson", "spearman", "negative_cells", "null_level")
        arrays = {name: getattr(self, name)[cells] for name in kept}
        return replace(
            self,
            names=tuple(self.names[i] for i in order),
            titles=tuple(self.titles[i] for i in order),
            entropies=Entropies(h.x[cells], h.y[cells], h.joint[cells]),
            **arrays,
        )


def information_matrix(
    table: EventTable,
    names: Sequence[str] | None = None,
    *,
    event_class: EventClass = "all",
    bins: int = 32,
    rule: Rule = "equal_frequency",
    correction: Correction = "miller_madow",
    progress: Callable[[float], None] | None = None,
) -> InformationMatrix:
    """Compute the information that every pair of variables shares.

    Args:
        table: the events.
        names: two variables or more; None for features, protected variables and, among all events, the label.
        event_class: "all", "signal" or "background".
        bins: B, the largest number of codes of a variable, 2 to 255.
        rule: where the boundaries of the codes lie.
        correction: "miller_madow" removes the bias (right for N_eff ≥ 10 B²), "none" leaves it.
        progress: called with the share of the work that is done, from 0 to 1; what it raises ends the work.

    Returns:
        The matrix.

    Raises:
        DataError: columns, weights, class or bins that cannot be used, or too much weight in negative cells.

    Example:
        >>> n = np.arange(1000)
        >>> table = EventTable("toy", {"parity": n % 2, "last": n % 10})
        >>> information_matrix(table, ["parity", "last"], correction="none").mi.round(4)
        array([[0.6931, 0.6931],
               [0.6931, 2.3026]])
    """
    names = tuple(names) if names is not None else default_names(table, event_class)
    chosen = select(table, names, event_class)
    coding, counting, correlating = stages(_SHARES[chosen.weights is not None], progress)
    codes = quantise(chosen.columns, bins=bins, rule=rule, weights=chosen.weights, report=coding)
    counts = count_pairs(codes, chosen.weights, counting)
    return matrix_of_counts(
        counts,
        pearson(list(chosen.columns.values()), chosen.weights, correlating),
        codes.bins,
        titles=tuple(table.describe(name).title or name for name in names),
        event_class=event_class,
        bins=bins,
        rule=rule,
        correction=correction,
    )


def matrix_of_counts(
    counts: PairCounts,
    correlations: Floats,
    boundaries: Sequence[Bins],
    *,
    titles: tuple[str, ...],
    event_class: EventClass,
    bins: int,
    rule: Rule,
    correction: Correction,
) -> InformationMatrix:
    """Compute every measure of every counted pair.

    Args:
        counts: the joint tables of k variables.
        correlations: Pearson's correlations, shape (k, k).
        boundaries: what the codes of each variable stand for.
        titles: the symbols of the variables as in print.
        event_class: which events were counted.
        bins: B.
        rule: where the boundaries of the codes lie.
        correction: "miller_madow" or "none".

    Returns:
        The matrix.

    Raises:
        DataError: weights that sum to nothing, or too much weight in negative cells.
    """
    found = pair_information(counts, correction)
    h = found.entropies

    def square(upper: Floats, lower: Floats | None = None) -> Floats:
        return _square(len(counts.names), upper, upper if lower is None else lower)

    return InformationMatrix(
        names=counts.names,
        titles=titles,
        event_class=event_class,
        n_events=counts.n_events,
        n_effective=counts.n_effective,
        bins=bins,
        estimator=estimator_words(bins, rule, correction),
        entropies=Entropies(square(h.x, h.y), square(h.y, h.x), square(h.joint)),
        mi_error=square(found.error),
        pearson=correlations,
        spearman=rank_correlation(counts, [each.n_codes for each in boundaries]),
        negative_cells=square(found.negative_cells),
        null_level=square(found.null_level),
    )


def _square(k: int, upper: Floats, lower: Floats) -> Floats:
    """Arrange pairs i < j, then (0, 0) … (k - 1, k - 1), as a matrix: ``upper`` for (i, j), ``lower`` for (j, i)."""
    matrix = np.empty((k, k))
    i, j = np.triu_indices(k, 1)
    matrix[j, i] = lower[: len(i)]
    matrix[i, j] = upper[: len(i)]
    np.fill_diagonal(matrix, upper[len(i) :])
    return matrix
