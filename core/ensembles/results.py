"""What trainings on sets of events reach."""

from __future__ import annotations

from dataclasses import dataclass

from core.evaluation.roc import RocCurve
from core.results import Array, Estimate, Number


@dataclass(frozen=True)
class Curve:
    """Say how well one classifier tells single events, or sets of events, of two classes apart.

    Args:
        name: of the construction; "exact" for the likelihood ratio itself.
        symbol: how it is written, with the size, such as "f_1→3".
        title: what a legend shows.
        size: events that are judged together: 1 or N.
        auc: area under the ROC curve; the error is the spread over bootstrap replicas of the sets.
        behind: AUC of the product (of f_1 for single events) minus this one, with the error of the difference.
        roc: the curve.
    """

    name: str
    symbol: str
    title: str
    size: int
    auc: Estimate
    behind: Estimate
    roc: RocCurve


@dataclass(frozen=True)
class Regressed:
    """Hold the estimates of θ that one way of regression makes.

    Args:
        name: of the way.
        title: what a legend shows.
        estimates: θ̂ of the drawn sets, shape (n_drawn,).
        bias: mean of θ̂ - θ over all judged sets.
        resolution: root mean square of θ̂ - θ over all judged sets.
        closure: mean of θ̂ - θ in each bin of θ, shape (n_bins,); NaN where there is no set.
        closure_error: its standard error, shape (n_bins,).
    """

    name: str
    title: str
    estimates: Array
    bias: Estimate
    resolution: Estimate
    closure: Array
    closure_error: Array


@dataclass(frozen=True)
class RegressionView:
    """Compare ways to estimate a parameter θ from sets of N events.

    Args:
        parameter: name of θ.
        size: N.
        n_sets: sets judged.
        drawn: θ of the sets whose estimates are kept for drawing, shape (n_drawn,).
        bins: edges of the bins of θ, shape (n_bins + 1,).
        ways: the four regressions; a fifth one named "exact" where the best estimator is known.
        differences: root mean square of the difference of each pair of ways, in units of θ, shape (n_ways, n_ways).
    """

    parameter: str
    size: int
    n_sets: int
    drawn: Array
    bins: Array
    ways: tuple[Regressed, ...]
    differences: Array

    def headline(self) -> dict[str, float]:
        """Return the figures that tables and the command line show."""
        figures = {f"resolution_{way.name}": way.resolution.value for way in self.ways}
        figures |= {f"bias_{way.name}": way.bias.value for way in self.ways}
        return figures | {"largest_difference": float(self.differences.max())}


@dataclass(frozen=True)
class EnsembleView:
    """Hold all that a page draws of one training on sets.

    Args:
        size: N.
        n_sets: sets judged, of both classes.
        n_effective: their N_eff, the weight of a set being the product of its events' weights.
        curves: of single events first, then of sets; empty for a regression.
        exact: the likelihood ratio on the same events and the same sets; empty where it is not known.
        regression: the regressions of θ; None for a classification.
    """

    size: int
    n_sets: int
    n_effective: Number
    curves: tuple[Curve, ...] = ()
    exact: tuple[Curve, ...] = ()
    regression: RegressionView | None = None

    def headline(self) -> dict[str, float]:
        """Return the figures that tables and the command line show: AUCs with their errors, or the regression's."""
        if self.regression is not None:
            return self.regression.headline()
        figures: dict[str, float] = {}
        for curve in (*self.curves, *self.exact):
            key = f"auc_{curve.name}_{curve.size}"
            figures |= {key: curve.auc.value, f"{key}_error": curve.auc.error}
        return figures


@dataclass(frozen=True)
class InformationCurve:
    """Hold I(X;Y) of a label y = ±1 and x ~ N(yε, 1) against ε, in nats.

    Args:
        epsilon: half the distance of the means, in standard deviations, shape (n,).
        estimate: by a classifier of joint against shuffled pairs, shape (n,).
        error: standard errors, shape (n,).
        exact: by numerical integration, shape (n,).
    """

    epsilon: Array
    estimate: Array
    error: Array
    exact: Array
