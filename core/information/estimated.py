"""The mutual information of all pairs by any estimator, pair by pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import EventClass, EventTable, effective_number
from core.information.correlation import pearson
from core.information.counts import count_pairs
from core.information.estimate import AUTOMATIC, Estimate, estimate_mi
from core.information.estimators import adaptive
from core.information.estimators._sample import kind_of
from core.information.measures import density, entropy, informational_correlation
from core.information.quantise import quantise
from core.information.rank_correlation import rank_correlation
from core.information.selection import Selection, default_names, select

Floats = NDArray[np.float64]

ESTIMATED_MEASURES = ("mi", "r_i", "pearson", "spearman")
"""Measures of every pair that need no counts of the estimate's own."""
_BECAUSE = "; automatic, because "


@dataclass(frozen=True)
class Choice:
    """Hold which estimator was chosen for some of the pairs.

    Args:
        estimator: in words.
        reason: what follows "because".
        n_pairs: for how many pairs.
    """

    estimator: str
    reason: str
    n_pairs: int


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
        pearson: Pearson's correlation; NaN beside a constant.
        spearman: Spearman's correlation of the codes; NaN beside a constant.
        choices: what was chosen for how many pairs, most pairs first; empty when the user chose.
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
    pearson: Floats
    spearman: Floats
    choices: tuple[Choice, ...] = ()

    @property
    def r_i(self) -> Floats:
        """Return r_I = √(1 - exp(-2I))."""
        return informational_correlation(self.mi)

    @property
    def choice_sentence(self) -> str:
        """Say which estimators were chosen and why; empty when the user chose."""
        if not self.choices:
            return ""
        total = sum(choice.n_pairs for choice in self.choices)
        parts = [
            f"{each.estimator} for {'all' if each.n_pairs == total else f'{each.n_pairs} of {total}'} pairs, "
            f"because {each.reason}"
            for each in self.choices
        ]
        return f"Chosen for each pair: {'; '.join(parts)}."

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

    @property
    def measures(self) -> tuple[str, ...]:
        """Return the names of the measures it has."""
        return ESTIMATED_MEASURES

    def measure(self, name: str) -> Floats:
        """Return the measure of that name, shape (k, k).

        Raises:
            DataError: it needs more than an estimate of I.
        """
        if name not in ESTIMATED_MEASURES:
            raise DataError(f"measure {name!r} of an estimate; allowed: {', '.join(ESTIMATED_MEASURES)}")
        values: Floats = getattr(self, name)
        return values

    def take(self, order: Sequence[int]) -> EstimatedMatrix:
        """Return the matrix of some of the variables, or of all in another order."""
        cells = np.ix_(order, order)
        return replace(
            self,
            names=tuple(self.names[i] for i in order),
            titles=tuple(self.titles[i] for i in order),
            entropy=self.entropy[list(order)],
            **{name: getattr(self, name)[cells] for name in ("mi", "mi_error", "pearson", "spearman")},
        )


def estimated_matrix(
    table: EventTable,
    names: Sequence[str] | None = None,
    estimator: str = AUTOMATIC,
    *,
    event_class: EventClass = "all",
    seed: int = 0,
    on_pair: Callable[[int, int], None] | None = None,
    **options: Any,
) -> EstimatedMatrix:
    """Estimate the information that every pair of variables shares, each pair by itself.

    Args:
        table: the events.
        names: two variables or more; None for features, protected variables and, among all events, the label.
        estimator: a name in ``ESTIMATORS``, or "auto", which chooses for each pair.
        event_class: "all", "signal" or "background".
        seed: of the random numbers of the estimator.
        on_pair: called with the number of pairs done and the number of all pairs.
        **options: fields of the estimator's config, such as ``bins`` or ``k``.

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
    chosen_for: Counter[tuple[str, str]] = Counter()
    for done, (i, j, found) in enumerate(_pairs(chosen, estimator, seed, options)):
        mi[i, j] = mi[j, i] = found.value
        error[i, j] = error[j, i] = found.error
        made, _, reason = found.estimator.partition(_BECAUSE)
        method = made if options else made.split(", ")[0]
        chosen_for[method, reason] += 1
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
        estimator=" or ".join(dict.fromkeys(method for method, _ in chosen_for)),
        entropy=entropies,
        mi=mi,
        mi_error=error,
        pearson=pearson(list(chosen.columns.values()), chosen.weights),
        spearman=_spearman(chosen),
        choices=tuple(Choice(*what, n) for what, n in chosen_for.most_common()) if estimator == AUTOMATIC else (),
    )


def _spearman(chosen: Selection) -> Floats:
    """Return Spearman's correlations from counts, as in ``InformationMatrix``."""
    codes = quantise(chosen.columns, weights=chosen.weights)
    return rank_correlation(count_pairs(codes, chosen.weights), [each.n_codes for each in codes.bins])


def _pairs(
    chosen: Selection, estimator: str, seed: int, options: dict[str, Any]
) -> Iterator[tuple[int, int, Estimate]]:
    """Estimate pair after pair; the adaptive partition codes each variable once for all of them."""
    if estimator == "adaptive" and not options:
        yield from adaptive.estimate_pairs(chosen.columns, chosen.weights, np.random.default_rng(seed))
        return
    for (i, first), (j, second) in combinations(enumerate(chosen.columns), 2):
        try:
            x, y = chosen.columns[first], chosen.columns[second]
            yield i, j, estimate_mi(x, y, estimator, weights=chosen.weights, seed=seed, **options)
        except DataError as refused:
            raise DataError(f"{first} and {second}: {refused}") from refused


def _entropy(values: NDArray[np.generic], weights: Floats | None) -> float:
    """Return the entropy of a discrete variable, NaN for any other."""
    if kind_of(values) != "discrete":
        return float("nan")
    _, position = np.unique(values, return_inverse=True)
    return float(entropy(density(np.bincount(position, weights), (-1,))))
