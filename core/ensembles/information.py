"""The mutual information of a label and a feature by a classifier, against its exact value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from core.ensembles.results import InformationCurve
from core.errors import DataError
from core.events.toys import shifted_gaussians
from core.neural_information.config import NeuralConfig
from core.neural_information.train import estimate_neural

EPSILONS = tuple(k * 2 / 9 for k in range(10))


def exact_information(epsilon: float) -> float:
    """Compute I(X;Y) of a label y = ±1 at even odds and x ~ N(yε, 1): log 2 - E[log(1 + e^(-2εx))] over x ~ N(ε, 1).

    Args:
        epsilon: ε, 0 or more.

    Returns:
        The information in nats, by Gauss-Hermite quadrature of 128 points.

    Example:
        >>> [f"{exact_information(epsilon):.4f}" for epsilon in (2 / 9, 8 / 9, 2)]
        ['0.0241', '0.2859', '0.6327']
    """
    if not epsilon >= 0:
        raise DataError(f"ε is {epsilon}; allowed: 0 or more")
    nodes, weights = np.polynomial.hermite_e.hermegauss(128)
    mean = weights @ np.logaddexp(0, -2 * epsilon * (nodes + epsilon)) / weights.sum()
    return float(np.log(2) - mean)


def information_curve(
    n: int,
    *,
    seed: int,
    epsilons: Sequence[float] = EPSILONS,
    estimator: str = "classifier_bce",
    config: NeuralConfig | None = None,
    device: torch.device | None = None,
) -> Iterator[InformationCurve]:
    """Estimate I(X;Y) of a label y = ±1 and x ~ N(yε, 1) for several ε by a classifier of joint against shuffled pairs.

    I = E_joint[ln f], f being the ratio p(x, y)/(p(x) p(y)) that the classifier learns.

    Args:
        n: events at each ε.
        seed: of the events and the trainings.
        epsilons: values of ε.
        estimator: name of a registered neural estimator.
        config: of each training; None takes a short one.
        device: where to train; None takes the CPU.

    Yields:
        The curve so far, after each ε.

    Raises:
        DataError: ε or n is out of range, or too few events.

    References:
        Nachman, Thaler 2021 (2101.07263).
    """
    config = config or NeuralConfig(hidden=(32, 32), epochs=12)
    points: list[tuple[float, float, float, float]] = []
    for k, epsilon in enumerate(epsilons):
        events = shifted_gaussians(n, epsilon, np.random.default_rng((seed, k)))
        x, y = events["x"], events["label"]
        found = estimate_neural(x, y, estimator, seed=seed, config=config, device=device)
        points.append((epsilon, found.value, found.error, exact_information(epsilon)))
        yield InformationCurve(*np.array(points).T)
