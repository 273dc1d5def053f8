"""Signs of life from within an epoch: how far it is, and whether it shall go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[int, int], None]
"""(batches done of this epoch, batches of it; 0 where nobody counts them) is told, and may raise ``Stopped``."""


WHOLE = 1_000
"""Of so many parts is a work that is told in stages."""


class Stopped(Exception):
    """Say that somebody ended a training in the middle of an epoch, of which nothing is kept."""


_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)
_part: ContextVar[tuple[int, int]] = ContextVar("part", default=(0, 1))


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Let a listener hear every sign of life of what this thread trains in the block.

    A training knows of no listener: it gives a sign before each batch, and whoever drains it hears it or not.

    Example:
        >>> def train():
        ...     for batch in range(3):
        ...         sign_of_life(batch, 3)
        >>> heard = []
        >>> with heard_by(lambda done, of: heard.append(f"{done}/{of}")):
        ...     train()
        >>> train(), heard
        (None, ['0/3', '1/3', '2/3'])
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def part_of_epoch(k: int, n: int) -> Iterator[None]:
    """Count the batches of the block as those of the ``k``-th of ``n`` parts of an epoch, from 0.

    Example:
        >>> with heard_by(print), part_of_epoch(1, 2):
        ...     sign_of_life(3, 10)
        13 20
    """
    token = _part.set((k, n))
    try:
        yield
    finally:
        _part.reset(token)


@contextmanager
def uncounted() -> Iterator[None]:
    """Let the listener hear of the block that it goes on, and nothing of how far: it is no part of what is counted.

    Example:
        >>> with heard_by(print), uncounted():
        ...     sign_of_life(3, 10)
        0 0
    """
    outer = _listener.get()
    with heard_by(lambda _done, _of: outer(0, 0) if outer is not None else None):
        yield


@contextmanager
def stage(start: float, end: float) -> Iterator[None]:
    """Count what is done in the block as the part of a longer work from ``start`` to ``end``, in thousandths of it.

    Args:
        start: share of the work that is done before the block.
        end: share that is done after it.

    Example:
        >>> with heard_by(print), stage(0.5, 1.0), stage(0.0, 0.5):
        ...     sign_of_life(1, 2)
        625 1000
    """
    outer = _listener.get()
    if outer is None:
        yield
        return

    def told(done: int, of: int) -> None:
        outer(*((round(WHOLE * (start + (end - start) * done / of)), WHOLE) if of else (0, 0)))

    with heard_by(told):
        yield


def sign_of_life(done: int = 0, of: int = 0) -> None:
    """Tell the listener, if there is one, where the epoch stands.

    Args:
        done: batches that were trained.
        of: batches of the epoch, or of the part of it that is trained; 0 where nobody counts them.

    Raises:
        Stopped: the training shall end here.
    """
    listener = _listener.get()
    if listener is not None:
        k, n = _part.get()
        listener(k * of + done, n * of)
