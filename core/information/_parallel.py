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


def map_threads(
    task: Callable[[T], R], items: Sequence[T], report: Callable[[int, int], None] | None = None
) -> list[R]:
    """Apply ``task`` to every item, one thread a core, and return the results in the order of the items.

    Numba's own ``prange`` is not used: without TBB or OpenMP its thread pool ends the whole process when
    two threads enter it at once, which two browser sessions do. NUMBA_NUM_THREADS limits these threads too.

    Args:
        task: a function that spends its time with the interpreter lock released.
        items: what it is applied to.
        report: called by the thread that asked, with how many items are done and how many there are; what it raises
            ends the work once the items at hand are done.

    Returns:
        One result an item.

    Example:
        >>> map_threads(abs, [-2, 1])
        [2, 1]
    """
    results: list[R] = []

    def take(result: R) -> None:
        results.append(result)
        if report is not None:
            report(len(results), len(items))

    with FIRST_CALL:
        first = [task(item) for item in items[:1]]
    for result in first:
        take(result)
    workers = min(len(items) - 1, config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]
    if workers <= 1:
        for item in items[1:]:
            take(task(item))
        return results
    with ThreadPoolExecutor(workers, thread_name_prefix="information") as pool:
        rest = pool.map(task, items[1:])
        try:
            for result in rest:
                take(result)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # what was stopped need not be worked through
    return results
