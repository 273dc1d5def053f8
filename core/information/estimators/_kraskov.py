"""What both estimators of Kraskov, Stögbauer and Grassberger share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.special import digamma

from core.errors import DataError
from core.information.estimators._neighbours import neighbours_in_plane, neighbours_in_space
from core.information.estimators._sample import Sample
from core.information.estimators._scores import ordinal_scores
from core.information.estimators.estimator import Estimate, EstimatorConfig

Floats = NDArray[np.float64]

ASSUMES = "Both variables are continuous, and their density changes little between neighbours."


class NeighbourConfig(EstimatorConfig):
    """Hold the options of an estimate from nearest neighbours."""

    k: int = Field(3, ge=1, le=100, title="Neighbours k", description="More neighbours: less scatter, more bias.")


def from_neighbours(sample: Sample, k: int, rng: np.random.Generator, *, boxes: bool) -> Estimate:
    """Estimate from the neighbours of every event, on normal scores of each component.

    The standard error is that of the mean of the events' contributions, √(1 + 1/k) larger because neighbours share
    neighbours: the scatter seen over bivariate normals.
    """
    refuse_few(sample, k)
    local = contributions(*scores_of(sample, rng), k, boxes=boxes)
    words = f"Kraskov {2 if boxes else 1}, k = {k}, on normal scores"
    return Estimate(float(local.mean()), standard_error(local, k), float(sample.n_events), words)


def scores_of(sample: Sample, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the normal scores of each component of x and y, shape (n, d_x) and (n, d_y), ties broken at random."""
    x, y = (np.column_stack([ordinal_scores(column, rng) for column in v.T]) for v in (sample.x, sample.y))
    return x, y


def contributions(x: Floats, y: Floats, k: int, *, boxes: bool) -> Floats:
    """Return what each event adds to the mean that is the estimate, shape (n,), from scores of shape (n, d)."""
    if x.shape[1] == y.shape[1] == 1:
        n_x, n_y = neighbours_in_plane(x[:, 0], y[:, 0], k, boxes=boxes)
    else:
        n_x, n_y = neighbours_in_space(x, y, k, boxes=boxes)
    if boxes:
        local = digamma(k) - 1 / k - _digamma(n_x) - _digamma(n_y)
    else:
        local = digamma(k) - _digamma(n_x + 1) - _digamma(n_y + 1)
    refuse_determined(local)
    return np.asarray(local + digamma(len(x)))


def standard_error(local: Floats, k: int) -> float:
    """Return the standard error of the mean of contributions of overlapping neighbourhoods, shape (n,)."""
    return float(local.std(ddof=1) * np.sqrt((1 + 1 / k) / len(local)))


def refuse_few(sample: Sample, k: int) -> None:
    """Refuse fewer events than neighbours.

    Raises:
        DataError: k is not less than the number of events.
    """
    if k >= sample.n_events:
        raise DataError(f"k = {k} neighbours among {sample.n_events} events; allowed: at most {sample.n_events - 1}")


def refuse_determined(local: Floats) -> None:
    """Refuse continuous variables of which each neighbour in one is a neighbour in the other.

    Raises:
        DataError: every event adds the same, shape (n,): the estimate would be a number of the events alone.
    """
    if np.ptp(local) == 0:
        raise DataError(
            "x and y follow from one another, so what they share has no end; allowed: adaptive or binned, which see "
            "ranks only, or other variables"
        )


def _digamma(numbers: NDArray[np.int64]) -> Floats:
    """Return ψ of integers by a table."""
    return np.asarray(digamma(np.arange(int(numbers.max()) + 1, dtype=np.float64))[numbers])
