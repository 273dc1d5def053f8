"""The autoencoder."""

import math

import numpy as np
import pytest
import torch

from core.disentanglement.network import LARGEST_LOG_VARIANCE, Autoencoder
from core.errors import DataError


def small(seed: int = 1, resolution: float = 0.5) -> Autoencoder:
    mean, scale = torch.tensor([5.0, -1.0, 100.0]), torch.tensor([2.0, 0.1, 30.0])
    return Autoencoder(mean, scale, (8, 6), 2, torch.Generator().manual_seed(seed), resolution)


def test_shapes_and_bounds_of_the_posterior() -> None:
    network = small()
    mean, log_variance = network.encode(1e6 * torch.randn(7, 3, generator=torch.Generator().manual_seed(0)))
    assert mean.shape == log_variance.shape == (7, 2)
    assert network.decode(mean).shape == (7, 3)
    assert network.latent == 2
    assert log_variance.abs().max() <= LARGEST_LOG_VARIANCE


def test_units_are_physical_on_both_sides() -> None:
    """Features in other units, with the standardisation in those units too, give the same latent and likelihood."""
    network, x = small(), torch.tensor([[6.0, -1.05, 80.0], [1.0, -0.9, 160.0]])
    factor = torch.tensor([1000.0, 1.0, 0.001])
    scaled = Autoencoder(
        network.mean * factor, network.scale * factor, (8, 6), 2, torch.Generator().manual_seed(1), 0.5
    )
    z = network.encode(x)[0]
    torch.testing.assert_close(scaled.encode(x * factor)[0], z, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(scaled.decode(z), network.decode(z) * factor, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(scaled.log_likelihood(x * factor, z), network.log_likelihood(x, z), rtol=1e-4, atol=1e-4)


def test_likelihood_is_that_of_a_normal_density_of_standardised_features() -> None:
    network, x, z = small(), torch.tensor([[6.0, -1.05, 80.0]]), torch.tensor([[0.3, -0.7]])
    pulls = ((x - network.decode(z)) / network.scale).detach().double().numpy()[0]
    expected = sum(math.log(math.exp(-0.5 * (p / 0.5) ** 2) / math.sqrt(2 * math.pi * 0.25)) for p in pulls)
    assert network.log_likelihood(x, z).item() == pytest.approx(expected, rel=1e-4)


def test_arrays_bring_the_network_back() -> None:
    network = small(resolution=0.2)
    again = Autoencoder.from_arrays(network.arrays())
    x = torch.tensor([[6.0, -1.05, 80.0]])
    for a, b in zip(again.encode(x), network.encode(x), strict=True):
        torch.testing.assert_close(a, b)
    torch.testing.assert_close(again.log_likelihood(x, torch.zeros(1, 2)), network.log_likelihood(x, torch.zeros(1, 2)))


def test_arrays_are_copies() -> None:
    network = small()
    before = network.arrays()["encoder.0.weight"].copy()
    arrays = network.arrays()
    with torch.no_grad():
        network.get_parameter("encoder.0.weight").add_(1)
    np.testing.assert_array_equal(arrays["encoder.0.weight"], before)


def test_other_arrays_are_refused() -> None:
    with pytest.raises(DataError, match="these arrays are no autoencoder: mean, scale"):
        Autoencoder.from_arrays({"mean": np.zeros(2), "scale": np.ones(2)})


def test_one_seed_gives_one_network() -> None:
    a, b, c = small(3).arrays(), small(3).arrays(), small(4).arrays()
    assert all((a[name] == b[name]).all() for name in a)
    assert any((a[name] != c[name]).any() for name in a)
