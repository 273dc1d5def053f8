"""Signs of life: one before each batch, heard by whoever drains a training, who may end it there."""

from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from core.learning.epochs import Epochs
from core.learning.networks import AT_ONCE, in_parts
from core.learning.pulse import Stopped, heard_by, part_of_epoch, sign_of_life


def new_epochs(n: int) -> Epochs:
    pace = SimpleNamespace(epochs=4, batch_size=256, learning_rate=0.01)
    return Epochs([nn.Parameter(torch.zeros(()))], n, pace, torch.Generator().manual_seed(1))


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step()")
def test_an_epoch_tells_before_each_batch_how_many_are_done() -> None:
    heard: list[tuple[int, int]] = []
    with heard_by(lambda done, of: heard.append((done, of))):
        new_epochs(1000).run(1, lambda chosen, _: chosen.double().mean()[None])
    assert heard == [(0, 4), (1, 4), (2, 4), (3, 4)]


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step()")
def test_whoever_hears_it_ends_an_epoch_between_two_batches() -> None:
    trained: list[Tensor] = []

    def step(chosen: Tensor, _progress: float) -> Tensor:
        trained.append(chosen)
        return chosen.double().mean()[None]

    def end(done: int, _of: int) -> None:
        if done == 2:
            raise Stopped

    with pytest.raises(Stopped), heard_by(end):
        new_epochs(1000).run(1, step)
    assert len(trained) == 2


def test_parts_of_an_epoch_count_on_and_nobody_hears_after_the_block() -> None:
    heard: list[tuple[int, int]] = []
    with heard_by(lambda done, of: heard.append((done, of))):
        for k in range(3):
            with part_of_epoch(k, 3):
                sign_of_life(5, 10)
        sign_of_life()
    sign_of_life(1, 2)
    assert heard == [(5, 30), (15, 30), (25, 30), (0, 0)]


def test_many_events_are_judged_part_by_part_with_a_sign_before_each_and_alike() -> None:
    x = torch.arange(2.0 * AT_ONCE + 3)[:, None]
    heard: list[tuple[int, int]] = []
    with heard_by(lambda done, of: heard.append((done, of))):
        found = in_parts(lambda part: 2 * part.squeeze(1), x)
    assert torch.equal(found, 2 * x.squeeze(1))
    assert len(heard) == 3
