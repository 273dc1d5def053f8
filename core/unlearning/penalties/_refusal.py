"""What a method says when it cannot take the events."""

from __future__ import annotations

from core.errors import DataError
from core.learning.batch import Batch
from core.unlearning.method import on_background
from core.unlearning.penalties._quantiles import knots_of


def require_one_protected(train: Batch, method: str) -> None:
    """Refuse several protected variables.

    Raises:
        DataError: more than one.
    """
    if train.m.shape[1] > 1:
        raise DataError(
            f"{method} takes one protected variable, got {train.m.shape[1]}: a quantile at given values of several "
            "would need events at each combination of them; keep one, or choose a penalty such as flat0"
        )


def require_knots(train: Batch, count: int) -> None:
    """Refuse background that cannot fill the knots of each protected variable.

    Raises:
        DataError: fewer events than knots, or a constant variable.
    """
    _, m, weights = on_background(train.w, train)
    for column in m.unbind(1):
        knots_of(column, weights, count)
