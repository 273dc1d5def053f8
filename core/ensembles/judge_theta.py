"""The judgement of estimates of θ: bias, resolution, closure, and how far the ways differ."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.ensembles.config import RegressionConfig
from core.ensembles.results import EnsembleView, Regressed, RegressionView
from core.ensembles.theta_sets import ThetaSets
from core.ensembles.ways import WAYS
from core.results import Estimate

BINS, DRAWN = 20, 1000


def judge_theta(estimates: Mapping[str, Tensor], sets: ThetaSets, config: RegressionConfig) -> EnsembleView:
    """Compare estimates of θ with its true value and with one another.

    Args:
        estimates: name of the way → θ̂ of each set, shape (n_sets,).
        sets: the sets they are of; with the exact estimator where it is known, which is cut to the range of θ.
        config: names the parameter.

    Returns:
        Bias and resolution with standard errors, the closure in bins of θ, and evenly chosen sets for drawing.
    """
    theta = sets.theta.cpu().numpy()
    found = {name: values.double().cpu().numpy() for name, values in estimates.items()}
    titles = dict(WAYS)
    if len(sets.truth):
        titles["exact"] = "Exact maximum likelihood"
        found["exact"] = np.clip(sets.truth.cpu().numpy(), theta.min(), theta.max())
    bins = np.linspace(theta.min(), theta.max(), BINS + 1)
    differences = np.array([[_root_mean_square(a - b)[0] for b in found.values()] for a in found.values()])
    view = RegressionView(
        config.parameter,
        sets.size,
        len(theta),
        theta[:: -(-len(theta) // DRAWN)],
        bins,
        tuple(_judged(name, titles[name], values, theta, bins) for name, values in found.items()),
        differences,
    )
    return EnsembleView(sets.size, len(theta), float(len(theta)), regression=view)


def _judged(
    name: str, title: str, estimates: NDArray[np.float64], theta: NDArray[np.float64], bins: NDArray[np.float64]
) -> Regressed:
    away = estimates - theta
    place = np.clip(np.searchsorted(bins, theta, side="right") - 1, 0, len(bins) - 2)
    counts, sums, squares = (np.bincount(place, w, len(bins) - 1) for w in (np.ones_like(away), away, away**2))
    with np.errstate(invalid="ignore", divide="ignore"):
        closure = sums / counts
        error = np.sqrt(np.maximum(squares / counts - closure**2, 0) / (counts - 1))
    value, spread = _root_mean_square(away)
    return Regressed(
        name,
        title,
        estimates[:: -(-len(theta) // DRAWN)],
        Estimate(float(away.mean()), float(away.std() / np.sqrt(len(away)))),
        Estimate(value, spread),
        closure,
        error,
    )


def _root_mean_square(away: NDArray[np.float64]) -> tuple[float, float]:
    """Return the root mean square and its standard error."""
    squares = away**2
    value = float(np.sqrt(squares.mean()))
    return value, float(squares.std() / np.sqrt(len(away)) / (2 * value)) if value > 0 else 0.0
