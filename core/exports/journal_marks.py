"""Straight lines, spans, words and the legend of a figure in print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from core.errors import DataError
from core.exports.journal_lines import area_look, bar_look, dash_of, line_look, marker_look
from core.exports.journal_panels import Panel, Scale
from core.exports.journal_spec import Spec, colour
from core.exports.journal_style import SMALL, to_points
from core.exports.journal_text import Key, printed

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

_SIDES = {"left": "left", "center": "center", "right": "right"}
_HEIGHTS = {"top": "top", "middle": "center", "bottom": "bottom"}
_HATCHED = {"▨": "////", "▧": "\\\\\\\\"}
_LINES, _POINTS = "—–", {"●": "o", "×": "x"}
PALE = 0.25


def draw_shape(panels: dict[str, Panel], shape: Spec) -> None:
    """Draw a straight line or a rectangle; one that spans the whole height is drawn in every panel."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    if shape.get("type") not in ("line", "rect"):
        raise DataError(f"shape {shape.get('type')!r} cannot be printed; allowed: line, rect")
    spans = shape.get("yref") == "paper"
    for panel in panels.values() if spans else [panels[shape.get("yref", "y")]]:
        x = _ends(panel.x, shape["x0"], shape["x1"], is_share=shape.get("xref") == "paper")
        y = (0.0, 1.0) if spans else _ends(panel.y, shape["y0"], shape["y1"], is_share=False)
        line = shape.get("line", {})
        look: dict[str, Any] = {
            "transform": _transform(panel, shape.get("xref") == "paper", spans),
            "linewidth": to_points(line.get("width", 2)),
            "alpha": shape.get("opacity"),
            "zorder": 0.5 if shape.get("layer") == "below" else 3.0,
        }
        dash = dash_of(line.get("dash", "solid"))
        if dash:
            look["linestyle"] = (0, tuple(to_points(each) / max(look["linewidth"], 0.1) for each in dash))
        ink = colour(line.get("color", "#444444"))
        if shape["type"] == "line":
            panel.axes.add_artist(Line2D(x, y, color=ink, **look))
            continue
        inside = colour(shape["fillcolor"]) if "fillcolor" in shape else "none"
        area = Rectangle((x[0], y[0]), x[1] - x[0], y[1] - y[0], facecolor=inside, edgecolor=ink, **look)
        panel.axes.add_artist(area)


def _ends(scale: Scale, start: Any, end: Any, *, is_share: bool) -> tuple[float, float]:
    """Return both ends: shapes on log axes stand at values, not at powers."""
    places = (start, end) if is_share else scale.places([start, end]).tolist()
    return float(places[0]), float(places[1])


def _transform(panel: Panel, x_is_share: bool, y_is_share: bool) -> Any:
    from matplotlib.transforms import blended_transform_factory

    data, share = panel.axes.transData, panel.axes.transAxes
    return blended_transform_factory(share if x_is_share else data, share if y_is_share else data)


def draw_annotation(panels: dict[str, Panel], words: Spec) -> None:
    """Write words at a place of a panel."""
    if words.get("showarrow"):
        raise DataError(f"an arrow to {words.get('text')!r} cannot be printed; allowed: words without one")
    is_share = {"x": words.get("xref") == "paper", "y": words.get("yref") == "paper"}
    panel = _nearest(panels, words["y"]) if is_share["y"] else panels[words.get("yref", "y")]
    x = words["x"] if is_share["x"] else _place(panel.x, words["x"])
    low, high = panel.domain
    y = (words["y"] - low) / (high - low) if is_share["y"] else _place(panel.y, words["y"])
    font = words.get("font", {})
    back = words.get("bgcolor")
    panel.axes.annotate(
        printed(words["text"]), (x, y), (to_points(words.get("xshift", 0)), to_points(words.get("yshift", 0))),
        xycoords=_transform(panel, is_share["x"], is_share["y"]), textcoords="offset points",
        ha=_SIDES[words.get("xanchor") or _side(x, is_share["x"], ("left", "center", "right"))],
        va=_HEIGHTS[words.get("yanchor") or _side(y, is_share["y"], ("bottom", "middle", "top"))],
        fontsize=SMALL, color=colour(font.get("color", "#14171B")), zorder=5, annotation_clip=False,
        bbox={"facecolor": colour(back), "edgecolor": "none", "pad": 1.5} if back else None,
    )  # fmt: skip


def _place(scale: Scale, value: Any) -> float:
    return float(scale.places([value])[0]) if isinstance(value, str) else scale.place(value)


def _side(at: float, is_share: bool, names: tuple[str, str, str]) -> str:
    """Return how plotly anchors words without an anchor: at the nearer edge of the paper, centred on data."""
    return names[1] if not is_share or 1 / 3 <= at <= 2 / 3 else names[0 if at < 1 / 3 else 2]


def _nearest(panels: dict[str, Panel], height: float) -> Panel:
    """Return the panel at a height of the paper, or that next to it."""
    return min(panels.values(), key=lambda panel: max(panel.domain[0] - height, height - panel.domain[1], 0.0))


def legend_entries(traces: Sequence[Spec], layout: Spec, keys: Iterable[Key]) -> list[tuple[Artist, str]]:
    """Return what the legend shows: the keys of the notes, and the traces that plotly names in its legend."""
    named = [trace for trace in traces if trace.get("name") and trace.get("showlegend", True)]
    named.sort(key=lambda trace: trace.get("legendrank", 1000))
    if layout.get("legend", {}).get("traceorder") == "reversed":
        named.reverse()
    is_shown = layout.get("showlegend", len(named) > 1 or any(trace.get("showlegend") for trace in named))
    found = [(_key_handle(key), printed(key.words)) for key in keys]
    return found + ([(_handle(trace), printed(trace["name"])) for trace in named] if is_shown else [])


def _handle(trace: Spec) -> Artist:
    """Return the sample of a trace."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    mode = trace.get("mode", "lines")
    if trace["type"] == "bar":
        look = bar_look(trace)
        return Patch(**look)
    is_area = trace.get("fill", "none") != "none"
    if trace["type"] == "scatter" and is_area and (mode == "none" or trace.get("line", {}).get("width") == 0):
        return Patch(**area_look(trace))
    look = line_look(trace) if "lines" in mode else {"linestyle": "none"}
    return Line2D([], [], **look, **(marker_look(trace) if "markers" in mode else {}))


def _key_handle(key: Key) -> Artist:
    """Return the sample that a note has of a colour."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    red, green, blue, _ = ink = colour(key.colour)
    if key.mark in _LINES:
        return Line2D([], [], color=ink, linewidth=to_points(2))
    if key.mark in _POINTS:
        shape = _POINTS[key.mark]
        return Line2D([], [], linestyle="none", marker=shape, color=ink, markersize=to_points(7), markeredgewidth=0.8)
    if key.mark == "□":
        return Patch(facecolor="white", edgecolor=ink, linewidth=to_points(1.5))
    if key.mark in _HATCHED:
        return Patch(facecolor=(red, green, blue, PALE), edgecolor=ink, hatch=_HATCHED[key.mark], linewidth=0)
    return Patch(facecolor=(red, green, blue, PALE) if key.mark == "▒" else ink, linewidth=0)


def draw_legend(figure: Figure, entries: Sequence[tuple[Artist, str]]) -> float:
    """Write the legend above all panels, in as many columns as fit, and return its height in inches."""
    if not entries:
        return 0.0
    handles, words = zip(*entries, strict=True)
    width = figure.get_figwidth() * figure.dpi
    for columns in range(min(len(entries), 6), 0, -1):
        legend = figure.legend(
            list(handles), list(words), loc="outside upper left", ncols=columns, borderaxespad=0.2, borderpad=0.1,
            columnspacing=1.2, handlelength=1.8, handletextpad=0.5, labelspacing=0.3,
        )  # fmt: skip
        box = legend.get_window_extent()
        if box.width <= width or columns == 1:
            return float(box.height / figure.dpi)
        legend.remove()
    return 0.0
