"""What every registered model of disentanglement must do, whoever wrote it."""

import math

import pytest
import torch
from pydantic import ValidationError

from core.disentanglement.config import VAEConfig
from core.disentanglement.loss import Loss
from core.disentanglement.model import MODELS
from core.disentanglement.network import Autoencoder
from core.disentanglement.train import Progress, fit_autoencoder
from core.errors import DataError
from core.learning.batch import Batch

models = pytest.mark.parametrize("name", MODELS.names())
CPU = torch.device("cpu")
SMALL = {"latent": 3, "hidden": (16,), "batch_size": 128, "learning_rate": 1e-2, "supervision": 100.0}
TERMS = ("loss", "reconstruction", "index_code", "total_correlation", "dimension_wise", "supervision")


def toy(n: int = 1000, seed: int = 1, protected: int = 1, *, signed: bool = False) -> Batch:
    """Return events of four features; the first is the first protected variable itself, in other units."""
    generator = torch.Generator().manual_seed(seed)
    m = torch.rand(n, protected, generator=generator, dtype=torch.float64)
    rest = torch.randn(n, 3, generator=generator)
    x = torch.cat([100 + 20 * m[:, :1].float(), rest[:, :1] + rest[:, 1:2], rest[:, 1:]], 1)
    y = torch.arange(n) % 2 == 0
    w = torch.where(torch.arange(n) % 20 < 2, -1.0, 1.2) if signed else torch.ones(n)
    return Batch(x, y, m, w)


def run(name: str, *, epochs: int = 4, seed: int = 5, events: Batch | None = None, **fields: object) -> list[Progress]:
    config = MODELS[name].item.config(**{**SMALL, "epochs": epochs, **fields})
    train = toy() if events is None else events
    generator = torch.Generator().manual_seed(seed)
    sensitive = train.m.shape[1]
    return list(
        fit_autoencoder(
            train, toy(400, 2, sensitive), name, config, n_sensitive=sensitive, device=CPU, generator=generator
        )
    )


@models
def test_config_fields_carry_title_help_and_bounds(name: str) -> None:
    for field, info in MODELS[name].item.config.model_fields.items():
        assert info.title, field
        assert info.description, field
        if info.annotation in (int, float):
            assert info.metadata, f"{field} has no bounds"


@models
def test_defaults_are_valid_and_bad_options_are_not(name: str) -> None:
    config = MODELS[name].item.config
    assert isinstance(config(), VAEConfig)
    for bad in ({"no_such_option": 1}, {"epochs": 0}, {"beta": -1}, {"latent": 1}, {"supervision": -1}):
        with pytest.raises(ValidationError):
            config(**bad)


@models
def test_loss_is_finite_and_its_gradient_reaches_encoder_and_decoder(name: str) -> None:
    config, events = MODELS[name].item.config(**SMALL), toy(256)
    network = Autoencoder(events.x.mean(0), events.x.std(0), (16,), 3, torch.Generator().manual_seed(0))
    objective = MODELS[name].item.build(config, CPU, torch.Generator().manual_seed(0))
    loss = Loss(network, objective, config, 1, torch.Generator().manual_seed(0))
    value, _, step = loss(events.x, events.m.float(), events.w, 256, 0.5)
    assert value.shape == ()
    assert torch.isfinite(value)
    value.backward()
    loss.refine(step)
    for parameter in network.parameters():
        assert parameter.grad is not None
        assert torch.isfinite(parameter.grad).all()
        assert parameter.grad.any()


@models
def test_training_lowers_the_loss_and_ties_the_first_dimension(name: str) -> None:
    """The toy's first feature is the protected variable: after a few epochs the first dimension follows it."""
    progress = run(name, epochs=12)
    assert [p.epoch for p in progress] == list(range(1, 13))
    first, last = progress[0].scalars, progress[-1].scalars
    for name_of in TERMS:
        assert math.isfinite(last[name_of])
        assert math.isfinite(last[f"validation_{name_of}"])
    assert last["reconstruction"] < first["reconstruction"]
    assert last["validation_supervision"] < 0.5 * first["validation_supervision"]
    judged = toy(400, 3)
    with torch.no_grad():
        mean, _ = Autoencoder.from_arrays(progress[-1].best()).encode(judged.x)
    assert torch.corrcoef(torch.stack([mean[:, 0].double(), judged.m[:, 0]]))[0, 1] > 0.9


@models
def test_one_seed_gives_one_result(name: str) -> None:
    a, b, c = (run(name, epochs=2, seed=seed)[-1] for seed in (5, 5, 6))
    assert a.scalars == b.scalars
    assert a.scalars != c.scalars
    assert all((values == b.best()[key]).all() for key, values in a.best().items())


@models
def test_negative_weights_are_trained_on(name: str) -> None:
    last = run(name, events=toy(signed=True))[-1].scalars
    assert all(math.isfinite(value) for value in last.values())


@models
def test_two_protected_variables_take_the_first_two_dimensions(name: str) -> None:
    last = run(name, events=toy(protected=2), epochs=2)[-1]
    assert math.isfinite(last.scalars["loss"])


@models
def test_a_latent_without_room_for_the_rest_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="2 latent dimensions leave none beside the 2"):
        run(name, events=toy(protected=2), latent=2)


def test_an_unknown_model_is_refused_with_those_that_exist() -> None:
    with pytest.raises(DataError, match=r"unknown model 'vae'; allowed: .*beta_vae.*ffvae"):
        MODELS["vae"]
