"""The state of a training: what changes is taken and put back, what belongs to another training is refused."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.jobs.states import from_bytes, to_bytes
from core.learning.best import Best
from core.learning.epochs import Epochs
from core.learning.restart import Changing, Restart, with_state
from core.learning.state import UnfitState


class Everything(Changing):
    """Have an attribute of every kind."""

    changes = ("number", "word", "nothing", "values", "array", "by_name", "layer", "layers", "generator")

    def __init__(self, seed: int) -> None:
        self.number, self.word, self.nothing, self.values = float("inf"), "", None, torch.zeros(2)
        self.array, self.by_name = np.zeros(3), {"a": np.zeros(1, np.float32), "b": np.zeros((2, 2))}
        self.layer, self.layers = nn.Linear(2, 2), [nn.Linear(1, 1), None]
        self.generator = torch.Generator().manual_seed(seed)

    def change(self) -> None:
        self.number, self.word, self.nothing, self.values = 0.1 + 0.2, "λ", (1, True), torch.full((2,), 7.0)
        self.array, self.by_name = np.arange(3.0), {"a": np.ones(1, np.float32), "b": np.full((2, 2), 0.1)}
        torch.rand(5, generator=self.generator)


def test_every_kind_of_attribute_comes_back_exactly() -> None:
    one, two = Everything(1), Everything(2)
    one.change()
    two.load_state_dict(from_bytes(to_bytes(one.state_dict())))
    assert (two.number, two.word, two.nothing) == (0.1 + 0.2, "λ", (1, True))
    assert torch.equal(two.values, one.values)
    assert np.array_equal(two.array, one.array)
    assert {name: (each.dtype, each.tolist()) for name, each in two.by_name.items()} == {
        "a": (np.dtype(np.float32), [1.0]), "b": (np.dtype(np.float64), [[0.1, 0.1], [0.1, 0.1]]),
    }  # fmt: skip
    assert torch.equal(two.layer.weight, one.layer.weight)
    assert torch.equal(two.layers[0].weight, one.layers[0].weight)  # type: ignore[union-attr]
    assert torch.equal(torch.rand(3, generator=two.generator), torch.rand(3, generator=one.generator))


def test_generators_are_loaded_after_parts_that_draw_from_them() -> None:
    """A part that is made when its state is loaded, as a discriminator is, must not move the generator."""
    generator = torch.Generator().manual_seed(1)

    class Late(Changing):
        def load_state_dict(self, state: object, /) -> None:
            torch.rand(10, generator=generator)

    restart = Restart(generator=generator, late=Late())
    state = restart.at(3)()
    expected = torch.rand(2, generator=generator.clone_state())
    assert restart.first_epoch(state) == 4
    assert torch.equal(torch.rand(2, generator=generator), expected)


def test_without_a_state_a_training_begins() -> None:
    restart = Restart(layer=nn.Linear(1, 1), critic=None)
    assert restart.first_epoch(None) == restart.first_epoch({}) == 1


@pytest.mark.parametrize(
    "state",
    [
        {"epoch": 1},
        {"epoch": 1, "parts": {}},
        {"epoch": 1, "parts": {"layer": {"weight": torch.zeros(3, 3), "bias": torch.zeros(3)}}},
        {"epoch": 1, "parts": {"layer": "weights"}},
        {"epoch": "one", "parts": {"layer": nn.Linear(2, 1).state_dict()}},
    ],
)
def test_the_state_of_another_training_is_refused(state: dict[str, Any]) -> None:
    with pytest.raises(UnfitState, match="the saved state is that of another training"):
        Restart(layer=nn.Linear(2, 1)).first_epoch(state)


def test_only_what_has_a_state_is_a_part() -> None:
    assert with_state(nn.Linear(1, 1)) is not None
    assert with_state(lambda scores, batch: 0) is None


def test_the_best_network_is_remembered_with_its_rank() -> None:
    """After the interruption only a smaller loss takes its place, and the network itself is kept."""
    one, two = Best({"w": np.zeros(2, np.float32)}), Best({"w": np.zeros(2, np.float32)})
    one.offer(lambda: {"w": np.ones(2, np.float32)}, 0.5, auc=0.8)
    two.load_state_dict(from_bytes(to_bytes(one.state_dict())))
    two.offer(lambda: {"w": np.full(2, 9, np.float32)}, 0.6, auc=0.8)
    assert two.arrays()["w"].tolist() == [1, 1]
    two.offer(lambda: {"w": np.full(2, 9, np.float32)}, 0.4, auc=0.8)
    assert two.arrays()["w"].tolist() == [9, 9]


def test_halved_batches_and_their_schedule_stay() -> None:
    def train(state: Any = None, until: int = 4) -> tuple[list[tuple[int, float]], Any]:
        generator, slope = torch.Generator().manual_seed(1), nn.Parameter(torch.zeros(()))
        pace = SimpleNamespace(epochs=4, batch_size=1000, learning_rate=0.01)
        epochs = Epochs([slope], 3000, pace, generator)
        restart, seen = Restart(slope=[nn.ParameterList([slope])], epochs=epochs, generator=generator), []

        def step(chosen: Tensor, progress: float) -> Tensor:
            if progress >= 0.25 and chosen.shape[1] > 300:
                raise torch.OutOfMemoryError("CUDA out of memory")
            epochs.descend([slope * chosen.double().mean()])
            seen.append((chosen.shape[1], slope.item()))
            return slope.detach()[None]

        for epoch in range(restart.first_epoch(state), until + 1):
            epochs.run(epoch, step)
        return seen, (epochs.remarks, restart.at(until)())

    whole, (remarks, _) = train()
    first, (_, state) = train(until=2)
    second, (again, _) = train(from_bytes(to_bytes(state)))
    assert first + second == whole
    assert len(remarks) == 1
    assert again == remarks
