"""What a plotly figure says, as plain numbers and texts in light colours."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.errors import DataError
from core.exports.colours import LIGHT
from core.figures.palette import PALETTES

Spec = dict[str, Any]
Floats = NDArray[np.float64]
Colour = tuple[float, float, float, float]
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_TRIPLE = re.compile(r"(?<=\()\d+, ?\d+, ?\d+")
_RGB = re.compile(r"rgba?\((\d+), ?(\d+), ?(\d+)(?:, ?([\d.]+))?\)")


def light_spec(figure: go.Figure) -> Spec:
    """Return data and layout of a figure; arrays are decoded, and dark colours become light.

    Args:
        figure: from core.figures, in either mode.

    Returns:
        "data", a list of traces, and "layout", without the template.
    """
    spec = json.loads(figure.to_json())
    template = spec["layout"].pop("template", {})
    paper = template.get("layout", {}).get("paper_bgcolor", PALETTES["light"].paper)
    is_dark = paper.lower() == PALETTES["dark"].paper.lower()
    return dict(_decoded(spec, _in_light if is_dark else str))


def _in_light(text: str) -> str:
    whole = _HEX.sub(lambda found: LIGHT.get(found[0].lower(), found[0]), text)
    return _TRIPLE.sub(lambda found: LIGHT.get(found[0].replace(" ", ""), found[0]), whole)


def _decoded(value: Any, coloured: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        if "bdata" in value:
            array = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(value["dtype"])).astype(np.float64)
            return array.reshape([int(n) for n in str(value["shape"]).split(",")]) if "shape" in value else array
        return {name: _decoded(each, coloured) for name, each in value.items()}
    if isinstance(value, list):
        return [_decoded(each, coloured) for each in value]
    return coloured(value) if isinstance(value, str) else value


def floats(values: Any) -> Floats:
    """Return numbers as an array; what is missing is NaN.

    Example:
        >>> floats([1, None]), floats(None).shape
        (array([ 1., nan]), (0,))
    """
    return np.array([] if values is None else values, dtype=np.float64)


def colour(text: str) -> Colour:
    """Return red, green, blue and opacity, each from 0 to 1.

    Raises:
        DataError: it is written in another way than "#rrggbb", "rgb(r,g,b)" or "rgba(r,g,b,a)".

    Example:
        >>> colour("#ff0000"), colour("rgba(0,255,0,0.5)")
        ((1.0, 0.0, 0.0, 1.0), (0.0, 1.0, 0.0, 0.5))
    """
    if _HEX.fullmatch(text):
        red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return red, green, blue, 1.0
    if found := _RGB.fullmatch(text):
        red, green, blue = (int(found[i]) / 255 for i in (1, 2, 3))
        return red, green, blue, float(found[4] or 1)
    raise DataError(f"colour {text!r} cannot be printed; allowed: #rrggbb, rgb(r,g,b) and rgba(r,g,b,a)")
