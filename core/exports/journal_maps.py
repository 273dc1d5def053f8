"""Cells, contours and their colour bars in print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import DataError
from core.exports.journal_lines import line_look
from core.exports.journal_panels import Panel, is_empty
from core.exports.journal_spec import Floats, Spec, colour, floats
from core.exports.journal_style import SMALL, to_points
from core.exports.journal_text import printed

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

MOST_VECTORS = 20_000
"""Cells beyond which a map is set as pixels in a file of vectors."""
LEAST_TEXT = 6.0
"""Size in points below which the numbers in cells are left out."""
CHARACTER = 0.6
"""Width of a digit over the size of the text."""


def colour_map(scale: Sequence[Sequence[Any]]) -> Colormap:
    """Return plotly's colour scale as matplotlib's; nothing is drawn where there is no value."""
    from matplotlib.colors import LinearSegmentedColormap

    shades = [(float(place), colour(text)) for place, text in scale]
    found = LinearSegmentedColormap.from_list("scale", shades, N=256)
    return found.with_extremes(bad=(0, 0, 0, 0))


def draw_heatmap(panel: Panel, trace: Spec, zorder: float) -> None:
    """Draw cells in colours, with the numbers in them and the colour bar."""
    z = _square(trace.get("z"))
    if not z.size:
        return
    x, y = (_edges(scale.places(trace.get(name)), n) for scale, name, n in _sides(panel, z))
    shown = np.ma.masked_invalid(z)
    low, high = _limits(trace, z)
    has_gaps = trace.get("xgap", 0) > 0
    mesh = panel.axes.pcolormesh(
        x, y, shown, cmap=colour_map(trace["colorscale"]), vmin=low, vmax=high, zorder=zorder,
        edgecolors="white" if has_gaps else "face", linewidth=to_points(trace["xgap"]) if has_gaps else 0.1,
        rasterized=z.size > MOST_VECTORS,
    )  # fmt: skip
    if "texttemplate" in trace and "text" in trace:
        _numbers(panel, trace, x, y, mesh)
    if trace.get("showscale", True) and not is_empty(z):
        draw_colour_bar(panel, mesh, trace.get("colorbar", {}))


def _sides(panel: Panel, z: Floats) -> tuple[tuple[Any, str, int], tuple[Any, str, int]]:
    return (panel.x, "x", z.shape[1]), (panel.y, "y", z.shape[0])


def _square(values: Any) -> Floats:
    array = floats(values)
    return array if array.ndim == 2 else np.empty((0, 0))


def _limits(trace: Spec, z: Floats) -> tuple[float, float]:
    """Return what the ends of the colour scale stand for."""
    ends = (0.0, 1.0) if is_empty(z) else (float(np.nanmin(z)), float(np.nanmax(z)))
    low, high = (ends[i] if trace.get(name) is None else trace[name] for i, name in enumerate(("zmin", "zmax")))
    return low, high if high > low else low + 1.0


def _edges(at: Floats, n: int) -> Floats:
    """Return the edges of n cells: as given, or half way between their middles."""
    if len(at) == n + 1:
        return at
    if not len(at):
        at = np.arange(n, dtype=np.float64)
    middles = (at[1:] + at[:-1]) / 2 if n > 1 else np.empty(0)
    ends = (at[1] - at[0], at[-1] - at[-2]) if n > 1 else (1.0, 1.0)
    return np.concatenate([[at[0] - ends[0] / 2], middles, [at[-1] + ends[1] / 2]])


def _numbers(panel: Panel, trace: Spec, x: Floats, y: Floats, mesh: Any) -> None:
    """Write the texts of cells in a colour that is read on theirs; `fit_numbers` sees to their size."""
    own, shades = trace.get("textfont", {}).get("color"), mesh.to_rgba(mesh.get_array())
    for i, row in enumerate(trace["text"]):
        for j, text in enumerate(row):
            if not text:
                continue
            red, green, blue, _ = shades[i][j]
            ink = colour(own) if own else "white" if 0.3 * red + 0.59 * green + 0.11 * blue < 0.5 else "black"
            panel.axes.text(
                (x[j] + x[j + 1]) / 2, (y[i] + y[i + 1]) / 2, printed(text), ha="center", va="center", color=ink,
                fontsize=SMALL, gid="cell", zorder=4, clip_on=True,
            )  # fmt: skip


def fit_numbers(panel: Panel) -> None:
    """Make the numbers in cells as small as the cells want, or leave them out; call it when all room is shared out."""
    texts = [text for text in panel.axes.texts if text.get_gid() == "cell"]
    if not texts:
        return
    box = panel.axes.get_window_extent()
    points = 72 / panel.axes.figure.dpi
    (x0, x1), (y0, y1) = panel.axes.get_xlim(), panel.axes.get_ylim()
    width, height = box.width * points / abs(x1 - x0), box.height * points / abs(y1 - y0)
    longest = max(len(text.get_text()) for text in texts)
    size = min(SMALL, 0.95 * width / (CHARACTER * longest), 0.9 * height)
    for text in texts:
        text.set_fontsize(size)
        text.set_visible(size >= LEAST_TEXT)


def draw_colour_bar(panel: Panel, drawn: Any, options: Spec) -> None:
    """Draw the colour bar of what was drawn, with the ticks and the title that it has on the screen."""
    lies = options.get("orientation") == "h"
    title = options.get("title", {})
    look: dict[str, Any] = {"orientation": "horizontal" if lies else "vertical"}
    figure: Any = panel.axes.get_figure()
    bar = figure.colorbar(drawn, ax=panel.axes, **look, pad=0.02, aspect=30, fraction=0.05)
    bar.outline.set_visible(False)
    bar.minorticks_off()
    bar.ax.tick_params(direction="out", length=2, labelsize=SMALL)
    if options.get("ticktext") is not None:
        bar.set_ticks(floats(options["tickvals"]).tolist(), labels=[printed(text) for text in options["ticktext"]])
    elif "nticks" in options:
        bar.ax.locator_params(nbins=options["nticks"])
    if title.get("text"):
        if title.get("side") == "top" and not lies:
            bar.ax.set_title(printed(title["text"]), fontsize=SMALL, pad=3)
        else:
            bar.set_label(printed(title["text"]), fontsize=SMALL)


def draw_contour(panel: Panel, trace: Spec, zorder: float) -> None:
    """Draw lines or areas of equal value.

    Raises:
        DataError: the contours are of another kind than figures use.
    """
    z = _square(trace.get("z"))
    options = trace.get("contours", {})
    if is_empty(z):
        return
    x, y = (scale.places(trace.get(name)) for scale, name, _ in _sides(panel, z))
    low, high = float(np.nanmin(z)), float(np.nanmax(z))
    shown, bottom_top = np.ma.masked_invalid(z), _limits(trace, z)
    if options.get("type") == "constraint":
        levels = [float(options["value"])]
    elif options.get("coloring") in ("fill", "lines"):
        levels = np.arange(options["start"], options["end"] + options["size"] / 2, options["size"]).tolist()
    else:
        raise DataError(f"contours {options.get('coloring', 'heatmap')!r} cannot be printed; allowed: fill, lines")
    if options.get("coloring") == "fill":
        ends = [*levels, max(high, levels[-1] + options["size"])]
        shades = _shades(trace, [level + options["size"] / 2 for level in levels], bottom_top)
        panel.axes.contourf(x, y, shown, ends, colors=shades, zorder=zorder - 0.002)
    within = [level for level in levels if low < level < high]
    if not within:
        return
    own = line_look(trace)
    inks = _shades(trace, within, bottom_top) if options.get("coloring") == "lines" else [own["color"]]
    panel.axes.contour(
        x, y, shown, within, colors=inks, linewidths=own["linewidth"], linestyles=[own.get("linestyle", "solid")],
        zorder=zorder,
    )  # fmt: skip


def _shades(trace: Spec, values: Sequence[float], ends: tuple[float, float]) -> Any:
    """Return what colours values have on the colour scale."""
    return colour_map(trace["colorscale"])((np.clip(values, *ends) - ends[0]) / (ends[1] - ends[0]))
