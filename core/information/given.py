"""What pairs share once a third variable is known: I(X;Y|Z), with the synergy and the total of the three.

    I(X;Y|Z) = H(X,Z) + H(Y,Z) - H(X,Y,Z) - H(Z)
    I(X;Y;Z) = I(X;Y|Z) - I(X;Y)                   C(X,Y,Z) = H(X) + H(Y) + H(Z) - H(X,Y,Z)

``core.information.multivariate`` has the same of any table; here they are of all pairs at once, counted value by value
of Z. A table of three has B³ cells, so bins are few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import cast

import numpy as np

from core.errors import DataError
from core.events.table import EventClass, EventTable
from core.information.catalogue import ALL_MEASURES, GIVEN_MEASURES
from core.information.correlation import pearson
from core.information.counts import PairCounts, count_pairs
from core.information.estimate import MAX_NEGATIVE_CELLS
from core.information.matrix import Floats, InformationMatrix, matrix_of_counts
from core.information.measures import density, entropy
from core.information.quantise import Codes, quantise
from core.information.selection import default_names, select

_CELLS = (1, 2, 3)  # the axes of a table of three
_MOST_BINS = 16


@dataclass(frozen=True)
class GivenMatrix(InformationMatrix):
    """Hold the information of every pair of k variables, and what they share once Z is known; (k, k), in nats.

    Args:
        given: Z, the third variable.
        given_title: its symbol as in print.
        given_mi: I(X;Y|Z), with H(X|Z) on the diagonal.
        given_mi_error: its standard errors.
        given_entropy: H(Z).
    """

    given: str
    given_title: str
    given_mi: Floats
    given_mi_error: Floats
    given_entropy: float

    @property
    def interaction(self) -> Floats:
        """Return I(X;Y;Z) = I(X;Y|Z) - I(X;Y): above zero for synergy, below for redundancy."""
        return self.given_mi - self.mi

    @property
    def total_correlation(self) -> Floats:
        """Return C(X,Y,Z) = I(X;Y|Z) + I(X;Z) + I(Y;Z) = H(X) + H(Y) + H(Z) - H(X,Y,Z)."""
        with_z = self.entropy - np.diagonal(self.given_mi)
        return self.given_mi + with_z[:, None] + with_z

    @property
    def measures(self) -> tuple[str, ...]:
        """Return the names of the measures it has."""
        return tuple(ALL_MEASURES)

    def measure(self, name: str) -> Floats:
        """Return the measure of that name, shape (k, k).

        Raises:
            DataError: neither ``MEASURES`` nor ``GIVEN_MEASURES`` has such a name.
        """
        if name not in GIVEN_MEASURES:
            return super().measure(name)
        values: Floats = getattr(self, name)
        return values

    def take(self, order: Sequence[int]) -> GivenMatrix:
        """Return the matrix of some of the variables, or of all in another order."""
        cells = np.ix_(order, order)
        counted = cast(GivenMatrix, super().take(order))
        return replace(counted, given_mi=self.given_mi[cells], given_mi_error=self.given_mi_error[cells])


def suitable_bins_of_three(n_effective: float) -> int:
    """Return the largest B from 3 to 16 for which the correction of three variables holds: N_eff ≥ 10 B³.

    An infinite weight leaves no N_eff; 3 then, since the counting says which weights it cannot use.

    Example:
        >>> suitable_bins_of_three(200), suitable_bins_of_three(10_000), suitable_bins_of_three(1e6)
        (3, 10, 16)
    """
    return int(np.clip(np.cbrt((n_effective if n_effective > 0 else 0.0) / 10) + 1e-9, 3, _MOST_BINS))


def given_matrix(
    table: EventTable,
    given: str,
    names: Sequence[str] | None = None,
    *,
    event_class: EventClass = "all",
    bins: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> GivenMatrix:
    """Compute what every pair of variables shares once a third one is known.

    Args:
        table: the events.
        given: Z, a column.
        names: two variables or more, Z among them is left out; None for features, protected variables and, among all
            events, the label.
        event_class: "all", "signal" or "background".
        bins: B, the largest number of codes of a variable, 2 to 255; None for as many as suit the events.
        progress: called with the share of the work that is done, from 0 to 1.

    Returns:
        The matrix, with the Miller-Madow correction throughout.

    Raises:
        DataError: columns, weights, class or bins that cannot be used, or too much weight in negative cells.

    Example:
        >>> n = np.arange(1000)
        >>> toy = EventTable("toy", {"x": n % 2, "y": n // 2 % 2, "odd": (n % 2 + n // 2) % 2})
        >>> found = given_matrix(toy, "odd", ["x", "y"])
        >>> found.mi[0, 1].round(2) + 0.0, found.given_mi[0, 1].round(2)
        (np.float64(0.0), np.float64(0.69))
    """
    others = [name for name in (names if names is not None else default_names(table, event_class)) if name != given]
    if len(others) < 2:
        raise DataError(f"{len(others)} variable beside {given}; allowed: two or more")
    chosen = select(table, (*others, given), event_class)
    if bins is None:
        bins = suitable_bins_of_three(table.of_class(event_class).n_effective)
    codes = quantise(chosen.columns, bins=bins, weights=chosen.weights)
    parts = _parts(codes, chosen.weights, progress or (lambda share: None))
    counts = sum(parts[1:], parts[0])
    whole = matrix_of_counts(
        counts,
        pearson([chosen.columns[name] for name in others], chosen.weights),
        codes.bins[:-1],
        titles=tuple(table.describe(name).title or name for name in others),
        event_class=event_class,
        bins=bins,
        rule="equal_frequency",
        correction="miller_madow",
    )
    shared, error, own = _given(parts, counts)
    return GivenMatrix(
        **{each.name: getattr(whole, each.name) for each in fields(InformationMatrix)},
        given=given,
        given_title=table.describe(given).title or given,
        given_mi=shared,
        given_mi_error=error,
        given_entropy=own,
    )


def _parts(codes: Codes, weights: Floats | None, progress: Callable[[float], None]) -> list[PairCounts]:
    """Return the tables of all pairs of all variables but the last, for each code of the last."""
    z = codes.codes[-1]
    order = np.argsort(z, kind="stable")
    found, n_parts = [], int(codes.n_bins[-1])
    for members in np.split(order, np.searchsorted(z[order], np.arange(1, n_parts))):
        part = Codes(codes.names[:-1], codes.codes[:-1, members], codes.bins[:-1], codes.n_bins[:-1])
        found.append(count_pairs(part, None if weights is None else weights[members]))
        progress(len(found) / n_parts)
    return found


def _given(parts: Sequence[PairCounts], counts: PairCounts) -> tuple[Floats, Floats, float]:
    """Return I(X;Y|Z) with H(X|Z) on the diagonal and its errors, shape (k, k) each, and H(Z)."""
    k, n_effective = len(counts.names), counts.n_effective
    each = [part.with_selves() for part in parts]
    sum_w, sum_w2 = (np.stack([getattr(part, kind) for part in each], axis=-1) for kind in ("sum_w", "sum_w2"))
    _refuse_negative(sum_w, counts)
    p = density(sum_w, _CELLS)

    def h(*left_out: int) -> Floats:
        return entropy(p.sum(axis=left_out).reshape(len(p), -1), n_effective)

    h_z = h(1, 2)
    shared = h(2) + h(1) - h() - h_z
    square, spread = np.empty((2, k, k))
    i, j = counts.pairs.T
    n_pairs = len(counts.pairs)
    square[i, j] = square[j, i] = shared[:n_pairs]
    spread[i, j] = spread[j, i] = _errors(p[:n_pairs], sum_w[:n_pairs], sum_w2[:n_pairs])
    np.fill_diagonal(square, shared[n_pairs:])
    np.fill_diagonal(spread, np.nan)
    return square, spread, float(h_z[0])


def _errors(p: Floats, sum_w: Floats, sum_w2: Floats) -> Floats:
    """Return √(Σ_cells Σw²_cell (pmi_cell - I)²) / Σw, pmi = log p(x,y,z)p(z)/(p(x,z)p(y,z)): the delta method."""
    with_z = p.sum(axis=(1, 2), keepdims=True)
    apart = p.sum(axis=1, keepdims=True) * p.sum(axis=2, keepdims=True)
    ratio = np.divide(p * with_z, apart, out=np.ones_like(p), where=p > 0)
    pointwise = np.log(ratio)
    deviation = pointwise - (p * pointwise).sum(axis=_CELLS, keepdims=True)
    variance = (sum_w2 * np.where(p > 0, deviation, 0.0) ** 2).sum(axis=_CELLS)
    return np.asarray(np.sqrt(variance) / np.asarray(sum_w, np.float64).sum(axis=_CELLS))


def _refuse_negative(sum_w: Floats, counts: PairCounts) -> None:
    """Refuse tables of three with too much weight in cells whose weights sum to less than nothing."""
    if not (sum_w < 0).any():
        return
    shares = np.clip(-sum_w, 0, None).sum(axis=_CELLS) / np.abs(sum_w).sum(axis=_CELLS)
    worst = int(shares[: len(counts.pairs)].argmax())
    if shares[worst] > MAX_NEGATIVE_CELLS:
        names = " and ".join(counts.names[i] for i in counts.pairs[worst])
        raise DataError(
            f"{shares[worst]:.1%} of the weight of {names}, value by value of the third variable, lies in cells whose "
            f"weights sum to less than nothing; allowed: at most {MAX_NEGATIVE_CELLS:.0%}; use more events"
        )
