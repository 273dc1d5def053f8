"""Anomaly scores against the closed form, and events that are none of the sample's."""

import numpy as np
import torch

from core.disentanglement.anomaly import anomaly_scores
from core.disentanglement.dial import Curve, Dial
from core.disentanglement.network import Autoencoder
from core.disentanglement.represent import Representation

CURVE = Curve(np.array([-1.0, 1.0]), np.array([5.2, 5.3]))
DIAL = Dial(CURVE, Curve(CURVE.position, -CURVE.value))


def representation(resolution: float = 0.5) -> Representation:
    """An autoencoder whose encoder and decoder say the same of every event: only their biases are not zero."""
    source = torch.Generator().manual_seed(0)
    network = Autoencoder(torch.tensor([1.0, -2.0]), torch.tensor([2.0, 0.5]), (4,), 2, source, resolution)
    with torch.no_grad():
        for layer in (network.encoder[-1], network.decoder[-1]):
            layer.weight.zero_()
        network.encoder[-1].bias.copy_(torch.tensor([0.5, 0.0, np.log(0.25), 0.0]))
        network.decoder[-1].bias.copy_(torch.tensor([0.3, 0.0]))
    return Representation(network, [0], np.ones(2), [DIAL])


def test_the_score_is_the_closed_form_of_an_autoencoder_that_ignores_z(rng: np.random.Generator) -> None:
    x = rng.normal(size=(50, 2)) * [2.0, 0.5] + [1.0, -2.0]
    found = anomaly_scores(representation(), x, ("m",), torch.Generator().manual_seed(0))
    pulls = ((x - [1.0, -2.0]) / [2.0, 0.5] - [0.3, 0.0]) / 0.5
    reconstruction = 0.5 * (pulls**2 + np.log(2 * np.pi * 0.25)).sum(1)
    log_variance = 8 * np.tanh(np.log(0.25) / 8)
    kl = 0.5 * (0.25 + np.exp(log_variance) - 1 - log_variance)
    np.testing.assert_allclose(found["reconstruction"], reconstruction, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found["kl"], kl, rtol=1e-5)
    np.testing.assert_allclose(found["anomaly"], found["reconstruction"] + found["kl"], rtol=1e-5)
    np.testing.assert_allclose(found["m_z_mean"], 0.5)
    np.testing.assert_allclose(found["m_z_deviation"], np.exp(log_variance / 2), rtol=1e-5)
    np.testing.assert_allclose(found["m_from_z"], 5.275, rtol=1e-6)


def test_events_far_from_the_sample_score_higher_and_draws_repeat(rng: np.random.Generator) -> None:
    x = rng.normal(size=(200, 2)) * [2.0, 0.5] + [1.0, -2.0]
    x[:10] += [20.0, 5.0]
    first, again = (
        anomaly_scores(representation(), x, ("m",), torch.Generator().manual_seed(3))["anomaly"] for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)
    assert first[:10].min() > first[10:].max()


def test_the_names_are_those_of_the_protected_variables() -> None:
    found = anomaly_scores(representation(), np.zeros((3, 2)), ("m_bc",), torch.Generator().manual_seed(0))
    assert list(found) == ["anomaly", "reconstruction", "kl", "m_bc_z_mean", "m_bc_z_deviation", "m_bc_from_z"]
    assert found["anomaly"].dtype == np.float32 and found["anomaly"].shape == (3,)
