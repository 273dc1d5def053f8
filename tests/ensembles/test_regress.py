"""Four regressions of θ: each does what its formula says, and all four agree."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from scipy.stats import truncnorm

from core.ensembles.config import RegressionConfig
from core.ensembles.regress import conclude, fit
from core.ensembles.results import EnsembleView
from core.ensembles.theta_sets import ThetaSets
from core.ensembles.toys import gaussian_sets
from core.ensembles.ways import WAYS, OneStep, highest, posterior_mean
from core.errors import DataError
from core.events.table import EventTable, Roles
from core.learning.snapshot import Conclusion
from core.results import from_json, to_json

CPU = torch.device("cpu")
SMALL = RegressionConfig(
    set_size=25, epochs=4, hidden=(24,), latent=8, batch_size=500, train_fraction=0.6, truth="x"
)  # fmt: skip


@cache
def toy() -> EventTable:
    return gaussian_sets(3000, 25, np.random.default_rng(4))


@cache
def concluded() -> Conclusion[EnsembleView]:
    *_, last = fit(toy(), SMALL, device=CPU, seed=1)
    assert last.look().regression is not None
    return conclude(toy(), SMALL, last.save(), device=CPU, seed=1)


def test_the_four_regressions_agree() -> None:
    """They differ from one another, and from the exact estimator, by much less than all differ from the truth."""
    view = concluded().view.regression
    assert view is not None
    assert [way.name for way in view.ways] == [*WAYS, "exact"]
    for way in view.ways:
        assert way.resolution.value == pytest.approx(1 / np.sqrt(25), rel=0.12)
        assert abs(way.bias.value) < 0.04
    assert view.differences.max() < 0.5 * view.ways[-1].resolution.value


def test_a_result_goes_to_json_and_back() -> None:
    view = concluded().view
    again = from_json(EnsembleView, to_json(view))
    assert again.headline() == view.headline()
    assert set(again.headline()) >= {"resolution_one_step", "bias_posterior", "largest_difference"}
    assert again.regression is not None
    assert again.regression.differences.shape == (5, 5)


def test_every_event_is_scored_by_its_set() -> None:
    found, theta = concluded(), np.asarray(toy()["theta"])
    assert len(np.unique(found.score)) <= 3000
    assert np.corrcoef(found.score, theta)[0, 1] > 0.9
    assert set(found.split) == {0, 1, 2}
    assert all(len(set(found.split[theta == value])) == 1 for value in theta[:50])


def test_the_highest_point_and_the_posterior_mean_of_a_gaussian_are_exact() -> None:
    """Oracle: x̄ itself, and the mean of a normal that is cut to the prior's range."""
    mean, n = torch.tensor([-0.93, 0.2, 0.5], dtype=torch.float64), 30
    grid = torch.linspace(-1, 1, 201, dtype=torch.float64)
    log_likelihood = -n / 2 * (mean.unsqueeze(1) - grid) ** 2
    torch.testing.assert_close(highest(log_likelihood, grid), mean)
    sigma, centre = 1 / np.sqrt(n), mean.numpy()
    expected = truncnorm.mean((-1 - centre) / sigma, (1 - centre) / sigma, loc=centre, scale=sigma)
    np.testing.assert_allclose(posterior_mean(log_likelihood, grid), expected, atol=3e-3)


def test_the_highest_point_may_be_an_end() -> None:
    grid = torch.linspace(0, 1, 5, dtype=torch.float64)
    assert highest(torch.stack([grid, -grid]), grid).tolist() == [1, 0]


@pytest.mark.parametrize("degree", [1, 2])
def test_one_step_maximises_the_minimum_over_critics(degree: int) -> None:
    """With s = x, min_f L is -(N/2)(x̄ - θ)²: the exact log-likelihood; x² adds nothing for a Gaussian mean."""
    sets = ThetaSets.of(toy(), SMALL, CPU)
    standards = (torch.tensor([[0.0], [1.0]]), torch.tensor([0.0, 0.5]))
    way = OneStep(standards, degree)
    way.fit(sets.x, sets.theta)
    grid = torch.linspace(-1, 1, 81, dtype=torch.float64)
    found = way.objective(sets.x[:200], grid)
    if degree == 1:
        expected = -12.5 * (sets.truth[:200].unsqueeze(1) - grid) ** 2
        inner = grid.abs() < 0.8
        torch.testing.assert_close(found[:, inner], expected[:, inner], atol=0.5, rtol=0.2)
    away = highest(found, grid) - sets.truth[:200].clamp(-1, 1)
    assert float(away.square().mean().sqrt()) < 0.08


def test_sets_are_cut_from_events_in_any_order() -> None:
    shuffled = toy().take(np.random.default_rng(2).permutation(toy().n_events))
    one, other = (ThetaSets.of(events, SMALL, CPU) for events in (toy(), shuffled))
    torch.testing.assert_close(one.theta, other.theta)
    torch.testing.assert_close(one.x.sort(1).values, other.x.sort(1).values)
    np.testing.assert_array_equal(np.asarray(shuffled["theta"])[other.rows], other.theta[:, None].expand(-1, 25))


def test_unusable_events_are_refused() -> None:
    n = toy().n_events
    columns, x = dict(toy().columns), np.asarray(toy()["x"])
    weighted = Roles(features=("x",), weight="w")
    for events, config, words in (
        (toy().take(np.arange(n - 1)), SMALL, "24 events have theta = .*, they make no sets of 25"),
        (replace(toy(), columns={**columns, "theta": np.arange(n) / n}), SMALL, "1 events have theta = 0"),
        (replace(toy(), columns={**columns, "theta": np.ones(n)}), SMALL, "theta is 1 for all events"),
        (
            replace(toy(), columns={**columns, "theta": columns["theta"] * np.inf}),
            SMALL,
            "values of 'theta' are missing",
        ),
        (replace(toy(), columns={**columns, "x": np.where(x > 3, np.nan, x)}), SMALL, "values of 'x' are missing"),
        (toy(), SMALL.model_copy(update={"set_size": 100_000}), "sets of 100,000 events of a sample of 75,000"),
        (toy(), SMALL.model_copy(update={"parameter": "mass"}), "no column 'mass'"),
        (toy().with_roles(Roles(features=("theta",))), SMALL, "cannot be a feature"),
        (toy().with_roles(Roles()), SMALL, "no feature"),
        (replace(toy(), columns={**columns, "w": np.abs(x) + 1}, roles=weighted), SMALL, "the events have weights"),
        (gaussian_sets(20, 25, np.random.default_rng(1)), SMALL, "20 sets of 25 events are too few"),
    ):
        with pytest.raises(DataError, match=words):
            next(fit(events, config, device=CPU, seed=1))
