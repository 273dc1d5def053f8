"""Neural estimates: on held-out events only, weighted, of labels and of several dimensions."""

import numpy as np
import pytest
import torch

from core.errors import DataError
from core.neural_information import NeuralConfig, estimate_neural, fit, judge

CPU = torch.device("cpu")


def normals(n: int, rho: float, seed: int = 8) -> tuple[np.ndarray, np.ndarray]:
    x, noise = np.random.default_rng(seed).standard_normal((2, n))
    return x, rho * x + np.sqrt(1 - rho**2) * noise


def test_a_network_that_learnt_noise_by_heart_still_gives_nothing() -> None:
    """In training this network ends above .3 nats; on events it never saw it is no better than nothing."""
    x, y = normals(400, 0.0)
    config = NeuralConfig(epochs=200, hidden=(128, 128), patience=200, held_out_fraction=0.6)
    *_, last = fit(x, y, "mine", config=config, device=CPU, seed=1)
    assert last.scalars["loss"] < -0.3
    assert last.look().value < 0
    assert abs(judge(x, y, "mine", last.save(), config=config, device=CPU, seed=1).value) < 0.05


def test_training_never_sees_the_events_that_give_the_estimate() -> None:
    """Shuffling y among held-out events leaves ranks and network as they are, and destroys the estimate."""
    x, y = normals(2000, 0.9)
    config = NeuralConfig(epochs=5)
    held_out = np.random.default_rng(1).permutation(2000)[-800:]
    spoilt = y.copy()
    spoilt[held_out] = y[np.roll(held_out, 1)]
    networks, values = [], []
    for target in (y, spoilt):
        *_, last = fit(x, target, "classifier", config=config, device=CPU, seed=1)
        networks.append(last.save())
        values.append(judge(x, target, "classifier", last.save(), config=config, device=CPU, seed=1).value)
    for name, parameters in networks[0].items():
        np.testing.assert_array_equal(networks[1][name], parameters)
    assert values[0] > 0.6
    assert values[1] < 0


def test_training_ends_when_validation_no_longer_improves() -> None:
    x, y = normals(400, 0.0)
    config = NeuralConfig(epochs=200, hidden=(64, 64), patience=5)
    losses = [s.scalars["validation_loss"] for s in fit(x, y, "mine", config=config, device=CPU, seed=1)]
    assert len(losses) < 100
    assert int(np.argmin(losses)) == len(losses) - 6


@pytest.mark.parametrize(("epsilon", "truth"), [(0.0, 0.0), (8 / 9, 0.2859), (2.0, 0.6327)])
def test_a_label_and_a_shifted_normal(epsilon: float, truth: float) -> None:
    """Exact values by numerical integration; 6,000 held-out events leave a statistical error below .01."""
    rng = np.random.default_rng(5)
    label = rng.choice(np.array([-1, 1], np.int8), 15_000)
    x = epsilon * label + rng.standard_normal(15_000)
    found = estimate_neural(x, label, "classifier", seed=1, config=NeuralConfig(epochs=12))
    assert found.value == pytest.approx(truth, abs=0.03)


def test_several_dimensions_add_their_information() -> None:
    """Two independent pairs of ρ = .7, crossed: I = -log(1 - ρ²)."""
    (a, b), (c, d) = normals(5000, 0.7, 1), normals(5000, 0.7, 2)
    found = estimate_neural(np.stack([a, c], 1), np.stack([d, b], 1), "mine", seed=1, config=NeuralConfig(epochs=15))
    assert found.value == pytest.approx(-np.log(1 - 0.7**2), abs=0.1)


def test_only_the_order_of_values_matters() -> None:
    x, y = normals(500, 0.8)
    config = NeuralConfig(epochs=2, hidden=(8,))
    plain = estimate_neural(x, y, seed=1, config=config)
    assert estimate_neural(np.exp(5 * x), y**3, seed=1, config=config) == plain


def test_a_weight_of_three_acts_as_three_events() -> None:
    """The heavy half is correlated, the light half is not: without weights the answer is another one."""
    x, y = normals(4000, 0.9)
    y[2000:] = np.random.default_rng(3).standard_normal(2000)
    weights = np.repeat([3.0, 1.0], 2000)
    config = NeuralConfig(epochs=15)
    weighted = estimate_neural(x, y, "classifier", weights, seed=1, config=config)
    repeats = weights.astype(int)
    repeated = estimate_neural(np.repeat(x, repeats), np.repeat(y, repeats), "classifier", seed=1, config=config)
    unweighted = estimate_neural(x, y, "classifier", seed=1, config=config)
    assert weighted.value == pytest.approx(repeated.value, abs=0.06)
    assert weighted.value > unweighted.value + 0.12
    assert weighted.n_effective == pytest.approx(1600 * 0.8, rel=0.03)  # (Σw)²/Σw² of 1 and 3 in equal parts: 16/20


def test_a_common_factor_of_the_weights_changes_nothing() -> None:
    x, y = normals(500, 0.5)
    config = NeuralConfig(epochs=2, hidden=(8,))
    found = [estimate_neural(x, y, "infonce", np.full(500, w), seed=1, config=config).value for w in (1.0, 4.0)]
    assert found[0] == found[1]


def test_a_loss_that_is_not_finite_is_refused() -> None:
    x, y = normals(500, 0.9)
    config = NeuralConfig(epochs=20, learning_rate=1.0, hidden=(64, 64, 64, 64))
    with pytest.raises(DataError, match=r"not finite in epoch \d+, step \d+ of \d+; lower the learning rate"):
        estimate_neural(x, y, "mine_f", seed=1, config=config)


def test_an_unknown_estimator_is_refused_with_those_that_exist() -> None:
    with pytest.raises(
        DataError, match="unknown neural estimator 'mime'; allowed: classifier, classifier_bce, infonce"
    ):
        estimate_neural(*normals(500, 0.9), "mime", seed=1)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_a_gpu_gives_what_the_cpu_gives() -> None:
    x, y = normals(3000, 0.9)
    config = NeuralConfig(epochs=10)
    found = [
        estimate_neural(x, y, seed=1, config=config, device=torch.device(device)).value for device in ("cpu", "cuda")
    ]
    assert found[0] == pytest.approx(found[1], abs=0.02)
