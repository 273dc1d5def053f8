"""The steps that all trainings share: their order, their pace, memory that ends and losses that are not finite."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from core.errors import DataError
from core.learning.epochs import Epochs, is_out_of_memory


def new_epochs(n: int, batch_size: int = 1024, epochs: int = 4, **options: object) -> Epochs:
    pace = SimpleNamespace(epochs=epochs, batch_size=batch_size, learning_rate=0.01)
    generator = torch.Generator().manual_seed(1)
    return Epochs([nn.Parameter(torch.zeros(()))], n, pace, generator, **options)  # type: ignore[arg-type]


def noting(seen: list[tuple[Tensor, float]]) -> Callable[[Tensor, float], Tensor]:
    """Return a step that learns nothing and remembers what it was given."""

    def step(chosen: Tensor, progress: float) -> Tensor:
        seen.append((chosen, progress))
        return chosen.double().mean()[None]

    return step


def descending(epochs: Epochs, rates: list[float], sizes: list[int]) -> Callable[[Tensor, float], Tensor]:
    """Return a step down a constant slope that remembers its rate and the size of its batch."""
    (slope,) = epochs._parameters

    def step(chosen: Tensor, _progress: float) -> Tensor:
        rates.append(epochs._optimiser.param_groups[0]["lr"])
        sizes.append(chosen.shape[1])
        epochs.descend([slope * 1.0])
        return slope.detach()[None]

    return step


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step()")
def test_each_epoch_takes_every_event_once_in_each_draw_and_returns_their_mean() -> None:
    seen: list[tuple[Tensor, float]] = []
    epochs = new_epochs(1001, 256, draws=2)
    (mean,) = epochs.run(2, noting(seen))
    assert [chosen.shape for chosen, _ in seen] == [(2, 256)] * 3 + [(2, 233)]
    orders = torch.cat([chosen for chosen, _ in seen], 1)
    for order in orders:
        assert torch.equal(order.sort().values, torch.arange(1001))
    assert not torch.equal(*orders)
    assert mean == pytest.approx(500)  # the last batch is smaller and counts for less
    assert [progress for _, progress in seen] == pytest.approx([(1 + k / 4) / 4 for k in range(4)])


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step()")
@pytest.mark.parametrize(("n", "size"), [(100, 100), (1600, 256), (8000, 1000), (100_000, 1024)])
def test_a_small_sample_is_cut_into_eight_batches_but_not_below_256_events(n: int, size: int) -> None:
    seen: list[tuple[Tensor, float]] = []
    new_epochs(n).run(1, noting(seen))
    assert seen[0][0].shape == (1, size)


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step()")
def test_even_batches_leave_no_small_last_one() -> None:
    seen: list[tuple[Tensor, float]] = []
    new_epochs(2070, 256, is_even=True).run(1, noting(seen))
    assert [chosen.shape[1] for chosen, _ in seen] == [259] * 6 + [258] * 2


def test_the_rate_follows_one_cycle_whose_end_is_at_the_last_step() -> None:
    epochs = new_epochs(1024, 256, epochs=10)
    rates: list[float] = []
    for epoch in range(1, 11):
        epochs.run(epoch, descending(epochs, rates, []))
    assert len(rates) == 40
    assert rates[0] == pytest.approx(0.01 / 25)
    assert max(rates) == pytest.approx(0.01)
    assert rates.index(max(rates)) == 11  # 30 % of the steps
    assert rates[-1] == pytest.approx(0.01 / 25 / 1e4)


def test_losses_of_one_step_add_up_and_their_gradient_is_clipped() -> None:
    a, b = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))
    pace = SimpleNamespace(epochs=1, batch_size=256, learning_rate=0.01)
    epochs = Epochs([a, b], 10, pace, torch.Generator().manual_seed(1), clip=2.0)
    epochs.descend([3 * a, 4 * b])
    assert (a.grad, b.grad) == (pytest.approx(3 * 2 / 5), pytest.approx(4 * 2 / 5))


@pytest.mark.parametrize(
    "problem",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes. Error code 12"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."),
    ],
)
def test_the_batch_is_halved_until_it_fits_and_the_schedule_still_ends_with_the_training(problem: RuntimeError) -> None:
    epochs = new_epochs(10_000, 1000)
    rates: list[float] = []
    sizes: list[int] = []
    works = descending(epochs, rates, sizes)

    def step(chosen: Tensor, progress: float) -> Tensor:
        if progress >= 0.25 and chosen.shape[1] > 300:
            raise problem
        return works(chosen, progress)

    for epoch in range(1, 5):
        epochs.run(epoch, step)
    assert sizes == [1000] * 10 + ([256] * 39 + [16]) * 3
    assert epochs.remarks == [
        "the device ran out of memory in epoch 2: from there on, batches have 500 events",
        "the device ran out of memory in epoch 2: from there on, batches have 256 events",
    ]
    assert rates[-1] == pytest.approx(0.01 / 25 / 1e4)
    assert rates[0] < rates[9] < rates[10]  # the schedule goes on where it was


def test_a_device_too_small_for_the_smallest_batch_is_said() -> None:
    def step(_chosen: Tensor, _progress: float) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(DataError, match="no memory for batches of 256 events; use fewer or smaller layers"):
        new_epochs(10_000).run(1, step)


def test_other_failures_are_passed_on() -> None:
    def step(_chosen: Tensor, _progress: float) -> Tensor:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        new_epochs(100).run(1, step)


def test_an_allocation_that_torch_refuses_is_recognised() -> None:
    """The words are torch's own and differ from one system to the next."""
    with pytest.raises(RuntimeError) as caught:
        torch.empty(10**15)
    assert is_out_of_memory(caught.value)
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step()")
def test_the_first_step_whose_loss_is_not_finite_is_named() -> None:
    terms = iter([0.1, 0.2, float("inf"), float("nan")])
    epochs = new_epochs(1024, 256, advice="do less")
    with pytest.raises(DataError, match="the loss or its gradient is not finite in epoch 3, step 3 of 4; do less"):
        epochs.run(3, lambda chosen, progress: torch.tensor([1.0, next(terms)]))


def test_a_gradient_that_is_not_finite_is_named_although_the_loss_is() -> None:
    epochs = new_epochs(1024, 256)
    (slope,) = epochs._parameters

    def step(_chosen: Tensor, _progress: float) -> Tensor:
        loss = slope.sqrt()  # 0, and its derivative is infinite
        epochs.descend([loss])
        return loss.detach()[None]

    with pytest.raises(DataError, match="the loss or its gradient is not finite in epoch 1, step 1 of 4"):
        epochs.run(1, step)
