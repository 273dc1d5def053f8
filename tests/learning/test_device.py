"""Thread counts of trainings that run side by side."""

from threading import Event, Thread

import pytest
import torch

from core.learning.device import few_threads

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def several() -> object:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def test_blocks_one_after_the_other_restore_what_was_set() -> None:
    for _ in range(2):
        with few_threads(CPU), few_threads(CPU):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 3


def test_a_block_that_ends_leaves_one_beside_it_with_one_thread() -> None:
    """A block restores nothing while another runs, which would add up its sums in another order from then on."""
    inside, over = Event(), Event()
    seen: list[int] = []

    def beside() -> None:
        with few_threads(CPU):
            inside.set()
            over.wait(10)
            seen.append(torch.get_num_threads())

    other = Thread(target=beside)
    with few_threads(CPU):
        other.start()
        inside.wait(10)
    assert torch.get_num_threads() == 1
    over.set()
    other.join()
    assert seen == [1]


def test_a_block_on_a_gpu_changes_nothing() -> None:
    with few_threads(torch.device("cuda")):
        assert torch.get_num_threads() == 3
