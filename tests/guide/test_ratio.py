"""The likelihood ratio of one variable against its closed form."""

import numpy as np

from core.events.table import EventTable, Roles
from core.guide.ratio import likelihood_ratio


def gaussians(n: int, distance: float, rng: np.random.Generator, weights: bool = False) -> EventTable:
    """Two classes of unit variance whose means differ; weights of both signs where asked, independent of x."""
    label = np.arange(n) % 2
    columns = {"x": rng.normal(distance * label, 1.0), "label": label}
    if weights:
        columns["w"] = rng.choice([1.0, -1.0], n, p=[0.9, 0.1]) * rng.uniform(0.5, 1.5, n)
    roles = Roles(features=("x",), label="label", weight="w" if weights else None)
    return EventTable("gaussians", columns, roles)


def test_two_gaussians_have_a_linear_log_ratio(rng: np.random.Generator) -> None:
    """log N(x; d, 1)/N(x; 0, 1) = d x - d²/2."""
    ratio = likelihood_ratio(gaussians(200_000, 0.8, rng), "x")
    inner = np.linspace(-1.0, 2.0, 7)
    np.testing.assert_allclose(ratio.score(inner), 0.8 * inner - 0.32, atol=0.06)


def test_negative_weights_leave_the_ratio_unbiased(rng: np.random.Generator) -> None:
    ratio = likelihood_ratio(gaussians(200_000, 0.8, rng, weights=True), "x")
    inner = np.linspace(-1.0, 2.0, 7)
    np.testing.assert_allclose(ratio.score(inner), 0.8 * inner - 0.32, atol=0.1)


def test_the_share_of_signal_does_not_matter(rng: np.random.Generator) -> None:
    """A tenth of the signal events changes p(x|signal) by statistics alone."""
    table = gaussians(200_000, 0.8, rng)
    few = table.take(~table.is_signal | (np.arange(table.n_events) % 20 == 1))
    inner = np.linspace(-1.0, 2.0, 7)
    np.testing.assert_allclose(likelihood_ratio(few, "x").score(inner), 0.8 * inner - 0.32, atol=0.15)
