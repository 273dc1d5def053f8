"""Lines, symbols, areas and bars in print."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.errors import DataError
from core.exports.journal_panels import Panel
from core.exports.journal_spec import Floats, Spec, colour, floats
from core.exports.journal_style import SMALL, to_points
from core.exports.journal_text import printed

DASHES: dict[str, tuple[float, ...]] = {
    "solid": (), "dash": (9, 6), "dot": (2, 3), "dashdot": (9, 4, 2, 4), "longdash": (14, 6),
    "longdashdot": (14, 4, 2, 4),
}  # fmt: skip
"""Name of a dash → lengths in pixels of strokes and gaps."""
SYMBOLS = {
    "circle": "o", "square": "s", "diamond": "D", "triangle-up": "^", "triangle-down": "v", "cross": "P", "x": "X",
    "x-thin": "x", "line-ew": "_",
}  # fmt: skip
_STROKES = ("x", "_")  # symbols without an inside
_HATCHES = {"/": "////", "\\": "\\\\\\\\", "": "", "x": "xxxx"}
_STEPS = {"linear": "default", "spline": "default", "hv": "steps-post"}
_BESIDE = {"left": (-1, "right"), "center": (0, "center"), "right": (1, "left")}
_ABOVE = {"top": (1, "bottom"), "middle": (0, "center"), "bottom": (-1, "top")}
FAINT = 0.15


def draw_scatter(panel: Panel, trace: Spec, zorder: float) -> None:
    """Draw a trace of lines, symbols and texts, with its area and its errors."""
    x, y = panel.x.places(trace.get("x")), panel.y.places(trace.get("y"))
    mode = trace.get("mode", "lines")
    clip = trace.get("cliponaxis", True)
    _fill(panel, trace, x, y, zorder)
    if "lines" in mode and trace.get("line", {}).get("width", 2) > 0:
        shape = trace.get("line", {}).get("shape", "linear")
        if shape not in _STEPS:
            raise DataError(f"line shape {shape!r} cannot be printed; allowed: {', '.join(_STEPS)}")
        panel.axes.plot(x, y, **line_look(trace), drawstyle=_STEPS[shape], zorder=zorder, clip_on=clip)
    draw_errors(panel, trace, x, y, zorder)
    if "markers" in mode and _seen(trace):
        _symbols(panel, trace, x, y, zorder + 0.001, clip)
    if "text" in mode:
        _texts(panel, trace, x, y, zorder + 0.5)


def _seen(trace: Spec) -> bool:
    """Return whether the symbols can be seen: some only answer to the mouse."""
    opacity = trace.get("marker", {}).get("opacity", 1)
    return not isinstance(opacity, (int, float)) or opacity > 0


def line_look(trace: Spec) -> dict[str, Any]:
    """Return colour, width and dash of a trace's line as matplotlib names them."""
    line = trace.get("line", {})
    width = to_points(line.get("width", 2))
    look: dict[str, Any] = {"color": _with_opacity(line.get("color", "#000000"), trace), "linewidth": width}
    dash = dash_of(line.get("dash", "solid"))
    if dash:
        look["linestyle"] = (0, tuple(to_points(length) / max(width, 0.1) for length in dash))
    return look


def dash_of(name: str) -> tuple[float, ...]:
    """Return strokes and gaps of a dash in pixels; none of a solid line.

    Raises:
        DataError: the dash has no such name and is no list of lengths.

    Example:
        >>> dash_of("5px,2px"), dash_of("solid")
        ((5.0, 2.0), ())
    """
    if name in DASHES:
        return DASHES[name]
    try:
        return tuple(float(length.removesuffix("px")) for length in name.split(","))
    except ValueError:
        raise DataError(f"dash {name!r} cannot be printed; allowed: {', '.join(DASHES)} and '5px,2px'") from None


def marker_look(trace: Spec) -> dict[str, Any]:
    """Return shape, size and colours of a trace's symbols as matplotlib names them.

    Raises:
        DataError: a symbol is not among those that figures use.
    """
    marker = trace.get("marker", {})
    name = marker.get("symbol", "circle")
    bare = name.removesuffix("-open") if isinstance(name, str) else str(name)
    if bare not in SYMBOLS:
        raise DataError(f"symbol {name!r} cannot be printed; allowed: {', '.join(SYMBOLS)}")
    own = marker.get("color", trace.get("line", {}).get("color", "#000000"))
    ink = _with_opacity(own if isinstance(own, str) else "#000000", trace, marker.get("opacity", 1))
    is_open = name.endswith("-open") or SYMBOLS[bare] in _STROKES
    edge = marker.get("line", {})
    return {
        "marker": SYMBOLS[bare],
        "markersize": to_points(_size(marker)) * (0.85 if bare == "diamond" else 1.0),
        "markerfacecolor": "none" if is_open else ink,
        "markeredgecolor": ink if is_open else _with_opacity(edge.get("color", own), trace) if edge else ink,
        "markeredgewidth": to_points(edge.get("width", 1.5 if is_open else 0)),
    }


def _size(marker: Spec) -> float:
    size = marker.get("size", 6)
    return float(np.mean(size)) if not isinstance(size, (int, float)) else float(size)


def _symbols(panel: Panel, trace: Spec, x: Floats, y: Floats, zorder: float, clip: bool) -> None:
    marker = trace.get("marker", {})
    if isinstance(marker.get("size", 6), (int, float)) and isinstance(marker.get("color", ""), str):
        panel.axes.plot(x, y, linestyle="none", **marker_look(trace), zorder=zorder, clip_on=clip)
        return
    from core.exports.journal_maps import colour_map, draw_colour_bar

    look = marker_look(trace)
    sizes = np.broadcast_to(floats(marker.get("size", 6)), x.shape)
    values = marker.get("color", "#000000")
    has_scale = not isinstance(values, str) and not all(isinstance(each, str) for each in values)
    shades: dict[str, Any]
    if has_scale:
        limits = {"vmin": marker.get("cmin"), "vmax": marker.get("cmax")}
        shades = {"c": floats(values), "cmap": colour_map(marker["colorscale"]), **limits}
    else:
        shades = {"c": [look["markerfacecolor"]] * len(x) if isinstance(values, str) else list(map(colour, values))}
    points = panel.axes.scatter(
        x, y, to_points(1.0) ** 2 * sizes**2, **shades, marker=look["marker"], zorder=zorder, clip_on=clip,
        edgecolors=look["markeredgecolor"], linewidths=look["markeredgewidth"],
    )  # fmt: skip
    if has_scale and marker.get("showscale", "colorbar" in marker):
        draw_colour_bar(panel, points, marker.get("colorbar", {}))


def draw_errors(panel: Panel, trace: Spec, x: Floats, y: Floats, zorder: float) -> None:
    """Draw the error bars of a trace, if it has any."""
    for name, errors in (("xerr", trace.get("error_x")), ("yerr", trace.get("error_y"))):
        if not errors or "array" not in errors:
            continue
        above = floats(errors["array"])
        below = floats(errors.get("arrayminus", errors["array"]))
        ink = errors.get("color") or trace.get("line", {}).get("color") or trace.get("marker", {}).get("color")
        spans: dict[str, Any] = {name: np.stack([below, above])}
        panel.axes.errorbar(
            x, y, **spans, fmt="none", ecolor=_with_opacity(ink or "#000000", trace),
            elinewidth=to_points(errors.get("thickness", 1.2)), capsize=to_points(errors.get("width", 0)) / 2,
            zorder=zorder,
        )  # fmt: skip


def _fill(panel: Panel, trace: Spec, x: Floats, y: Floats, zorder: float) -> None:
    kind = trace.get("fill", "none")
    if kind == "none":
        return
    look = area_look(trace)
    if kind == "tozeroy":
        panel.axes.fill_between(x, y, 0.0, **look, zorder=zorder - 0.002)
    elif kind == "toself":
        for start, end in _stretches(np.isfinite(x) & np.isfinite(y)):
            panel.axes.fill(x[start:end], y[start:end], **look, zorder=zorder - 0.002)
    else:
        raise DataError(f"fill {kind!r} cannot be printed; allowed: none, tozeroy, toself")


def _stretches(is_there: np.ndarray[Any, np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Return where runs of true values begin and end."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], is_there, [False]])))
    return list(zip(steps[::2].tolist(), steps[1::2].tolist(), strict=True))


def area_look(trace: Spec) -> dict[str, Any]:
    """Return colours and hatching of a trace's area as matplotlib names them."""
    pattern = trace.get("fillpattern", {})
    inside = pattern.get("bgcolor") or trace.get("fillcolor") or trace.get("line", {}).get("color", "#000000")
    return {"facecolor": _with_opacity(inside, trace), "linewidth": 0} | _hatched(pattern, pattern.get("fgcolor"))


def _hatched(pattern: Spec, ink: str | None) -> dict[str, Any]:
    shape = pattern.get("shape", "")
    if not shape:
        return {}
    if shape not in _HATCHES:
        raise DataError(f"pattern {shape!r} cannot be printed; allowed: {', '.join(filter(None, _HATCHES))}")
    return {"hatch": _HATCHES[shape], "edgecolor": colour(ink or "#000000")}


def draw_bars(panel: Panel, trace: Spec, zorder: float, gap: float, place: int = 0, n: int = 1) -> None:
    """Draw a trace of bars.

    Args:
        panel: where.
        trace: of bars.
        zorder: what lies over what.
        gap: the share of a place that stays free.
        place: which of the bars beside each other these are.
        n: how many stand beside each other.
    """
    lies = trace.get("orientation") == "h"
    along, across = (panel.y, panel.x) if lies else (panel.x, panel.y)
    at, lengths = along.places(trace.get("y" if lies else "x")), across.places(trace.get("x" if lies else "y"))
    base = np.broadcast_to(floats(trace.get("base", 0.0)), at.shape)
    near = np.diff(np.unique(at[np.isfinite(at)]))
    usual = (1 - gap) * (float(near.min()) if len(near) else 1.0) / n
    at = at + (place - (n - 1) / 2) * usual
    widths = np.broadcast_to(floats(trace.get("width", usual)), at.shape)
    there = np.isfinite(lengths) & np.isfinite(base)
    draw: Any = panel.axes.barh if lies else panel.axes.bar
    begin = {"left" if lies else "bottom": base[there]}
    draw(at[there], lengths[there], widths[there], **begin, **bar_look(trace, there), zorder=zorder)
    ends = base + lengths
    draw_errors(panel, trace, *((ends, at) if lies else (at, ends)), zorder + 0.001)


def bar_look(trace: Spec, there: Any = None) -> dict[str, Any]:
    """Return colours and hatching of bars as matplotlib names them."""
    marker = trace.get("marker", {})
    own = marker.get("color", "#000000")
    pattern, edge = marker.get("pattern", {}), marker.get("line", {})
    if isinstance(own, list):
        shades = np.array([colour(each) for each in own])
        return {"color": shades if there is None else shades[there], "linewidth": to_points(edge.get("width", 0))}
    look: dict[str, Any] = {"facecolor": _with_opacity(own, trace), "linewidth": to_points(edge.get("width", 0))}
    if edge.get("width") and "color" in edge:
        look["edgecolor"] = colour(edge["color"])
    if pattern.get("shape"):
        red, green, blue, _ = colour(own)
        look |= {"facecolor": (red, green, blue, FAINT)} | _hatched(pattern, own)
    return look


def _texts(panel: Panel, trace: Spec, x: Floats, y: Floats, zorder: float) -> None:
    position, font = trace.get("textposition", "middle center"), trace.get("textfont", {})
    reach = to_points(_size(trace.get("marker", {}))) / 2 + 1.5 if "markers" in trace.get("mode", "") else 0.0
    names = [position] * len(x) if isinstance(position, str) else position
    for i, text in enumerate(trace.get("text", ())):
        vertical, horizontal = names[i].split(" ")
        (right, ha), (up, va) = _BESIDE[horizontal], _ABOVE[vertical]
        panel.axes.annotate(
            printed(text), (x[i], y[i]), (right * reach, up * reach), textcoords="offset points", ha=ha, va=va,
            fontsize=SMALL, color=colour(font.get("color", "#000000")), zorder=zorder, annotation_clip=True,
        )  # fmt: skip


def _with_opacity(text: str, trace: Spec, more: float = 1.0) -> tuple[float, float, float, float]:
    red, green, blue, alpha = colour(text)
    return red, green, blue, alpha * float(trace.get("opacity", 1.0)) * float(more)
