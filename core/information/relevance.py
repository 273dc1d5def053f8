"""What each variable tells about one target: the label, or a protected variable that it leaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.events.table import EventClass, EventTable
from core.information.matrix import information_matrix


@dataclass(frozen=True)
class Relevance:
    """Hold what each variable tells about a target, the most telling first; information in nats.

    Args:
        target: the column told about.
        target_title: its symbol as in print; "the label" for the label.
        target_is_label: whether it is.
        ceiling: H(target), all there is to know of it: log 2 of a label at even odds; for a continuous target it
            depends on the bins.
        names: the variables.
        titles: their symbols as in print.
        mi: I(variable; target), shape (k,), decreasing.
        error: its standard errors, shape (k,).
        null_level: what the uncorrected estimates give for independent variables, shape (k,).
    """

    target: str
    target_title: str
    target_is_label: bool
    ceiling: float
    names: tuple[str, ...]
    titles: tuple[str, ...]
    mi: NDArray[np.float64]
    error: NDArray[np.float64]
    null_level: NDArray[np.float64]


def relevance(
    table: EventTable,
    names: Sequence[str],
    target: str,
    *,
    event_class: EventClass = "all",
    bins: int = 32,
    progress: Callable[[float], None] | None = None,
) -> Relevance:
    """Rank variables by the information that they share with a target; with the label at even odds.

    Cross sections in the weights would leave next to nothing to know of the label of a rare signal.

    Args:
        table: the events.
        names: the variables; the target among them is left out.
        target: the label, or a protected variable.
        event_class: "all", "signal" or "background".
        bins: B, the largest number of codes of a variable, 2 to 255.
        progress: called with the share that is done, from 0 to 1; what it raises ends the work.

    Returns:
        The ranking.

    Raises:
        DataError: columns, weights, class or bins that cannot be used, or too much weight in negative cells.

    Example:
        >>> label = np.arange(1000) % 2
        >>> table = EventTable("toy", {"noise": np.arange(1000) // 2, "copy": label, "label": label})
        >>> relevance(table, ["noise", "copy"], "label").names
        ('copy', 'noise')
    """
    others = [name for name in names if name != target]
    is_label = target == table.roles.label
    counted = table.balanced() if is_label else table
    matrix = information_matrix(counted, [*others, target], event_class=event_class, bins=bins, progress=progress)
    shared = matrix.mi[-1, :-1]
    order = np.argsort(-shared, kind="stable")
    return Relevance(
        target=target,
        target_title="the label" if is_label else matrix.titles[-1],
        target_is_label=is_label,
        ceiling=float(np.log(2) if is_label and event_class == "all" else matrix.entropy[-1]),
        names=tuple(others[i] for i in order),
        titles=tuple(matrix.titles[i] for i in order),
        mi=shared[order],
        error=matrix.mi_error[-1, :-1][order],
        null_level=matrix.null_level[-1, :-1][order],
    )
