"""Choice of device and of thread counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from core.errors import DataError


def choose_device(name: str = "auto") -> torch.device:
    """Return the device to train on.

    Args:
        name: "auto" takes a GPU when there is one (CUDA, then Apple's), otherwise the CPU; or a torch device.

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


@contextmanager
def few_threads(device: torch.device) -> Iterator[None]:
    """Run the block with one torch thread on the CPU.

    Batches of a few thousand events through small layers are over before a second thread wakes up: one thread
    trained such a network ten times faster than torch's default on two cores, and leaves the other core to the
    pages and to other runs. A GPU needs no such care.
    """
    before = torch.get_num_threads()
    if device.type == "cpu":
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
