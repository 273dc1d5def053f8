"""What every registered neural estimator must do, whoever wrote it."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from core.neural_information import NEURAL_ESTIMATORS, NeuralConfig, estimate_neural, fit
from core.neural_information.scores import Scores, draw_partners, log_mean_exp

CPU = torch.device("cpu")
RHO = 0.6
estimators = pytest.mark.parametrize("name", NEURAL_ESTIMATORS.names())


def optimal_scores(name: str, n: int, k: int, seed: int, stretch: float = 1.0) -> Scores:
    """Score normal variables of correlation ρ by the exact log density ratio (plus 1 where the bound wants that)."""
    source = torch.Generator().manual_seed(seed)
    x, noise = torch.randn(2, n, generator=source, dtype=torch.float64)
    y = RHO * x + math.sqrt(1 - RHO**2) * noise

    def score(a: Tensor, b: Tensor) -> Tensor:
        quadratic = RHO * a * b - RHO**2 * (a**2 + b**2) / 2
        return stretch * (quadratic / (1 - RHO**2) - math.log(1 - RHO**2) / 2) + (name == "mine_f")

    partner = draw_partners(n, k, source)
    return Scores(score(x, y), score(x[:, None], y[partner]), torch.ones(n, dtype=torch.float64), partner)


@estimators
def test_the_exact_density_ratio_gives_the_exact_information_and_the_smallest_objective(name: str) -> None:
    kind = NEURAL_ESTIMATORS[name].item
    truth = -math.log(1 - RHO**2) / 2
    scores = optimal_scores(name, 20_000, 100, seed=1)
    assert scores.over_joint(kind.estimate(scores)[0]).item() == pytest.approx(truth, abs=0.015)
    best = kind.objective(scores, log_mean_exp)
    for stretch in (0.8, 1.25):
        assert best < kind.objective(optimal_scores(name, 20_000, 100, seed=1, stretch=stretch), log_mean_exp)


@estimators
def test_the_stated_error_is_the_spread_over_samples(name: str) -> None:
    kind = NEURAL_ESTIMATORS[name].item
    values, errors = [], []
    for seed in range(200):
        scores = optimal_scores(name, 300, 60, seed)
        terms, contributions = kind.estimate(scores)
        values.append(terms.mean().item())
        errors.append((contributions.std() / math.sqrt(300)).item())
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.2)


@estimators
@pytest.mark.parametrize(("rho", "tolerance"), [(0.0, 0.02), (0.6, 0.07), (0.9, 0.1)])
def test_bivariate_normals(name: str, rho: float, tolerance: float) -> None:
    """With 1,200 held-out events the statistical error is .02 at ρ = .6 and .03 at ρ = .9."""
    x, noise = np.random.default_rng(8).standard_normal((2, 3000))
    y = rho * x + np.sqrt(1 - rho**2) * noise
    found = estimate_neural(x, y, name, seed=4, config=NeuralConfig(epochs=20))
    assert found.value == pytest.approx(-0.5 * np.log(1 - rho**2), abs=tolerance)
    assert found.error < tolerance / 2
    assert found.n_effective == pytest.approx(1200)
    assert found.estimator.endswith("1200 held-out events")


@estimators
def test_a_training_yields_every_epoch_repeats_exactly_and_can_be_left_early(name: str) -> None:
    x, y = np.random.default_rng(2).standard_normal((2, 400))

    def snapshots(seed: int) -> list[dict[str, float]]:
        config = NeuralConfig(epochs=3, hidden=(8,))
        return [dict(s.scalars) for s in fit(x, x + y, name, config=config, device=CPU, seed=seed)]

    assert len(snapshots(1)) == 3
    assert snapshots(1) == snapshots(1)
    assert snapshots(1) != snapshots(2)
    training = fit(x, y, name, config=NeuralConfig(epochs=3), device=CPU, seed=1)
    first = next(training)
    training.close()
    assert (first.epoch, first.n_epochs) == (1, 3)
    assert first.look().estimator.endswith("40 held-out events")


def test_config_fields_carry_title_help_and_bounds() -> None:
    for field, info in NeuralConfig.model_fields.items():
        assert info.title, field
        assert info.description, field
        assert info.metadata, f"{field} has no bounds"


def test_shares_that_leave_nothing_to_learn_from_are_refused() -> None:
    with pytest.raises(ValueError, match=r"add up to 0\.95; at most 0\.9"):
        NeuralConfig(validation_fraction=0.5, held_out_fraction=0.45)
