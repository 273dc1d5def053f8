"""The representation: which dimensions a classifier may see, and what becomes of the others."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from core.disentanglement.dial import Curve, Dial
from core.disentanglement.network import Autoencoder
from core.disentanglement.represent import Representation, encode, find_representation, on_features
from core.errors import DataError
from core.events.table import EventTable
from core.learning.batch import Batch
from core.learning.networks import Classifier
from core.unlearning.model import Model

CPU = torch.device("cpu")
CURVE = Curve(np.array([-1.0, 1.0]), np.array([0.0, 10.0]))
DIAL = Dial(CURVE, CURVE)


def network(latent: int = 4, seed: int = 3) -> Autoencoder:
    return Autoencoder(torch.zeros(3), torch.ones(3), (8,), latent, torch.Generator().manual_seed(seed))


class Known(Autoencoder):
    """Encode (leaking, clean, noise) to three dimensions that are known: noise, half-dead leaking, dead clean."""

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mean = torch.stack([x[:, 2], 0.5 * (x[:, 0] - 3), 0.01 * x[:, 1]], 1)
        return mean, torch.tensor([-4.0, -1.0, 0.0]).expand(len(x), 3)


@pytest.fixture
def events(toy_table: Callable[..., EventTable]) -> EventTable:
    return toy_table(4000)


def known(events: EventTable, *, is_tied: bool) -> tuple[Representation, Batch]:
    train = Batch.of(events, np.ones(events.n_events, np.bool_), CPU)
    source = torch.Generator().manual_seed(1)
    autoencoder = Known(torch.zeros(3), torch.ones(3), (4,), 3, source)
    return find_representation(autoencoder, train, is_tied=is_tied, generator=source), train


def test_features_become_posterior_means_and_other_roles_stay(events: EventTable) -> None:
    autoencoder = network()
    table = Representation(autoencoder, [1], np.array([1.0, 1.0, 0.001, 0.5]), [DIAL]).table(events)
    assert table.roles.features == ("z_1", "z_4")
    assert table.roles.model_copy(update={"features": ()}) == events.roles.model_copy(update={"features": ()})
    assert set(table.columns) == {"z_1", "z_4", "mass", "label", "weight"}
    x = torch.from_numpy(events.matrix(events.roles.features))
    with torch.no_grad():
        truth = autoencoder.encode(x)[0].numpy()
    np.testing.assert_array_equal(table.matrix(table.roles.features), truth[:, [0, 3]])
    np.testing.assert_array_equal(table["mass"], events["mass"])


def test_a_latent_dimension_never_takes_the_name_of_another_column(events: EventTable) -> None:
    columns = {**events.columns, "z_1": events["mass"]}
    named = EventTable("toy", columns, events.roles.model_copy(update={"protected": ("z_1",)}))
    table = Representation(network(), [1], np.ones(4), [DIAL]).table(named)
    assert table.roles.features == ("z_1_", "z_3", "z_4")
    np.testing.assert_array_equal(table["z_1"], events["mass"])


def test_a_collapsed_dimension_leaves_though_its_rank_tells_all(events: EventTable) -> None:
    """Its mean is a hundredth of the feature: nothing to the ELBO, everything to a network that standardises."""
    found, train = known(events, is_tied=True)
    x, w = train.x.double(), train.w.double()
    closed = 0.5 * (w * ((0.01 * x[:, 1]) ** 2)).sum() / w.sum()
    assert found.kl[2] == pytest.approx(float(closed), rel=1e-4) and found.kl[2] < 0.01
    assert found.kl[0] == pytest.approx(
        float(0.5 * ((w * x[:, 2] ** 2).sum() / w.sum() + np.exp(-4) - 1 + 4)), rel=1e-4
    )  # fmt: skip
    assert found.sensitive == (0,) and found.kept.tolist() == [1]


def test_without_supervision_the_most_informed_dimension_is_taken_out(events: EventTable) -> None:
    """Leaking knows the mass on background; the second dimension is leaking."""
    found, _ = known(events, is_tied=False)
    assert found.sensitive == (1,) and found.kept.tolist() == [0]
    assert all(np.all(np.diff(curve.value) >= 0) for curve in (found.dials[0].of_means, found.dials[0].of_draws))
    assert np.ptp(found.dials[0].of_means.value) > np.ptp(found.dials[0].of_draws.value) > 10


def test_an_empty_representation_is_refused(events: EventTable) -> None:
    with pytest.raises(DataError, match="all 4 latent dimensions hold a protected variable or nothing"):
        Representation(network(), [1], np.array([0.0, 1.0, 0.0, 0.0]), [DIAL]).table(events)


def test_arrays_bring_it_back(events: EventTable) -> None:
    first = Representation(
        network(), [2, 0], np.array([1.0, 0.001, 1.0, 2.0]), [DIAL, Dial(CURVE, Curve(-CURVE.position, CURVE.value))]
    )
    again = Representation.from_arrays(first.arrays())
    assert again.sensitive == (2, 0) and again.kept.tolist() == [3]
    x = torch.from_numpy(events.matrix(events.roles.features))
    torch.testing.assert_close(again(x), first(x), rtol=0, atol=0)
    np.testing.assert_array_equal(again.dials[1].of_draws.position, [1.0, -1.0])
    np.testing.assert_array_equal(again.dials[1].of_means.position, [-1.0, 1.0])
    arrays = {name: value for name, value in first.arrays().items() if name != "latent.kl"}
    with pytest.raises(DataError, match=r"no representation: latent\.kl missing"):
        Representation.from_arrays(arrays)


def test_a_model_on_features_scores_as_the_classifier_on_the_representation(events: EventTable) -> None:
    representation = Representation(network(), [0], np.ones(4), [DIAL])
    table = representation.table(events)
    source = torch.Generator().manual_seed(2)
    model = Model([Classifier(torch.zeros(3), torch.ones(3), (8,), source)])
    none = torch.zeros(events.n_events, 1)
    inner = model.score(torch.from_numpy(table.matrix(table.roles.features)), none)
    outer = on_features(model, representation).score(torch.from_numpy(events.matrix(events.roles.features)), none)
    np.testing.assert_allclose(outer, inner, atol=1e-6)


def test_draws_have_the_posterior_s_mean_and_width_and_repeat() -> None:
    source = torch.Generator().manual_seed(1)
    autoencoder = Known(torch.zeros(3), torch.ones(3), (4,), 3, source)
    x = torch.zeros(20_000, 3)
    first, again = (encode(autoencoder, x, torch.Generator().manual_seed(7)) for _ in range(2))
    np.testing.assert_array_equal(first.z, again.z)
    np.testing.assert_allclose(first.z.mean(0), [0, -1.5, 0], atol=0.03)
    np.testing.assert_allclose(first.z.std(0), np.exp([-2.0, -0.5, 0.0]), rtol=0.03)
