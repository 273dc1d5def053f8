"""Which estimator suits two variables, and whether one can take them at all."""

from __future__ import annotations

import numpy as np

from core.errors import DataError
from core.information.estimators._sample import Sample
from core.information.estimators.estimator import ESTIMATORS, Estimator
from core.information.quantise import MAX_BINS

EVENTS_PER_CELL = 5
WEAK = 0.3  # nats
DISAGREEMENT = 3.0  # standard errors
COMPARED = 100_000  # events whose neighbours are compared with the adaptive partition
MANY_EVENTS = 10_000  # where the adaptive partition is more accurate than neighbours


def choose(sample: Sample) -> tuple[str, str]:
    """Choose an estimator by weights, dimension, type and number of events.

    Args:
        sample: the events.

    Returns:
        The name of an estimator and the reason: what follows "because".

    Example:
        >>> import numpy as np
        >>> from core.information.estimators._sample import make_sample
        >>> choose(make_sample(np.arange(100) % 2, np.arange(100) % 5, None))
        ('binned', 'both variables are discrete')
    """
    return _for_vectors(sample) if sample.is_vector else _for_pairs(sample)


def refuse_unsuited(name: str, estimator: Estimator, sample: Sample) -> None:
    """Refuse a sample that an estimator cannot take, in words that name those that can.

    Raises:
        DataError: weights, negative weights, missing or repeated values, several dimensions or too few events.
    """
    if sample.weights is not None and not estimator.takes_weights:
        raise DataError(f"{name} takes no event weights; allowed: {_those('takes_weights', sample)}")
    if sample.weights is not None and sample.weights.min() < 0 and not estimator.takes_negative_weights:
        negative = int((sample.weights < 0).sum())
        raise DataError(
            f"{negative:,} of {sample.n_events:,} weights are negative, which {name} does not take; "
            f"allowed: {_those('takes_negative_weights', sample)}"
        )
    if sample.is_vector and not estimator.takes_vectors:
        raise DataError(
            f"x and y have {sample.x.shape[1]} and {sample.y.shape[1]} dimensions, {name} takes one each; "
            f"allowed: {_those('takes_vectors', sample)}"
        )
    if sample.n_missing and not estimator.takes_missing:
        raise DataError(
            f"{sample.n_missing:,} of {sample.n_events:,} events have a value that is NaN or infinite, which {name} "
            f"does not take; allowed: {_those('takes_missing', sample)}, which give NaN a code of its own"
        )
    if not estimator.takes_point_masses and set(sample.kinds) != {"continuous"}:
        which = " and ".join(label for label, kind in zip("xy", sample.kinds, strict=True) if kind != "continuous")
        raise DataError(
            f"values of {which} repeat (a label, a multiplicity, -999), which {name} does not take; "
            f"allowed: {_those('takes_point_masses', sample)}"
        )
    if sample.n_effective < estimator.least_events:
        raise DataError(f"{sample.n_effective:.3g} effective events; {name} needs at least {estimator.least_events}")


def _for_vectors(sample: Sample) -> tuple[str, str]:
    if sample.weights is not None:
        return "gaussian_copula", "it alone takes weights in several dimensions"
    if set(sample.kinds) == {"continuous"}:
        return "ksg1", "the variables have several dimensions"
    return "mixed", "the variables have several dimensions and values that repeat"


def _for_pairs(sample: Sample) -> tuple[str, str]:
    kinds = set(sample.kinds)
    if kinds == {"discrete"} and _fills_cells(sample):
        return "binned", "both variables are discrete"
    obstacles = {
        "values are missing, which have a code of their own there": sample.n_missing > 0,
        "events are weighted": sample.weights is not None,
        "values of a variable repeat": kinds != {"continuous"},
    }
    for reason, holds in obstacles.items():
        if holds:
            return "adaptive", reason
    return _for_continuous(sample)


def _for_continuous(sample: Sample) -> tuple[str, str]:
    """Choose between the adaptive partition, which scatters less, and neighbours, which see finer structure."""
    n = sample.n_events
    blocks, neighbours = (ESTIMATORS[name].item for name in ("adaptive", "ksg1"))
    if n < neighbours.least_events:
        return "ksg1", f"both variables are continuous and there are only {n:,} events"
    rng = np.random.default_rng(0)
    seen = blocks.estimate(sample, blocks.config(), rng)
    if n < MANY_EVENTS and seen.value > WEAK:
        return "ksg1", f"both variables are continuous and there are only {n:,} events"
    few = sample if n <= COMPARED else sample.take(rng.choice(n, COMPARED, replace=False))
    nearest = neighbours.estimate(few, neighbours.config(), rng)
    if nearest.value - seen.value > DISAGREEMENT * nearest.error:
        return "ksg1", "neighbours see structure that is too fine for the adaptive partition"
    if n < MANY_EVENTS:
        return "adaptive", "the dependence is weak, where it scatters less than neighbours"
    return "adaptive", f"{n:,} events are enough for it, and neighbours see no finer structure"


def _fills_cells(sample: Sample) -> bool:
    """Return whether each value of two discrete variables can have a code, and events for every pair of them."""
    numbers = [len(np.unique(values)) for values in (sample.x, sample.y)]
    return max(numbers) <= MAX_BINS and numbers[0] * numbers[1] * EVENTS_PER_CELL <= sample.n_effective


def _those(capability: str, sample: Sample) -> str:
    """Name the estimators that have a capability, and take several dimensions where they are needed."""
    found = [
        entry.name
        for entry in ESTIMATORS
        if getattr(entry.item, capability) and (entry.item.takes_vectors or not sample.is_vector)
    ]
    return ", ".join(found) or "none in several dimensions"
