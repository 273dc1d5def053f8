"""The Gaussian Ansatz and the mean squared error on events whose answers are known."""

import numpy as np
import pytest
import torch

from core.calibration.bound import information
from core.calibration.config import CalibrationConfig
from core.calibration.method import METHODS, Calibration, Events
from core.calibration.train import Learner
from core.events.table import effective_number

EPOCHS = 15


def trained(method: str, x: np.ndarray, z: np.ndarray, w: np.ndarray | None = None, **fields: object) -> Calibration:
    config = CalibrationConfig(epochs=EPOCHS, batch_size=1024, hidden=(16, 16), **fields)
    arrays = (x, z, np.ones(len(x)) if w is None else w / w.mean())
    events = Events(*(torch.from_numpy(each.astype(np.float32)) for each in arrays))
    learner = Learner(method, config, events, torch.Generator().manual_seed(1))
    for epoch in range(1, EPOCHS + 1):
        learner.run(epoch)
    learner.network.prepare(events, 1.0)
    return learner.network


@torch.no_grad()
def answers(network: Calibration, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    z, covariance = network.estimate(torch.from_numpy(x.astype(np.float32)))
    return z.double().numpy(), covariance.double().numpy()


def test_the_ansatz_is_the_likelihood_where_the_squared_error_is_the_posterior(rng: np.random.Generator) -> None:
    """z ~ N(0, 1), x = z + N(0, 1): ẑ = x and σ = 1 against E[z|x] = x/2; the information is ½ ln 2."""
    z = rng.normal(size=(12_000, 1))
    x = z + rng.normal(size=z.shape)
    ansatz, squared = trained("gaussian_ansatz", x, z), trained("mse", x, z)
    at = np.linspace(-1.5, 1.5, 13)[:, None]
    estimate, covariance = answers(ansatz, at)
    assert np.abs(estimate - at).max() < 0.25
    assert np.abs(estimate - at).mean() < 0.1
    assert np.sqrt(covariance[:, 0, 0]).mean() == pytest.approx(1, abs=0.08)
    assert np.abs(answers(squared, at)[0] - at / 2).max() < 0.1
    other = rng.normal(size=(12_000, 1))
    fresh = Events(
        torch.from_numpy((other + rng.normal(size=other.shape)).astype(np.float32)),
        torch.from_numpy(other.astype(np.float32)),
        torch.ones(len(other)),
    )
    found = information(ansatz, fresh, 1)
    assert found.error < 0.02
    assert abs(found.value - 0.5 * np.log(2)) < 3 * found.error + 0.01


def test_the_covariance_of_two_truths_is_that_of_the_noise(rng: np.random.Generator) -> None:
    """x = z + correlated noise of variances 1 and ½ and covariance 0.4, for z of a wide Gaussian."""
    noise = np.array([[1.0, 0.4], [0.4, 0.5]])
    z = rng.normal(scale=2.0, size=(15_000, 2))
    x = z + rng.multivariate_normal([0, 0], noise, len(z))
    network = trained("gaussian_ansatz", x, z, shuffles=2)
    at = rng.normal(size=(200, 2))
    estimate, covariance = answers(network, at)
    assert np.abs(estimate - at).mean() < 0.15
    assert covariance.mean(0) == pytest.approx(noise, abs=0.1)
    assert np.allclose(covariance, covariance.swapaxes(1, 2), atol=1e-5)
    assert (np.linalg.eigvalsh(covariance) > 0).all()


def test_weights_stand_for_a_spectrum(rng: np.random.Generator) -> None:
    """Uniform events weighted to N(1, 1): E[z|x] becomes (x + 1)/2, the maximum likelihood stays at x."""
    z = rng.uniform(-4, 6, (20_000, 1))
    x = z + rng.normal(size=z.shape)
    w = np.exp(-((z[:, 0] - 1) ** 2) / 2)
    at = np.linspace(-0.5, 2.5, 13)[:, None]
    assert effective_number(w) > 5_000
    assert np.abs(answers(trained("mse", x, z, w), at)[0] - (at + 1) / 2).max() < 0.12
    assert np.abs(answers(trained("gaussian_ansatz", x, z, w), at)[0] - at).mean() < 0.12


def test_c_starts_from_minus_the_inverse_covariance_of_what_pretraining_leaves(rng: np.random.Generator) -> None:
    z = rng.normal(size=(5_000, 2)) * (1.0, 3.0)
    events = Events(torch.zeros(5_000, 1), torch.from_numpy(z.astype(np.float32)), torch.ones(5_000))
    network = METHODS["gaussian_ansatz"].item.build(CalibrationConfig(), events, torch.Generator().manual_seed(0))
    network.prepare(events, 0.5)
    covariance = answers(network, np.zeros((3, 1)))[1]
    assert covariance[0] == pytest.approx(np.cov(z.T), abs=0.02)


def test_the_slope_has_gone_at_the_end_and_shifts_the_maximum_before(rng: np.random.Generator) -> None:
    """While κ is not 0 the estimate is the maximum of T, found here by a scan over z."""
    z = rng.normal(size=(2_000, 1))
    x = z + rng.normal(size=z.shape)
    events = Events(*(torch.from_numpy(each.astype(np.float32)) for each in (x, z)), torch.ones(len(z)))
    learner = Learner(
        "gaussian_ansatz", CalibrationConfig(epochs=10, sparsity=0), events, torch.Generator().manual_seed(1)
    )
    for epoch in range(1, 6):
        learner.run(epoch)
    network = learner.network
    assert 0 < float(network.kappa) <= 1
    with torch.no_grad():
        network.c.layers[-1].weight.zero_()
        network.c.direct.weight.zero_()
        scan = torch.linspace(-4, 4, 8001)[:, None]
        t = network.log_ratio(torch.full_like(scan, 0.7), scan)
    assert answers(network, np.array([[0.7]]))[0][0, 0] == pytest.approx(float(scan[t.argmax(), 0]), abs=2e-3)
    network.prepare(events, 0.99)
    assert float(network.kappa) == 0


def test_the_error_of_the_bound_is_its_spread(rng: np.random.Generator) -> None:
    """The same T judged on 60 samples of its own."""
    z = rng.normal(size=(60_000, 1))
    x = z + rng.normal(size=z.shape)
    network = trained("gaussian_ansatz", x[:6000], z[:6000])
    found = []
    for part in np.split(np.arange(60_000), 60):
        arrays = (torch.from_numpy(each[part].astype(np.float32)) for each in (x, z))
        found.append(information(network, Events(*arrays, torch.ones(len(part))), 3))
    assert np.std([each.value for each in found]) == pytest.approx(np.mean([e.error for e in found]), rel=0.3)
