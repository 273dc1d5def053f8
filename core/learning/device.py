"""Choice of device and of thread counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import torch

from core.errors import DataError


def choose_device(name: str = "auto") -> torch.device:
    """Return the device to train on.

    Args:
        name: "auto" takes a CUDA GPU when there is one, otherwise the CPU; or a torch device.

    Returns:
        The device.

    Raises:
        DataError: the device is unknown or not on this machine.

    Example:
        >>> choose_device("cpu")
        device(type='cpu')
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise DataError(f"unknown device {name!r}; allowed: auto, cpu, cuda, cuda:0, …") from None
    if device.type == "cuda" and not torch.cuda.is_available():
        raise DataError(f"device {name!r} is not on this machine; allowed: auto, cpu")
    return device


class _FewThreads:
    """Count the blocks that run with one thread: part of what torch sets holds for the whole process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._n_blocks = 0
        self._before = 1

    def enter(self) -> None:
        """Take one thread; the first block keeps what was set before."""
        with self._lock:
            if self._n_blocks == 0:
                self._before = torch.get_num_threads()
            self._n_blocks += 1
            torch.set_num_threads(1)

    def leave(self) -> None:
        """Set what was set before, once no other block runs: its sums would be added in another order from then on."""
        with self._lock:
            self._n_blocks -= 1
            if self._n_blocks == 0:
                torch.set_num_threads(self._before)


_few_threads = _FewThreads()


@contextmanager
def few_threads(device: torch.device) -> Iterator[None]:
    """Run the block with one torch thread on the CPU.

    Batches of a few thousand events through small layers are over before a second thread wakes up: one thread
    trained such a network ten times faster than torch's default on two cores, and leaves the other core to the
    pages and to other runs. A GPU needs no such care. Blocks may run side by side in several threads of the program.
    """
    if device.type != "cpu":
        yield
        return
    _few_threads.enter()
    try:
        yield
    finally:
        _few_threads.leave()
