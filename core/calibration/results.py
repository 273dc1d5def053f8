"""What calibrations reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.results import Array, Estimate, Number


@dataclass(frozen=True)
class Closure:
    """Say how one calibration does on events of one test spectrum. Arrays have shape (n_bins,), NaN without events.

    Bins hold events by their truth z, save those of ``by_estimate``, which hold them by ẑ. Given z, what is measured
    does not depend on the spectrum, so that a calibration without a prior is flat in bins of z under every test
    spectrum; one by the mean squared error is flat in bins of ẑ, under its own training spectrum only.

    Args:
        method: name of the method.
        title: what a legend shows of it.
        train: name of the training spectrum.
        test: name of the test spectrum.
        variable: name of the component of the truth.
        bins: edges, in units of z, shape (n_bins + 1,).
        n_effective: N_eff of each bin.
        bias: mean of ẑ - z.
        bias_error: its standard error.
        median: median of ẑ - z.
        ratio: mean of ẑ/z; NaN everywhere when z is not positive for all events.
        ratio_error: its standard error.
        resolution: standard deviation of ẑ - z.
        resolution_error: its standard error.
        pull_mean: mean of (ẑ - z)/σ; NaN for a method that predicts no σ, as are the next four.
        pull_width: standard deviation of (ẑ - z)/σ: 1 where the predicted σ is right.
        pull_width_error: its standard error.
        predicted: root mean square of the predicted σ.
        by_estimate: mean of ẑ - z in the same bins of ẑ; never NaN for want of a σ.
        by_estimate_error: its standard error.
        exact: mean of ẑ_exact - z of the same events, where the exact answer is known; otherwise NaN.
        bulk: ends of the truths that the training covers well: the central 90 % of its spectrum, and two resolutions
            away from its ends, so that ẑ stays one away.
        bulk_bias: mean of ẑ - z in the bulk.
        bulk_resolution: standard deviation of ẑ - z in the bulk.
        bulk_pull_width: standard deviation of (ẑ - z)/σ in the bulk.
        bulk_ratio: mean of ẑ/z in the bulk.
    """

    method: str
    title: str
    train: str
    test: str
    variable: str
    bins: Array
    n_effective: Array
    bias: Array
    bias_error: Array
    median: Array
    ratio: Array
    ratio_error: Array
    resolution: Array
    resolution_error: Array
    pull_mean: Array
    pull_width: Array
    pull_width_error: Array
    predicted: Array
    by_estimate: Array
    by_estimate_error: Array
    exact: Array
    bulk: tuple[Number, Number]
    bulk_bias: Estimate
    bulk_resolution: Estimate
    bulk_pull_width: Estimate
    bulk_ratio: Estimate

    @property
    def in_bulk(self) -> NDArray[np.bool_]:
        """Return which bins lie in the bulk, shape (n_bins,)."""
        return np.asarray((self.bins[:-1] >= self.bulk[0]) & (self.bins[1:] <= self.bulk[1]) & np.isfinite(self.bias))

    @property
    def worst_bias(self) -> float:
        """Return the largest abs(mean of ẑ - z) of the bins in the bulk; NaN without bins."""
        found = np.abs(self.bias[self.in_bulk])
        return float(found.max()) if len(found) else float("nan")

    @property
    def worst_ratio(self) -> float:
        """Return the largest abs(mean of ẑ/z - 1) of the bins in the bulk; NaN without bins or for z of both signs."""
        found = np.abs(self.ratio[self.in_bulk] - 1)
        return float(found.max()) if len(found) else float("nan")


@dataclass(frozen=True)
class Shift:
    """Say how far a calibration moves when its training spectrum changes; 0 without a prior.

    Args:
        method: name of the method.
        title: what a legend shows of it.
        first: name of one training spectrum.
        second: name of another.
        test: spectrum of the events that both calibrate.
        variable: name of the component of the truth.
        bins: edges in z, shape (n_bins + 1,).
        difference: mean of ẑ(second) - ẑ(first) in each bin, shape (n_bins,).
        error: its standard error over the events, shape (n_bins,); it does not know the trainings' own.
        exact: the same of the exact answers; NaN where they are not known.
        bulk: where both trainings cover the truth well.
        mean: mean difference in the bulk.
    """

    method: str
    title: str
    first: str
    second: str
    test: str
    variable: str
    bins: Array
    difference: Array
    error: Array
    exact: Array
    bulk: tuple[Number, Number]
    mean: Estimate


@dataclass(frozen=True)
class Profile:
    """Hold ẑ(x) of one calibration of a single feature and a single truth, on a grid, shape (n_points,) each.

    Args:
        method: name of the method.
        title: what a legend shows of it.
        train: name of the training spectrum.
        x: the feature.
        estimate: ẑ(x).
        sigma: predicted σ(x); NaN for a method that has none.
        exact: the exact answer of this method; NaN where it is not known.
        exact_sigma: the exact σ of the measurement; NaN where it is not known.
        bulk: the central 90 % of the truths of the training, and one resolution away from their ends.
    """

    method: str
    title: str
    train: str
    x: Array
    estimate: Array
    sigma: Array
    exact: Array
    exact_sigma: Number
    bulk: tuple[Number, Number]

    @property
    def in_bulk(self) -> NDArray[np.bool_]:
        """Return which points lie in the bulk, shape (n_points,)."""
        return np.asarray((self.x >= self.bulk[0]) & (self.x <= self.bulk[1]))

    @property
    def worst(self) -> float:
        """Return the largest abs(ẑ - exact) in the bulk; NaN where the exact answer is not known."""
        found = np.abs(self.estimate - self.exact)[self.in_bulk]
        return float(found.max()) if len(found) else float("nan")


@dataclass(frozen=True)
class Information:
    """Hold what the features know of the truth, by the bound of a calibration on events it did not learn from.

    Args:
        method: name of the method.
        title: what a legend shows of it.
        train: name of the spectrum, of its training and of the events that judge it.
        estimate: I(x; z) in nats.
        exact: the exact one in nats; NaN where it is not known.
    """

    method: str
    title: str
    train: str
    estimate: Estimate
    exact: Number


@dataclass(frozen=True)
class Truths:
    """Hold how a component of the truth is distributed under one spectrum.

    Args:
        spectrum: its name.
        variable: name of the component.
        n_events: events with a positive weight, of those judged.
        n_effective: their N_eff.
        bins: edges in z, shape (n_bins + 1,).
        share: share of the weight in each bin, shape (n_bins,).
    """

    spectrum: str
    variable: str
    n_events: int
    n_effective: Number
    bins: Array
    share: Array


@dataclass(frozen=True)
class CalibrationView:
    """Hold all that a page draws of calibrations side by side.

    Args:
        variables: names of the components of the truth.
        train: names of the training spectra.
        test: names of the test spectra.
        n_events: events judged.
        spectra: of all spectra and components.
        closures: of all methods, training and test spectra and components.
        shifts: from the first training spectrum to each other one; empty when there is one.
        profiles: ẑ(x) where there is a single feature and a single truth.
        information: of the methods that know it.
    """

    variables: tuple[str, ...]
    train: tuple[str, ...]
    test: tuple[str, ...]
    n_events: int
    spectra: tuple[Truths, ...]
    closures: tuple[Closure, ...]
    shifts: tuple[Shift, ...]
    profiles: tuple[Profile, ...]
    information: tuple[Information, ...]

    def headline(self) -> dict[str, float]:
        """Return the figures that tables and the command line show, of the first component of the truth."""
        figures: dict[str, float] = {}
        for each in self.closures:
            if each.variable == self.variables[0]:
                key = f"{each.method}_{each.train}_{each.test}"
                figures |= {f"bias_{key}": each.bulk_bias.value, f"resolution_{key}": each.bulk_resolution.value}
                if np.isfinite(each.bulk_pull_width.value):
                    figures[f"pull_width_{key}"] = each.bulk_pull_width.value
        for shift in self.shifts:
            if shift.variable == self.variables[0]:
                figures[f"shift_{shift.method}_{shift.first}_{shift.second}_{shift.test}"] = shift.mean.value
        return figures | {f"information_{each.method}_{each.train}": each.estimate.value for each in self.information}
