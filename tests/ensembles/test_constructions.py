"""What every registered construction must do, and the symmetry that each one has or lacks."""

import pytest
import torch

from core.ensembles.config import EnsembleConfig, RegressionConfig
from core.ensembles.construction import CONSTRUCTIONS, Inputs
from core.ensembles.learner import Scorer
from core.ensembles.losses import LOSSES
from core.ensembles.networks import SetClassifier

names = pytest.mark.parametrize("name", CONSTRUCTIONS.names())
CONFIG = EnsembleConfig(set_size=4, hidden=(16, 16), latent=5)


def network(name: str, config: EnsembleConfig = CONFIG) -> SetClassifier:
    inputs = Inputs(torch.tensor([1.0, -2.0, 30.0]), torch.tensor([2.0, 0.5, 10.0]), key=1)
    return CONSTRUCTIONS[name].item.build(config, inputs, torch.Generator().manual_seed(3))


def some_sets(n: int = 6, size: int = 4) -> torch.Tensor:
    return torch.randn(n, size, 3, generator=torch.Generator().manual_seed(7)) * torch.tensor([2.0, 0.5, 10.0])


@names
def test_a_construction_describes_itself(name: str) -> None:
    entry = CONSTRUCTIONS[name]
    assert entry.title
    assert entry.summary.endswith(".")
    assert "arXiv:" in entry.reference
    assert entry.item.symbol


@names
def test_a_network_gives_one_log_ratio_a_set_with_a_gradient(name: str) -> None:
    scorer = Scorer(network(name), CONFIG)
    found = scorer.log_ratio(some_sets())
    assert found.shape == (6,)
    assert found.std() > 0
    found.sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in scorer.network.parameters())


@names
def test_features_are_standardised_inside(name: str) -> None:
    """A shift of a feature with its mean, and a scale with its width, change nothing."""
    x = some_sets()
    one, other = network(name), network(name)
    other.mean += torch.tensor([5.0, 0.0, -3.0])
    torch.testing.assert_close(one(x), other(x + torch.tensor([5.0, 0.0, -3.0])), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", ["product", "readback", "set", "sorted"])
def test_the_order_of_events_does_not_matter(name: str) -> None:
    scorer, x = Scorer(network(name), CONFIG), some_sets()
    torch.testing.assert_close(scorer.log_ratio(x), scorer.log_ratio(x[:, [2, 0, 3, 1]]))


def test_the_order_of_events_matters_to_a_list() -> None:
    scorer, x = Scorer(network("list"), CONFIG), some_sets()
    assert not torch.allclose(scorer.log_ratio(x), scorer.log_ratio(x[:, [2, 0, 3, 1]]), atol=1e-3)


def test_a_sorted_list_is_sorted_by_the_feature_that_was_named() -> None:
    x = some_sets()
    order = x[:, :, 1].argsort(dim=1, descending=True)
    by_hand = torch.stack([events[index] for events, index in zip(x, order, strict=True)])
    listed, ordered = network("list"), network("sorted")
    torch.testing.assert_close(listed(by_hand), ordered(x))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", ["product", "readback"])
def test_what_is_read_back_adds_up_to_the_set(name: str, loss: str) -> None:
    """ln f_N(x_1, …, x_N) = Σ_i ln f_N→1(x_i), under every loss."""
    scorer, x = Scorer(network(name), EnsembleConfig(set_size=4, hidden=(16, 16), loss=loss)), some_sets()
    alone = torch.stack([scorer.log_ratio(x[:, k : k + 1]) for k in range(4)])
    torch.testing.assert_close(scorer.log_ratio(x), alone.sum(0))


@pytest.mark.parametrize("config", [EnsembleConfig, RegressionConfig])
def test_config_fields_carry_title_help_and_bounds(config: type[EnsembleConfig | RegressionConfig]) -> None:
    for field, info in config.model_fields.items():
        assert info.title, field
        assert info.description, field
        if info.annotation in (int, float):
            assert info.metadata, f"{field} has no bounds"
