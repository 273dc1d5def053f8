"""Threads over kernels that release the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from numba.core import config

T = TypeVar("T")
R = TypeVar("R")

FIRST_CALL = Lock()  # numba registers its types when the first kernel is called: two threads at once would collide


def map_threads(task: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """Apply ``task`` to every item, one thread a core, and return the results in the order of the items.

    Numba's own ``prange`` is not used: without TBB or OpenMP its thread pool ends the whole process when
    two threads enter it at once, which two browser sessions do. NUMBA_NUM_THREADS limits these threads too.

    Args:
        task: a function that spends its time with the interpreter lock released.
        items: what it is applied to.

    Returns:
        One result an item.

    Example:
        >>> map_threads(abs, [-2, 1])
        [2, 1]
    """
    with FIRST_CALL:
        results = [task(item) for item in items[:1]]
    workers = min(len(items) - 1, config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]
    if workers <= 1:
        return results + [task(item) for item in items[1:]]
    with ThreadPoolExecutor(workers, thread_name_prefix="information") as pool:
        return results + list(pool.map(task, items[1:]))
