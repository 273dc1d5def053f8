"""Which estimator suits two variables, and whether one can take them at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.errors import DataError
from core.information.estimators._normality import jointly_normal
from core.information.estimators._sample import Sample
from core.information.estimators.estimator import ESTIMATORS, Estimate, Estimator
from core.information.quantise import MAX_BINS

EVENTS_PER_CELL = 5
DISAGREEMENT = 3.0  # standard errors by which neighbours see more than another estimate
COMPARED = 100_000  # events whose neighbours are compared
COMPARED_VECTORS = 5000  # the same in several dimensions, where a tree is slow
MANY_EVENTS = 10_000  # where the adaptive partition is as accurate as neighbours
MANY_VECTORS = 20_000  # above which neighbours are near enough in several dimensions
NEIGHBOURS = 8  # in the plane, where more scatter less without losing structure
NEURAL = ("classifier", "classifier_bce", "infonce", "mine", "mine_f", "smile")
"""Estimators of ``core.neural_information``: they train a network, and only they load torch."""
FEWEST_TO_TRAIN = 200  # effective events


@dataclass(frozen=True)
class Choice:
    """Hold the name of the estimator that suits, its options, and why: what follows "because"."""

    name: str
    reason: str
    options: Mapping[str, int] = field(default_factory=dict)


def choose(sample: Sample) -> Choice:
    """Choose an estimator by weights, dimension, type and number of events, and by what a look at the events shows.

    Args:
        sample: the events.

    Returns:
        The estimator, its options and the reason.

    Example:
        >>> import numpy as np
        >>> from core.information.estimators._sample import make_sample
        >>> choose(make_sample(np.arange(100) % 2, np.arange(100) % 5, None))
        Choice(name='binned', reason='both variables are discrete', options={'bins': 255})
    """
    return _for_vectors(sample) if sample.is_vector else _for_pairs(sample)


def refuse_unsuited(name: str, estimator: Estimator, sample: Sample) -> None:
    """Refuse a sample that an estimator cannot take, in words that name those that can.

    Raises:
        DataError: weights, negative weights, missing or repeated values, several dimensions or too few events.
    """
    if sample.weights is not None and not estimator.takes_weights:
        raise DataError(f"{name} takes no event weights; {_allowed(sample)}")
    if sample.weights is not None and sample.weights.min() < 0 and not estimator.takes_negative_weights:
        negative = int((sample.weights < 0).sum())
        raise DataError(
            f"{negative:,} of {sample.n_events:,} weights are negative, which {name} does not take; {_allowed(sample)}"
        )
    if sample.is_vector and not estimator.takes_vectors:
        raise DataError(
            f"x and y have {sample.x.shape[1]} and {sample.y.shape[1]} dimensions, {name} takes one each; "
            f"{_allowed(sample)}"
        )
    if sample.n_missing and not estimator.takes_missing:
        raise DataError(
            f"{sample.n_missing:,} of {sample.n_events:,} events have a value that is NaN or infinite, which {name} "
            f"does not take; {_allowed(sample)}"
        )
    if not estimator.takes_point_masses and set(sample.kinds) != {"continuous"}:
        which = " and ".join(label for label, kind in zip("xy", sample.kinds, strict=True) if kind != "continuous")
        raise DataError(
            f"values of {which} repeat (a label, a multiplicity, -999), which {name} does not take; {_allowed(sample)}"
        )
    if sample.n_effective < estimator.least_events:
        raise DataError(f"{sample.n_effective:.3g} effective events; {name} needs at least {estimator.least_events}")


def _for_vectors(sample: Sample) -> Choice:
    if sample.weights is not None:
        return Choice("gaussian_copula", "it alone takes weights in several dimensions")
    if set(sample.kinds) != {"continuous"}:
        return Choice("mixed", "the variables have several dimensions and values that repeat")
    few = _few(sample, COMPARED_VECTORS)
    suited = not sample.n_missing and sample.n_events >= ESTIMATORS["extrapolated"].item.least_events
    if suited and jointly_normal(sample) and not _see_more(_estimate("extrapolated", few), few):
        return _normal(sample)
    reason = "the variables have several dimensions"
    if sample.n_events > MANY_VECTORS:
        return Choice("ksg1", reason)
    return Choice("extrapolated", f"{reason} and there are only {sample.n_events:,} events")


def _for_pairs(sample: Sample) -> Choice:
    kinds, n = set(sample.kinds), sample.n_events
    if kinds == {"discrete"} and _fills_cells(sample):
        return Choice("binned", "both variables are discrete", {"bins": MAX_BINS})
    if sample.n_missing:
        return Choice("adaptive", "values are missing or infinite, which have codes of their own there")
    if sample.weights is not None:
        return Choice("adaptive", "events are weighted")
    if kinds == {"continuous"}:
        return _for_continuous(sample)
    if kinds == {"discrete"} or not ESTIMATORS["mixed"].item.least_events <= n <= COMPARED:
        return Choice("adaptive", "values of a variable repeat")
    return Choice("mixed", f"values of a variable repeat and there are only {n:,} events")


def _for_continuous(sample: Sample) -> Choice:
    """Choose the copula where nothing speaks against it, else neighbours for few events and the partition for many."""
    n = sample.n_events
    if _follow(sample):
        return Choice(
            "adaptive", "one variable puts the events in the order of the other: of what has no end, it sees 255 ranks"
        )
    few_events = Choice("ksg1", f"both variables are continuous and there are only {n:,} events", {"k": NEIGHBOURS})
    if n < ESTIMATORS["ksg1"].item.least_events:
        return few_events
    few = _few(sample, COMPARED)
    nearest = _estimate("ksg1", few, k=NEIGHBOURS)
    if jointly_normal(sample) and not _see_more(nearest, few):
        return _normal(sample)
    if n < MANY_EVENTS:
        return few_events
    if nearest.value - _estimate("adaptive", sample).value > DISAGREEMENT * nearest.error:
        return Choice("ksg1", "neighbours see structure that is too fine for the adaptive partition")
    return Choice("adaptive", f"{n:,} events are enough for it, and neighbours see no finer structure")


def _normal(sample: Sample) -> Choice:
    return Choice("gaussian_copula", f"on normal scores nothing tells the {sample.n_events:,} events from normal ones")


def _see_more(nearest: Estimate, sample: Sample) -> bool:
    """Return whether neighbours see more than a normal distribution of the same correlations has."""
    return nearest.value - _estimate("gaussian_copula", sample).value > DISAGREEMENT * nearest.error


def _few(sample: Sample, most: int) -> Sample:
    """Return all events or, of many, ``most`` that are the same in every call."""
    n = sample.n_events
    return sample if n <= most else sample.take(np.random.default_rng(0).choice(n, most, replace=False))


def _estimate(name: str, sample: Sample, **options: int) -> Estimate:
    item = ESTIMATORS[name].item
    return item.estimate(sample, item.config(**options), np.random.default_rng(0))


def _fills_cells(sample: Sample) -> bool:
    """Return whether each value of two discrete variables can have a code, and events for every pair of them."""
    numbers = [len(np.unique(values)) for values in (sample.x, sample.y)]
    return max(numbers) <= MAX_BINS and numbers[0] * numbers[1] * EVENTS_PER_CELL <= sample.n_effective


def _follow(sample: Sample) -> bool:
    """Return whether each of two single variables follows from the other by a rising or a falling map."""
    steps = np.diff(sample.y[np.argsort(sample.x[:, 0], kind="stable"), 0].astype(np.float64))
    return bool((steps >= 0).all() or (steps <= 0).all())


def _allowed(sample: Sample) -> str:
    """Name the estimators that take a sample as it is, or say what is in the way of all."""
    needed = {
        "takes_weights": sample.weights is not None,
        "takes_negative_weights": sample.weights is not None and sample.weights.min() < 0,
        "takes_vectors": sample.is_vector,
        "takes_missing": sample.n_missing > 0,
        "takes_point_masses": set(sample.kinds) != {"continuous"},
    }
    found = [
        entry.name
        for entry in ESTIMATORS
        if all(getattr(entry.item, capability) for capability, is_needed in needed.items() if is_needed)
    ]
    if not (needed["takes_negative_weights"] or sample.n_missing) and sample.n_effective >= FEWEST_TO_TRAIN:
        found += NEURAL
    if found:
        return f"allowed: {', '.join(found)}"
    return "no estimator takes such variables of several dimensions; allowed there: no negative weights, no NaN"
