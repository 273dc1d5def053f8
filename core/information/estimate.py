"""From counts to estimates: entropies and mutual information of pairs, with their errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.information.counts import PairCounts, count_pairs
from core.information.measures import (
    Entropies,
    entropies,
    mutual_information,
    mutual_information_error,
    negative_cells,
)
from core.information.quantise import Rule, quantise

Correction = Literal["miller_madow", "none"]
Floats = NDArray[np.float64]

MAX_NEGATIVE_CELLS = 0.05


@dataclass(frozen=True)
class PairInformation:
    """Hold the information of n_pairs pairs; all arrays have shape (n_pairs,).

    Args:
        entropies: H(X), H(Y) and H(X,Y) in nats.
        error: standard error of the mutual information in nats.
        negative_cells: share of the weight that lies in cells whose weights sum to less than nothing.
        null_level: (m_x - 1)(m_y - 1) / 2N_eff in nats, what the plug-in estimate gives for independent variables.
    """

    entropies: Entropies
    error: Floats
    negative_cells: Floats
    null_level: Floats


@dataclass(frozen=True)
class Estimate:
    """Hold one estimate of a mutual information in nats.

    Args:
        value: the estimate; may be slightly below zero for independent variables.
        error: its standard error.
        n_effective: N_eff = (Σw)²/Σw².
        estimator: how it was made, in words.
    """

    value: float
    error: float
    n_effective: float
    estimator: str

    @property
    def low(self) -> float:
        """Return the value one standard error below."""
        return self.value - self.error

    @property
    def high(self) -> float:
        """Return the value one standard error above."""
        return self.value + self.error


def estimate_mi(
    x: NDArray[Any],
    y: NDArray[Any],
    *,
    weights: NDArray[np.float64] | None = None,
    bins: int = 32,
    rule: Rule = "equal_frequency",
    correction: Correction = "miller_madow",
) -> Estimate:
    """Estimate the mutual information I(X;Y) of two variables.

    Args:
        x: values, shape (n,).
        y: values, shape (n,).
        weights: event weights, shape (n,), of any sign; None weighs every event 1.
        bins: B, the largest number of codes of a variable.
        rule: where the boundaries of the codes lie.
        correction: "miller_madow" removes the bias (right for N_eff ≥ 10 B²), "none" leaves it.

    Returns:
        The estimate in nats.

    Raises:
        DataError: values or weights that cannot be used, or too much weight in negative cells.

    Example:
        >>> x = np.arange(1000) % 2
        >>> round(estimate_mi(x, 1 - x, correction="none").value, 4)
        0.6931
    """
    counts = count_pairs(quantise({"x": x, "y": y}, bins=bins, rule=rule, weights=weights), weights)
    found = pair_information(counts, correction)
    value = float(mutual_information(found.entropies)[0])
    return Estimate(value, float(found.error[0]), counts.n_effective, estimator_words(bins, rule, correction))


def pair_information(counts: PairCounts, correction: Correction = "miller_madow") -> PairInformation:
    """Compute the entropies, errors and null levels of every counted pair, then of every variable with itself.

    Args:
        counts: the joint tables of k variables.
        correction: "miller_madow" or "none".

    Returns:
        k(k-1)/2 + k pairs: those of ``counts.pairs``, then (0, 0) … (k-1, k-1), for which I(X;X) = H(X).

    Raises:
        DataError: an unknown correction, weights that sum to nothing, or too much weight in negative cells.
    """
    if correction not in get_args(Correction):
        raise DataError(f"unknown correction {correction!r}; allowed: {', '.join(get_args(Correction))}")
    counts = counts.with_selves()
    sum_w, sum_w2 = counts.sum_w, counts.sum_w2
    n_effective = counts.n_effective
    found = entropies(sum_w, n_effective if correction == "miller_madow" else None)
    negative = negative_cells(sum_w)
    _refuse_negative(negative, counts)
    occupied = [np.count_nonzero(sum_w2.any(axis=axis), axis=-1) for axis in (-1, -2)]
    return PairInformation(
        entropies=found,
        error=mutual_information_error(sum_w, sum_w2),
        negative_cells=negative,
        null_level=np.asarray((occupied[0] - 1) * (occupied[1] - 1) / (2 * n_effective)),
    )


def estimator_words(bins: int, rule: Rule, correction: Correction) -> str:
    """Return how an estimate was made, such as "binned equal-frequency, B = 32, Miller-Madow"."""
    corrected = "Miller-Madow" if correction == "miller_madow" else "plug-in"
    return f"binned {rule.replace('_', '-')}, B = {bins}, {corrected}"


def _refuse_negative(shares: Floats, counts: PairCounts) -> None:
    worst = int(shares.argmax())
    if shares[worst] > MAX_NEGATIVE_CELLS:
        names = " and ".join(dict.fromkeys(counts.names[i] for i in counts.pairs[worst]))
        raise DataError(
            f"{shares[worst]:.1%} of the weight of {names} lies in cells whose weights sum to less than nothing; "
            f"allowed: at most {MAX_NEGATIVE_CELLS:.0%}; use fewer bins or more events"
        )
