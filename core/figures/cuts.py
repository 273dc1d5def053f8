"""The background's spectrum before and after a cut at a given background rejection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

import plotly.graph_objects as go

from core.disentanglement.results import TightCut
from core.evaluation.verdict import FLAT_SIGMAS
from core.events.table import Column
from core.figures.palette import Mode
from core.figures.spectrum import draw_spectrum
from core.figures.words import events, plain, symbol
from core.numbers import format_number, format_percent


def cut_figure(cut: TightCut, column: Column, baseline: TightCut | None = None, mode: Mode = "light") -> go.Figure:
    """Draw the background's spectrum of all and of passing events at unit area, and their ratio below.

    Args:
        cut: the run's.
        column: the protected variable.
        baseline: of the run to compare with, at the same rejection; dashed.
        mode: light or dark.
    """
    where = f"{format_percent(cut.rejected)} of background rejected"
    beside = "" if baseline is None else f"baseline JSD {jsd_words(baseline)}"
    return draw_spectrum(
        cut.spectrum,
        column,
        None if baseline is None else baseline.spectrum,
        mode,
        cut=where.replace(" ", "\N{NO-BREAK SPACE}"),
        notes=[
            f"JSD {jsd_words(cut)}",
            beside,
            f"{events(cut.n_pass)} of background pass, {format_percent(cut.signal_efficiency)} of signal",
        ],
        alt=f"Spectrum of {plain(symbol(column))} of all background events and of those passing the cut with {where}, "
        f"with their ratio: JSD {jsd_words(cut)}.",
        file=f"{column.name}-spectrum-{1000 * cut.rejected:.0f}",
    )


def jsd_words(cut: TightCut) -> str:
    """Write the divergence with its error, and what statistics alone give."""
    return (
        f"{format_number(cut.jsd_nats.value, cut.jsd_nats.error, 'nats')} "
        f"(statistical limit {format_number(cut.limit_nats)})"
    )


def cuts_sentence(cuts: Sequence[TightCut], baseline: Sequence[TightCut], titles: Mapping[str, str]) -> str:
    """Say how much each cut sculpts, beside the baseline's and what statistics alone give.

    Args:
        cuts: of the run.
        baseline: of the run to compare with; empty when there is none.
        titles: protected variable → its symbol as in print.
    """
    known = {(cut.variable, cut.rejected): cut for cut in baseline}
    sentences = []
    for cut in sorted(cuts, key=lambda each: (each.variable, -each.rejected)):
        before = known.get((cut.variable, cut.rejected))
        change = f"{format_number(before.jsd_nats.value, before.jsd_nats.error)} → " if before else "is "
        less = ""
        if before and not is_flat(before) and before.jsd_nats.value > cut.jsd_nats.value > 0:
            less = f", {format_number(before.jsd_nats.value / cut.jsd_nats.value)} times less than the baseline's"
        flat = ": as flat as these events can tell" if is_flat(cut) else ""
        sentences.append(
            f"With {format_percent(cut.rejected)} of background rejected, the JSD of "
            f"{titles.get(cut.variable, cut.variable)} {change}{jsd_words(cut)}{less}{flat}."
        )
    return " ".join(sentences)


def is_flat(cut: TightCut) -> bool:
    """Return whether the spectrum is as flat as the sample can tell, by the scatter of an independent score's JSD."""
    return cut.jsd_nats.value < cut.limit_nats * (1 + FLAT_SIGMAS * sqrt(2 / (len(cut.spectrum.passed) - 1)))
