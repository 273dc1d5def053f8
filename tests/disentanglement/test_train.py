"""The training of an autoencoder."""

import math
from collections.abc import Iterator

import pytest
import torch

from core.disentanglement.densities import divergence
from core.disentanglement.loss import with_signal_share
from core.disentanglement.model import MODELS
from core.disentanglement.network import Autoencoder
from core.disentanglement.train import Progress, fit_autoencoder
from core.errors import DataError
from core.learning.batch import Batch

CPU = torch.device("cpu")


def toy(n: int = 800, seed: int = 1) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, 3, generator=generator)
    return Batch(x, torch.arange(n) % 4 == 0, x[:, :1].double(), torch.where(torch.arange(n) % 4 == 0, 2.0, 2 / 3))


def epochs_of(events: Batch, n_sensitive: int = 1, **fields: object) -> Iterator[Progress]:
    config = MODELS["beta_vae"].item.config(
        **{"latent": 3, "hidden": (16,), "batch_size": 100, "epochs": 3, "learning_rate": 1e-2, **fields}
    )
    source = torch.Generator().manual_seed(0)
    return fit_autoencoder(
        events, toy(300, 2), "beta_vae", config, n_sensitive=n_sensitive, device=CPU, generator=source
    )


def fit(events: Batch, n_sensitive: int = 1, **fields: object) -> list[Progress]:
    return list(epochs_of(events, n_sensitive, **fields))


def test_a_huge_beta_collapses_the_posterior_and_the_divergence_shows_it() -> None:
    collapsed = fit(toy(), beta=1e4, supervision=0.0, epochs=20)[-1]
    alive = fit(toy(), beta=0.1, supervision=0.0, epochs=6)[-1]
    for progress, is_dead in ((collapsed, True), (alive, False)):
        with torch.no_grad():
            kl = divergence(*Autoencoder.from_arrays(progress.best()).encode(toy(300, 3).x)).mean(0)
        assert bool((kl < 0.01).all()) is is_dead
        assert bool((kl > 0.1).any()) is not is_dead


def test_best_is_the_network_of_the_settled_half_with_the_least_validation_loss() -> None:
    """A rate so large that the loss goes up and down; the last epochs are not always the best."""
    losses, networks = [], []
    for progress in epochs_of(toy(), epochs=8, learning_rate=0.1):
        losses.append(progress.scalars["validation_loss"])
        networks.append(progress.network.arrays())
    settled = range(3, 8)  # 2 · epoch ≥ 8
    chosen = networks[min(settled, key=lambda k: losses[k])]
    assert all((values == chosen[name]).all() for name, values in progress.best().items())


def test_standardisation_is_that_of_the_weighted_training_events() -> None:
    events = toy()
    arrays = fit(events, epochs=1, signal_share=0.3)[-1].best()
    w = torch.where(events.y, 0.3, 0.7) * events.w
    mean = (w[:, None] * events.x).sum(0) / w.sum()
    torch.testing.assert_close(torch.from_numpy(arrays["mean"]), mean, atol=1e-5, rtol=1e-4)


def test_signal_share_sets_the_sum_of_the_signals_weights() -> None:
    events = toy()
    for share in (0.1, 0.5):
        shared = with_signal_share(events, share)
        assert (shared.w[shared.y].sum() / shared.w.sum()).item() == pytest.approx(share, rel=1e-5)
        assert shared.w.mean().item() == pytest.approx(1, rel=1e-5)
    background = with_signal_share(events, 0.0)
    assert not background.y.any()
    assert len(background.w) == int((~events.y).sum())


def test_a_constant_feature_is_no_trouble() -> None:
    events = toy()
    events.x[:, 2] = 4.0
    assert math.isfinite(fit(events)[-1].scalars["validation_loss"])


def test_a_loss_that_is_not_finite_is_told_with_epoch_and_step() -> None:
    events = toy()
    events.x[5, 1] = torch.nan
    with pytest.raises(DataError, match=r"the loss or its gradient is not finite in epoch 1, step 1 of"):
        fit(events)


@pytest.mark.parametrize("n_sensitive", [0, 2])
def test_sensitive_dimensions_must_match_the_protected_variables(n_sensitive: int) -> None:
    with pytest.raises(DataError, match=f"{n_sensitive} sensitive dimensions for 1 protected variables"):
        fit(toy(), n_sensitive=n_sensitive)
