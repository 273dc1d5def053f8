"""Colours: one meaning each, on light and on dark paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Mode = Literal["light", "dark"]
Scale = tuple[tuple[float, str], ...]
"""(position in [0, 1], colour) in ascending order: a plotly colour scale."""


@dataclass(frozen=True)
class Palette:
    """Hold the colours of one mode.

    Lines and symbols reach a contrast of 3 on the paper, text one of 4.5. Colours that share a figure differ for all
    common kinds of colour blindness, and in grey by fill, dash or symbol.

    Args:
        paper: background of figures, that of the page.
        panel: a quiet area, such as the diagonal of a matrix.
        ink: text and the first line.
        muted: notes, ticks, a baseline to compare with.
        grid: grid lines.
        signal: signal events.
        background: background events.
        runs: runs in the order in which they are listed.
        working_points: signal efficiencies in ascending order.
        sequential: information; zero is the paper.
        diverging: pointwise information and correlation; zero is the paper.
    """

    paper: str
    panel: str
    ink: str
    muted: str
    grid: str
    signal: str
    background: str
    runs: tuple[str, ...]
    working_points: tuple[str, ...]
    sequential: Scale
    diverging: Scale


def _evenly(*colours: str) -> Scale:
    return tuple((i / (len(colours) - 1), colour) for i, colour in enumerate(colours))


PALETTES: dict[Mode, Palette] = {
    "light": Palette(
        paper="#FFFFFF",
        panel="#F4F5F7",
        ink="#14171B",
        muted="#5A636D",
        grid="#E3E6EA",
        signal="#D55E00",
        background="#0072B2",
        runs=("#007A50", "#D1468F", "#8A5A00", "#6C55D0", "#0B2A4A", "#0097A7"),
        working_points=("#2A1654", "#6A1F7A", "#A8326F", "#D14D4A", "#CF781E"),
        sequential=_evenly("#FFFFFF", "#D5ECE8", "#93CEC6", "#48A39B", "#11736F", "#053B41"),
        diverging=_evenly("#4A1A6B", "#A98BC4", "#FFFFFF", "#6FB9B0", "#0B4F52"),
    ),
    "dark": Palette(
        paper="#101316",
        panel="#1A1E22",
        ink="#E6E8EB",
        muted="#9AA3AD",
        grid="#2A3036",
        signal="#F28A3C",
        background="#56B4E9",
        runs=("#35C59A", "#E06FB0", "#F0CC6B", "#A798F7", "#E9F1FA", "#3FA7B8"),
        working_points=("#8F68C9", "#C65F9B", "#EE7F6B", "#F7B267", "#FBE3A0"),
        sequential=_evenly("#101316", "#0D3B3D", "#0F6663", "#2E9A8F", "#7FD0C0", "#DDF7EF"),
        diverging=_evenly("#D9B8F2", "#7A4FA3", "#101316", "#1F8177", "#A8EBDD"),
    ),
}
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down")


def faint(colour: str, opacity: float) -> str:
    """Return a colour with an opacity in [0, 1], as plotly writes it.

    Example:
        >>> faint("#0072B2", 0.2)
        'rgba(0,114,178,0.2)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def cycle(values: Sequence[str], i: int) -> str:
    """Return the value at place ``i`` of an endless repetition."""
    return values[i % len(values)]
