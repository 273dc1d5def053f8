"""The look of figures in print: mplhep's style without the mark of an experiment, at the size of a journal."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

Format = Literal["pdf", "svg", "png"]
Width = Literal["column", "page"]
MILLIMETRES: dict[Width, float] = {"column": 86.0, "page": 178.0}
"""Width of a figure: of one column of a journal, or of both."""
PIXELS: dict[Width, float] = {"column": 460.0, "page": 760.0}
"""How wide the figure would be on a screen of the same proportions."""
INCH, POINTS = 25.4, 72.0
LABEL, SMALL = 8.0, 7.0
"""Sizes of text in points: titles of axes, and all other text."""
POINTS_PER_PIXEL = 0.55
"""What a pixel of a line or a symbol on the screen is in print."""
BASE_SIZE = 26.0  # the text of mplhep's styles, made for figures 10 inches wide
_SCALED = ("major.size", "minor.size", "major.pad", "minor.pad", "major.width", "minor.width")


@cache
def journal_style() -> dict[str, Any]:
    """Return matplotlib's settings: ticks inside on all sides as mplhep draws them, in Fira Sans, all text embedded."""
    from mplhep import style

    settings: dict[str, Any] = dict(style.ROOT) | dict(style.fira)
    scale = LABEL / BASE_SIZE
    for name, value in settings.items():
        if name.startswith(("xtick.", "ytick.")) and name.endswith(_SCALED):
            settings[name] = value * scale
    return settings | {
        "font.family": ["Fira Sans", "DejaVu Sans"],  # the second one for the few signs that the first one lacks
        "font.size": LABEL,
        "axes.labelsize": LABEL,
        "axes.titlesize": SMALL,
        "axes.linewidth": settings["axes.linewidth"] * scale,
        "axes.unicode_minus": True,
        "axes.formatter.use_mathtext": True,
        "axes.formatter.useoffset": False,
        "axes.formatter.limits": (-4, 5),
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "legend.fontsize": SMALL,
        "mathtext.fontset": "custom",
        **{f"mathtext.{shape}": "Fira Sans" for shape in ("rm", "sf", "tt", "cal")},
        "mathtext.bf": "Fira Sans:bold",
        "mathtext.it": "Fira Sans:italic",
        "mathtext.default": "regular",
        "mathtext.fallback": "stixsans",
        "hatch.linewidth": 0.5,
        "pdf.fonttype": 42,
        "svg.fonttype": "path",
        "svg.hashsalt": "infoscope",
        "text.usetex": False,
        "figure.dpi": 100,
        "savefig.dpi": "figure",
        "savefig.bbox": None,
    }


@cache
def letters_alone() -> type[Any]:
    """Return fontTools' settings without the tables that set ligatures and kerning: a PDF says where each letter is.

    To read these tables takes longer than all else that is done for a PDF file.
    """
    from fontTools.subset import Options  # type: ignore[import-untyped]

    class Letters(Options):  # type: ignore[misc]
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.drop_tables += ["GDEF", "GPOS", "GSUB", "kern"]

    return Letters


def to_points(pixels: float) -> float:
    """Return the length in print of one on the screen."""
    return pixels * POINTS_PER_PIXEL


def inches(width: Width) -> float:
    """Return the width of a figure.

    Example:
        >>> round(inches("column"), 2)
        3.39
    """
    return MILLIMETRES[width] / INCH
