"""From counts to estimates: entropies and mutual information of pairs, with their errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from core.errors import DataError
from core.information.choice import NEURAL, choose, refuse_unsuited
from core.information.counts import PairCounts
from core.information.estimators._sample import make_sample
from core.information.estimators.estimator import ESTIMATORS, Estimate, Estimator
from core.information.measures import (
    Entropies,
    entropies,
    mutual_information_error,
    negative_cells,
)
from core.information.quantise import Rule

__all__ = [
    "AUTOMATIC",
    "NEURAL",
    "Correction",
    "Estimate",
    "PairInformation",
    "estimate_mi",
    "estimator_words",
    "pair_information",
]

Correction = Literal["miller_madow", "none"]
Floats = NDArray[np.float64]
Config = TypeVar("Config", bound=BaseModel)

MAX_NEGATIVE_CELLS = 0.05
AUTOMATIC = "auto"


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


def estimate_mi(
    x: NDArray[Any],
    y: NDArray[Any],
    estimator: str = AUTOMATIC,
    weights: NDArray[np.float64] | None = None,
    *,
    seed: int = 0,
    **options: Any,
) -> Estimate:
    """Estimate the mutual information I(X;Y) of two variables.

    Args:
        x: values, shape (n,) or (n, d_x).
        y: values, shape (n,) or (n, d_y).
        estimator: a name in ``ESTIMATORS`` or of a neural one; "auto" chooses by weights, dimension, type and number
            of events, and by ``options``: those of the binned estimate mean that one.
        weights: event weights, shape (n,), of any sign; None weighs every event 1.
        seed: of the random numbers that break ties, pick subsamples or train networks.
        **options: fields of the estimator's config, such as ``bins`` or ``k``.

    Returns:
        The estimate in nats.

    Raises:
        DataError: an unknown estimator or option, values or weights that cannot be used, or that the estimator
            does not take.

    Example:
        >>> x = np.arange(1000) % 2
        >>> found = estimate_mi(x, 1 - x)
        >>> round(found.value, 2), found.estimator
        (0.69, 'binned equal-frequency, B = 255, Miller-Madow; automatic, because both variables are discrete')
    """
    sample = make_sample(x, y, weights)
    reason = ""
    if estimator == AUTOMATIC and options:
        estimator = "binned"
    elif estimator == AUTOMATIC:
        choice = choose(sample)
        estimator, reason, options = choice.name, choice.reason, dict(choice.options)
    if estimator in NEURAL:
        return _estimate_neural(x, y, estimator, weights, seed, options)
    item = estimator_named(estimator)
    config = _config(item.config, estimator, options)
    refuse_unsuited(estimator, item, sample)
    found = item.estimate(sample, config, np.random.default_rng(seed))
    return replace(found, estimator=f"{found.estimator}; automatic, because {reason}") if reason else found


def estimator_named(name: str) -> Estimator:
    """Return the registered estimator of that name.

    Raises:
        DataError: there is none; the message lists all, the neural ones too.
    """
    if name not in ESTIMATORS.names():
        raise DataError(f"unknown estimator {name!r}; allowed: {', '.join((AUTOMATIC, *ESTIMATORS.names(), *NEURAL))}")
    return ESTIMATORS[name].item


def _estimate_neural(
    x: NDArray[Any], y: NDArray[Any], name: str, weights: NDArray[Any] | None, seed: int, options: Mapping[str, Any]
) -> Estimate:
    """Hand over to the package of networks, which exploring data must not load before it is asked for."""
    neural = import_module("core.neural_information")
    config = _config(neural.NeuralConfig, name, options)
    found: Estimate = neural.estimate_neural(x, y, name, weights, seed=seed, config=config)
    return found


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


def suitable_bins(n_effective: float, most: int = 32) -> int:
    """Return the largest B ≤ ``most`` for which the Miller-Madow correction holds: N_eff ≥ 10 B², at least 4.

    An infinite weight leaves no N_eff; 4 then, since the counting says which weights it cannot use.

    Example:
        >>> suitable_bins(250), suitable_bins(2_500), suitable_bins(60_000)
        (5, 15, 32)
    """
    return int(np.clip(np.sqrt((n_effective if n_effective > 0 else 0.0) / 10), 4, most))


def estimator_words(bins: int, rule: Rule, correction: Correction) -> str:
    """Return how an estimate was made, such as "binned equal-frequency, B = 32, Miller-Madow"."""
    corrected = "Miller-Madow" if correction == "miller_madow" else "plug-in"
    return f"binned {rule.replace('_', '-')}, B = {bins}, {corrected}"


def _config(kind: type[Config], name: str, options: Mapping[str, Any]) -> Config:
    """Return the options of an estimator, checked."""
    try:
        return kind(**options)
    except ValidationError as error:
        first = error.errors()[0]
        option = first["loc"][0]
        if first["type"] == "extra_forbidden":
            allowed = ", ".join(kind.model_fields) or "none"
            raise DataError(f"{name} has no option {option!r}; allowed: {allowed}") from error
        raise DataError(f"{option} of {name} is {first['input']!r}: {first['msg'].lower()}") from error


def _refuse_negative(shares: Floats, counts: PairCounts) -> None:
    worst = int(shares.argmax())
    if shares[worst] > MAX_NEGATIVE_CELLS:
        names = " and ".join(dict.fromkeys(counts.names[i] for i in counts.pairs[worst]))
        raise DataError(
            f"{shares[worst]:.1%} of the weight of {names} lies in cells whose weights sum to less than nothing; "
            f"allowed: at most {MAX_NEGATIVE_CELLS:.0%}; use fewer bins or more events"
        )
