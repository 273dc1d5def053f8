"""Toy events whose true answers are known."""

from __future__ import annotations

import numpy as np

from core.errors import DataError
from core.events.table import Column, EventTable, Roles


def gaussian_pair(n: int, rho: float, rng: np.random.Generator) -> EventTable:
    """Draw two standard normal variables of correlation ρ.

    Truth: I(X;Y) = -½ log(1 - ρ²) nats, and the informational correlation sqrt(1 - exp(-2I)) is |ρ|.

    Args:
        n: number of events.
        rho: correlation, between -1 and 1, both excluded.
        rng: source of randomness.

    Returns:
        Columns x and y, both features.

    Raises:
        DataError: n or rho is out of range.

    Example:
        >>> gaussian_pair(100, 0.8, np.random.default_rng(1)).n_events
        100
    """
    _require_events(n)
    if not -1 < rho < 1:
        raise DataError(f"correlation is {rho}; allowed: between -1 and 1, both excluded")
    x, noise = rng.standard_normal((2, n))
    columns = {"x": x, "y": rho * x + np.sqrt(1 - rho**2) * noise}
    return EventTable(f"Gaussian pair, ρ = {rho:g}", columns, Roles(features=("x", "y")))


def shifted_gaussians(n: int, epsilon: float, rng: np.random.Generator) -> EventTable:
    """Draw a label y = ±1, each with probability ½, and x ~ N(yε, 1).

    Truth: I(X;Y) = log 2 - E[log(1 + exp(-2εx))] over x ~ N(ε, 1), in nats: 0 at ε = 0, .0241 at 2/9, .2859
    at 8/9, .5427 at 14/9 and .6327 at 2. The best classifier is x itself, of AUC Φ(√2 ε).

    Args:
        n: number of events.
        epsilon: half the distance of the means, in standard deviations; 0 or more.
        rng: source of randomness.

    Returns:
        Columns x (feature) and label (-1 or 1).

    Raises:
        DataError: n or epsilon is out of range.

    References:
        B. Nachman and J. Thaler 2021, arXiv:2101.07263, for the label and its likelihood ratio.
    """
    _require_events(n)
    if epsilon < 0:
        raise DataError(f"shift is {epsilon}; allowed: 0 or more")
    label = rng.choice(np.array([-1, 1], dtype=np.int8), n)
    columns = {"x": epsilon * label + rng.standard_normal(n), "label": label}
    return EventTable(f"shifted Gaussians, ε = {epsilon:g}", columns, Roles(features=("x",), label="label"))


def sculpting_toy(n: int, rng: np.random.Generator) -> EventTable:
    """Draw a signal peak on a falling background, with one feature that knows the mass and one that does not.

    Half of the events are signal. Mass m: signal N(80, 8) GeV; background 50 GeV + exponential of mean 60 GeV.
    Features: ``proxy`` = m/10 GeV + N(0, 1) in both classes; ``clean`` ~ N(±½, 1), + for signal.

    Truth: given m, proxy says nothing of the class, so a classifier that uses it finds the peak and sculpts
    the background into one. The score that is clean alone has AUC Φ(1/√2) = .760, an efficiency flat in m and
    I(clean; m | background) = 0.

    Args:
        n: number of events.
        rng: source of randomness.

    Returns:
        Columns proxy and clean (features), m (protected) and label.

    Raises:
        DataError: n is below 1.
    """
    _require_events(n)
    label = (np.arange(n) % 2).astype(np.int8)
    m = np.where(label == 1, rng.normal(80.0, 8.0, n), 50.0 + rng.exponential(60.0, n))
    columns = {
        "proxy": m / 10 + rng.standard_normal(n),
        "clean": label - 0.5 + rng.standard_normal(n),
        "m": m,
        "label": label,
    }
    roles = Roles(features=("proxy", "clean"), label="label", protected=("m",))
    described = {"m": Column("m", "m", "GeV", "mass: a peak at 80 GeV for signal, falling for background")}
    return EventTable("sculpting toy", columns, roles, described)


def _require_events(n: int) -> None:
    if n < 1:
        raise DataError(f"number of events is {n}; allowed: 1 or more")
