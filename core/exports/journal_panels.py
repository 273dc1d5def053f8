"""The panels of a figure in print: where they are, what their axes span, and how the ticks are written."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.errors import DataError
from core.exports.journal_spec import Floats, Spec, colour, floats
from core.exports.journal_style import to_points
from core.exports.journal_text import printed
from core.numbers import MINUS, power_of_ten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

_PERCENT = re.compile(r"\.(\d)(~?)%")
MARGIN = 0.05
"""Room beside points at the ends of an axis, as a share of it."""
_DECADES_WITH_DIGITS = 2.0
"""A log axis up to this many decades long has labels at 2 and 5, too."""


@dataclass(frozen=True)
class Scale:
    """Hold one axis of the figure on the screen.

    Args:
        options: what plotly knows of it.
        categories: names of its places; None where it has numbers.
    """

    options: Mapping[str, Any]
    categories: tuple[str, ...] | None = None

    @property
    def is_log(self) -> bool:
        """Whether it is logarithmic."""
        return bool(self.options.get("type") == "log")

    def places(self, values: Any) -> Floats:
        """Return where values stand on the axis; names stand at 0, 1, 2 and so on."""
        if self.categories is None or values is None:
            return floats(values)
        known = {name: float(i) for i, name in enumerate(self.categories)}
        return floats([known[value] if isinstance(value, str) else value for value in values])

    def place(self, value: float) -> float:
        """Return where an end of the range or an annotation stands: those of log axes are powers of ten."""
        return float(10.0**value) if self.is_log else float(value)


@dataclass(frozen=True)
class Panel:
    """Hold one pair of axes, on the screen and in print."""

    axes: Axes
    x: Scale
    y: Scale
    domain: tuple[float, float]


def scale_of(name: str, layout: Spec, traces: Iterable[Spec]) -> Scale:
    """Return the axis "x", "y", "y2", … of a figure.

    Args:
        name: as traces call it.
        layout: of the figure.
        traces: all of the figure.
    """
    options = layout.get(f"{name[0]}axis{name[1:]}", {})
    if options.get("categoryarray"):
        return Scale(options, tuple(options["categoryarray"]))
    values = [trace.get(name[0]) for trace in traces if trace.get(f"{name[0]}axis", name[0]) == name]
    named = dict.fromkeys(each for column in values if isinstance(column, list) for each in column)
    if any(isinstance(each, str) for each in named):
        return Scale(options, tuple(each for each in named if isinstance(each, str)))
    return Scale(options)


def draw_ranges(panels: Sequence[Panel]) -> None:
    """Give each axis the range it has on the screen, or one that holds all that is drawn."""
    for panel in panels:
        axes, traces = panel.axes, panel.axes.lines
        margin = MARGIN if any(line.get_marker() not in ("", "None", None) for line in traces) else 0.0
        axes.set_xmargin(margin if panel.x.categories is None else 0.0)
        axes.set_ymargin(MARGIN)
        axes.autoscale_view()
        _limit(panel.x, axes.get_xlim(), axes.dataLim.x0, axes.set_xlim)
        _limit(panel.y, axes.get_ylim(), axes.dataLim.y0, axes.set_ylim)
        axes.autoscale(False)
    for panel in panels:
        if "matches" in panel.y.options and "range" not in panel.y.options:
            ends = [end for other in panels for end in other.axes.get_ylim()]
            for other in panels:
                other.axes.set_ylim(min(ends), max(ends))


def _limit(scale: Scale, ends: tuple[float, float], least: float, limit: Callable[[float, float], Any]) -> None:
    """Set the ends of an axis; one that must hold zero, or whose values begin there, begins there."""
    low, high = ends
    if scale.categories is not None:
        low, high = -0.5, len(scale.categories) - 0.5
    elif least == 0 or (least > 0 and scale.options.get("rangemode") == "tozero" and not scale.is_log):
        low = 0.0
    given = scale.options.get("range") or [None, None]
    low, high = (end if mark is None else scale.place(mark) for end, mark in zip((low, high), given, strict=True))
    if scale.options.get("autorange") == "reversed":
        low, high = high, low
    limit(low, high)


def draw_axis(panel: Panel, letter: Literal["x", "y"], *, is_stacked: bool, has_labels: bool) -> None:
    """Write ticks and title of an axis.

    Args:
        panel: where it is.
        letter: which of its two axes.
        is_stacked: whether other panels stand above or below, so that a title has to stay at its own.
        has_labels: whether this is the panel that has the title and the texts of the ticks.
    """
    from matplotlib.ticker import NullLocator

    axes = panel.axes
    axis, scale = (axes.xaxis, panel.x) if letter == "x" else (axes.yaxis, panel.y)
    options = scale.options
    _locate(axis, scale)
    if options.get("ticks") == "":
        axis.set_tick_params(which="both", length=0)
    if not has_labels or options.get("showticklabels") is False:
        axis.set_tick_params(which="both", **{"labelbottom" if letter == "x" else "labelleft": False})
    if options.get("showgrid") and options.get("showline") is False:  # the grid is what such a map is measured by
        axis.grid(True, color="#d0d4d9", linewidth=0.4)
    if options.get("showline") is False:
        axis.set_minor_locator(NullLocator())
    title = options.get("title", {})
    if title.get("text") and has_labels:
        write: Callable[..., Any] = axes.set_xlabel if letter == "x" else axes.set_ylabel
        shade = title.get("font", {}).get("color")
        place = {"loc": "center"} if is_stacked and letter == "y" else {}
        write(printed(title["text"]), **place, **({"color": colour(shade)} if shade else {}))


def _locate(axis: Axis, scale: Scale) -> None:
    """Place the ticks and say how they are written."""
    from matplotlib.ticker import (
        AutoMinorLocator,
        FixedFormatter,
        FixedLocator,
        FuncFormatter,
        MaxNLocator,
        MultipleLocator,
        NullLocator,
    )

    options = scale.options
    low, high = sorted(axis.get_view_interval())
    texts = _texts(scale)
    if texts:
        axis.set_major_locator(FixedLocator([place for place, _ in texts]))
        axis.set_major_formatter(FixedFormatter([printed(text) for _, text in texts]))
        axis.set_minor_locator(NullLocator())
        return
    if scale.is_log:
        _locate_log(axis, math.log10(high / low), only_decades=options.get("dtick") == 1)
        return
    step = options.get("dtick")
    if step is not None and (high - low) / step <= 12:
        axis.set_major_locator(MultipleLocator(step, offset=options.get("tick0", 0)))
        axis.set_minor_locator(NullLocator() if step == 1 else AutoMinorLocator())
    else:
        whole = step == 1
        axis.set_major_locator(MaxNLocator(min(options.get("nticks", 6), 7), integer=whole, steps=[1, 2, 2.5, 5, 10]))
        axis.set_minor_locator(NullLocator() if whole else AutoMinorLocator())
    if "tickformat" in options:
        axis.set_major_formatter(FuncFormatter(percent(options["tickformat"])))


def _texts(scale: Scale) -> list[tuple[float, str]]:
    """Return the places and texts of ticks that have texts of their own."""
    options = scale.options
    if options.get("ticktext") is not None and options.get("tickvals") is not None:
        return list(zip(scale.places(options["tickvals"]).tolist(), options["ticktext"], strict=True))
    return [] if scale.categories is None else [(float(i), name) for i, name in enumerate(scale.categories)]


def _locate_log(axis: Axis, decades: float, *, only_decades: bool) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

    if decades < 1 and not only_decades:
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axis.set_minor_locator(NullLocator())
    else:
        digits = (1.0,) if only_decades or decades > _DECADES_WITH_DIGITS else (1.0, 2.0, 5.0)
        axis.set_major_locator(LogLocator(subs=digits, numticks=12))
        axis.set_minor_locator(LogLocator(subs=tuple(range(2, 10)), numticks=12))
    axis.set_major_formatter(FuncFormatter(log_label))
    axis.set_minor_formatter(NullFormatter())


def log_label(value: float, _place: int | None = None) -> str:
    """Write a tick of a log axis: in full from 0.001 to 1000, else with a power of ten.

    Example:
        >>> log_label(0.01), log_label(500.0), log_label(20000.0)
        ('0.01', '500', '2 × 10⁴')
    """
    if value <= 0 or 1e-3 <= value <= 1e3:
        return f"{value:.6g}".replace("-", MINUS)
    power = math.floor(math.log10(value) + 1e-9)
    digits = f"{value / 10.0**power:.3g}"
    return power_of_ten(power) if digits == "1" else f"{digits} × {power_of_ten(power)}"


def percent(form: str) -> Callable[[float, int | None], str]:
    """Return what writes ticks in percent, as plotly's format says.

    Raises:
        DataError: the format is not one of a percentage.

    Example:
        >>> percent(".0%")(0.2, None), percent(".2~%")(0.125, None)
        ('20%', '12.5%')
    """
    found = _PERCENT.fullmatch(form)
    if found is None:
        raise DataError(f"tick format {form!r} cannot be printed; allowed: '.0%' and the like")
    places, is_short = int(found[1]), bool(found[2])

    def write(value: float, _place: int | None) -> str:
        text = f"{100 * value:.{places}f}"
        short = text.rstrip("0").rstrip(".") if is_short and "." in text else text
        return f"{short}%".replace("-", MINUS)

    return write


def fit_labels(panel: Panel) -> bool:
    """Turn the texts of a horizontal axis upright where they would touch, and return whether they do.

    Call it when all room is shared out.
    """
    texts = [label for label in panel.axes.get_xticklabels() if label.get_text() and label.get_visible()]
    if len(texts) < 2 or not _texts(panel.x):
        return False
    boxes = [label.get_window_extent() for label in texts]
    figure: Any = panel.axes.get_figure()
    gap = to_points(4) / 72 * figure.dpi
    touching = any(a.x1 + gap > b.x0 for a, b in itertools.pairwise(boxes))
    if touching:
        panel.axes.tick_params(axis="x", labelrotation=90)
    return touching


def is_empty(values: Floats) -> bool:
    """Return whether there is nothing finite to draw."""
    return not np.isfinite(values).any()
