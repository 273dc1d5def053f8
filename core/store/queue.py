"""Whose turn it is: a fair order over users."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence


def fair_order(waiting: Sequence[tuple[str, str]], running: Mapping[str, int]) -> list[str]:
    """Return the order in which waiting runs start if none of the running ones ends before.

    The next run is always one of the user who has the fewest running; among those users, the one that waited longest.
    So nobody takes a second worker while another user waits for a first one, and none is idle while a run waits.

    Args:
        waiting: (run, owner), longest waiting first.
        running: owner → how many of the owner's runs are running.

    Example:
        >>> fair_order([("a1", "ann"), ("a2", "ann"), ("b1", "ben")], {"ann": 1})
        ['b1', 'a1', 'a2']
    """
    lines: dict[str, deque[tuple[int, str]]] = defaultdict(deque)
    for place, (run, owner) in enumerate(waiting):
        lines[owner].append((place, run))
    busy = Counter(running)
    turns = [(busy[owner], line[0][0], owner) for owner, line in lines.items()]
    heapq.heapify(turns)
    order = []
    while turns:
        n_busy, _, owner = turns[0]
        order.append(lines[owner].popleft()[1])
        if lines[owner]:
            heapq.heapreplace(turns, (n_busy + 1, lines[owner][0][0], owner))
        else:
            heapq.heappop(turns)
    return order
