"""Where two variables share information: one pair, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.events.table import Column, EventClass, EventTable
from core.information.correlation import pearson
from core.information.counts import count_pairs
from core.information.estimate import estimator_words, pair_information
from core.information.measures import (
    density,
    informational_correlation,
    mutual_information,
    pointwise_mutual_information,
)
from core.information.quantise import Bins, Codes, Rule, quantise
from core.information.rank_correlation import rank_correlation
from core.information.selection import select

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PointwiseMeasure:
    """Describe one way to say how often the values of a cell meet, compared with chance.

    Args:
        title: what a menu shows.
        unit: "nats", or empty for a ratio.
        is_signed: whether zero is chance and values lie on both sides of it.
        definition: one sentence for hovers.
    """

    title: str
    unit: str
    is_signed: bool
    definition: str


POINTWISE: dict[str, PointwiseMeasure] = {
    "npmi": PointwiseMeasure(
        "NPMI", "", True, "NPMI = PMI / (−log p(x,y)): from −1 (never together) over 0 (chance) to 1 (only together)."
    ),
    "pmi": PointwiseMeasure(
        "PMI", "nats", True, "PMI = log p(x,y) / (p(x) p(y)): its mean over events is the mutual information."
    ),
    "ppmi": PointwiseMeasure("PPMI", "nats", False, "PPMI = max(PMI, 0): only where values attract each other."),
    "pmi2": PointwiseMeasure(
        "PMI²", "nats", False, "PMI² = log p(x,y)² / (p(x) p(y)): at most 0, and rare cells no longer stand out."
    ),
}


@dataclass(frozen=True)
class Axis:
    """Describe the cells along one variable.

    Args:
        column: name, symbol and unit.
        edges: shape (n + 1,), the boundaries of the n cells in the variable's unit, outermost at its finite ends.
        labels: what each cell holds, such as "80.1 to 82.4" or "3"; "missing" after them where values are NaN.
        discrete: whether each cell holds a single value.
    """

    column: Column
    edges: Floats
    labels: tuple[str, ...]
    discrete: bool

    @property
    def has_missing(self) -> bool:
        """Return whether the last cell holds the events without a value."""
        return len(self.labels) == len(self.edges)


@dataclass(frozen=True)
class PairMap:
    """Hold the information of one pair cell by cell. Maps are (n_x, n_y), NaN in empty cells; entropies in nats.

    Args:
        x: cells along the first axis of the maps.
        y: cells along the second axis.
        event_class: the events counted.
        n_events: number of events.
        n_effective: N_eff = (Σw)²/Σw².
        bins: B.
        estimator: how the estimates were made, in words.
        density: p(x,y), summing to one.
        pmi: log p(x,y)/(p(x)p(y)) in nats: above zero where values come together more often than by chance.
        npmi: pmi / -log p(x,y), from -1 to 1.
        mi: I(X;Y).
        mi_error: its standard error.
        entropy_x: H(X).
        entropy_y: H(Y).
        joint_entropy: H(X,Y).
        x_given_y_error: standard error of H(X|Y), to first order, the cells held fixed.
        y_given_x_error: standard error of H(Y|X).
        pearson: Pearson's correlation; NaN beside a constant.
        spearman: Spearman's correlation of the codes; NaN beside a constant.
        r_i: √(1 - exp(-2I)).
        null_level: what the uncorrected estimate of I gives for independent variables.
        negative_cells: share of the weight that lies in cells whose weights sum to less than nothing.
    """

    x: Axis
    y: Axis
    event_class: EventClass
    n_events: int
    n_effective: float
    bins: int
    estimator: str
    density: Floats
    pmi: Floats
    npmi: Floats
    mi: float
    mi_error: float
    entropy_x: float
    entropy_y: float
    joint_entropy: float
    x_given_y_error: float
    y_given_x_error: float
    pearson: float
    spearman: float
    r_i: float
    null_level: float
    negative_cells: float

    @property
    def ppmi(self) -> Floats:
        """Return max(pmi, 0)."""
        return np.maximum(self.pmi, 0.0)

    def pmi_k(self, k: int) -> Floats:
        """Return pmi^k = log p(x,y)^k/(p(x)p(y)) in nats: the larger k, the less rare cells stand out.

        Raises:
            DataError: k is below 1.
        """
        if k < 1:
            raise DataError(f"pmi^k with k = {k}; allowed: 1 or more")
        return pointwise_mutual_information(np.nan_to_num(self.density), k)

    def pointwise(self, name: str) -> Floats:
        """Return the map of a measure in ``POINTWISE``.

        Raises:
            DataError: there is no such measure.
        """
        if name not in POINTWISE:
            raise DataError(f"unknown pointwise measure {name!r}; allowed: {', '.join(POINTWISE)}")
        values: Floats = self.pmi_k(2) if name == "pmi2" else getattr(self, name)
        return values

    @property
    def x_given_y(self) -> float:
        """Return H(X|Y) = H(X,Y) - H(Y)."""
        return self.joint_entropy - self.entropy_y

    @property
    def y_given_x(self) -> float:
        """Return H(Y|X) = H(X,Y) - H(X)."""
        return self.joint_entropy - self.entropy_x


def pair_map(
    table: EventTable,
    x: str,
    y: str,
    *,
    bins: int = 32,
    rule: Rule = "equal_frequency",
    event_class: EventClass = "all",
) -> PairMap:
    """Map where two variables share information; totals carry the Miller-Madow correction.

    Args:
        table: the events.
        x: the variable along the first axis.
        y: the variable along the second axis.
        bins: B, the largest number of cells along an axis, 2 to 255.
        rule: where the boundaries of the cells lie.
        event_class: "all", "signal" or "background".

    Returns:
        The maps and totals of the pair.

    Raises:
        DataError: columns, weights, class or bins that cannot be used, or too much weight in negative cells.

    Example:
        >>> table = EventTable("toy", {"x": np.array([0, 0, 1, 1]), "y": np.array([0, 0, 1, 1])})
        >>> pair_map(table, "x", "y").npmi
        array([[ 1., nan],
               [nan,  1.]])
    """
    chosen = select(table, (x, y), event_class)
    codes = quantise(chosen.columns, bins=bins, rule=rule, weights=chosen.weights)
    counts = count_pairs(codes, chosen.weights)
    found = pair_information(counts)
    n_x, n_y = codes.n_bins
    sum_w, sum_w2 = counts.sum_w[0, :n_x, :n_y], counts.sum_w2[0, :n_x, :n_y]
    p = density(sum_w)
    pmi = pointwise_mutual_information(p)
    mi, joint = mutual_information(found.entropies), float(found.entropies.joint[0])
    if min(n_x, n_y) == 1:  # a constant shares nothing, not even what rounding leaves
        mi, joint = np.zeros(1), float(found.entropies.x[0] + found.entropies.y[0])
    axes = [_axis(table.describe(name), values, codes, i) for i, (name, values) in enumerate(chosen.columns.items())]
    return PairMap(
        x=axes[0],
        y=axes[1],
        event_class=event_class,
        n_events=chosen.n_events,
        n_effective=counts.n_effective,
        bins=bins,
        estimator=estimator_words(bins, rule, "miller_madow"),
        density=np.where(p > 0, p, np.nan),
        pmi=pmi,
        npmi=_normalised(pmi, p),
        mi=float(mi[0]),
        mi_error=float(found.error[0]),
        entropy_x=float(found.entropies.x[0]),
        entropy_y=float(found.entropies.y[0]),
        joint_entropy=joint,
        x_given_y_error=_conditional_error(sum_w, sum_w2, 0),
        y_given_x_error=_conditional_error(sum_w, sum_w2, 1),
        pearson=float(pearson(list(chosen.columns.values()), chosen.weights)[0, 1]),
        spearman=float(rank_correlation(counts, [each.n_codes for each in codes.bins])[0, 1]),
        r_i=float(informational_correlation(mi)[0]),
        null_level=float(found.null_level[0]),
        negative_cells=float(found.negative_cells[0]),
    )


def _normalised(pmi: Floats, p: Floats) -> Floats:
    """Return pmi / -log p; NaN in empty cells, and 1 in a cell that holds all events."""
    surprise = -np.log(np.where(p > 0, p, np.nan))
    return np.divide(pmi, surprise, out=np.where(p > 0, 1.0, np.nan), where=surprise > 0)


def _conditional_error(sum_w: NDArray[Any], sum_w2: NDArray[Any], unknown: int) -> float:
    """Estimate the standard error of H(unknown axis|other) from √(Σ_cells Σw²_cell (h_cell - H)²) / Σw.

    h = -log p(x,y) / p(other) is what an event of the cell adds to H.
    """
    p = density(sum_w)
    given = np.broadcast_to(p.sum(axis=unknown, keepdims=True), p.shape)
    surprise = -np.log(np.divide(p, given, out=np.ones_like(p), where=p > 0))
    deviation = np.where(p > 0, surprise - (p * surprise).sum(), 0.0)
    return float(np.sqrt((sum_w2 * deviation**2).sum()) / np.asarray(sum_w, np.float64).sum())


def _axis(column: Column, values: NDArray[Any], codes: Codes, row: int) -> Axis:
    """Describe the cells of one variable."""
    bins = codes.bins[row]
    missing = ("missing",) if codes.n_bins[row] > bins.n_codes else ()
    edges = cell_edges(values, bins)
    if bins.values is not None:
        labels = tuple(f"{value:.6g}" for value in bins.values) or ("none",)
        return Axis(column, edges.astype(np.float64), labels + missing, discrete=True)
    labels = tuple(_range_words(low, high) for low, high in pairwise(edges))
    return Axis(column, edges.astype(np.float64), labels + missing, discrete=False)


def cell_edges(values: NDArray[Any], bins: Bins) -> NDArray[Any]:
    """Return the boundaries of the cells of one variable with outermost ones, shape (n_codes + 1,).

    Those are the smallest and largest finite value, or for a discrete variable as far out as the next ones are.
    """
    if bins.values is not None:
        return _edges_around(bins)
    finite = values[np.isfinite(values)]
    return np.concatenate([[finite.min()], bins.boundaries, [finite.max()]])


def _range_words(low: np.floating[Any], high: np.floating[Any]) -> str:
    """Return what lies from one edge to the next: a single value where nothing fits between them."""
    if np.nextafter(low, high) == high:
        return f"{low:.6g}"
    start = low if abs(low) > np.finfo(low.dtype).tiny else 0.0  # the next number after a point mass at zero
    return f"{start:.4g} to {high:.4g}"


def _edges_around(bins: Bins) -> Floats:
    """Return the boundaries of a discrete variable with outermost ones as far from its values as the next ones are."""
    values = np.asarray(bins.values, np.float64)
    inner = bins.boundaries.astype(np.float64)
    if not len(inner):
        return np.array([-0.5, 0.5]) + (values[0] if len(values) else 0.0)
    return np.concatenate([[2 * values[0] - inner[0]], inner, [2 * values[-1] - inner[-1]]])
