"""A figure of a run and the numbers in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, count

import pandas as pd
import plotly.graph_objects as go

from core.exports.results import RunResults
from core.figures.palette import Mode
from core.figures.style import file_name
from core.tables.runs import history_table


@dataclass(frozen=True)
class Exhibit:
    """Offer a figure of a run and the numbers in it, each made when asked for.

    Args:
        figure: draws it, light or dark; raises a DataError where there is nothing to draw.
        table: makes its numbers; None where the figure has no table of its own.
    """

    figure: Callable[[Mode], go.Figure]
    table: Callable[[], pd.DataFrame] | None = None


def over_epochs(results: RunResults, figure: Callable[..., go.Figure]) -> Exhibit:
    """Offer a figure of what each epoch of a run reported; its numbers are the history of the run.

    Args:
        results: of the run.
        figure: draws it from epochs, their scalars and the number of epochs asked for, and `mode`.
    """
    epochs, scalars = [each.epoch for each in results.history], [dict(each.scalars) for each in results.history]
    return Exhibit(
        lambda mode: figure(epochs, scalars, results.run.n_epochs, mode=mode),
        lambda: history_table(results.history),
    )


def slugs(names: Iterable[str]) -> dict[str, str]:
    """Return for each name a word that file names and keys can hold, no two alike.

    Example:
        >>> slugs(["jet mass", "jet/mass", "<script>"])
        {'jet mass': 'jet-mass', 'jet/mass': 'jet-mass-2', '<script>': 'script'}
    """
    found: dict[str, str] = {}
    for name in names:
        word = file_name(name.replace("<", " ")) or "column"
        words = chain([word], (f"{word}-{k}" for k in count(2)))
        found[name] = next(each for each in words if each not in found.values())
    return found
