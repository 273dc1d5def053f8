"""The text of a figure that a browser reads."""

import base64
import json
from typing import Any

import numpy as np
import pytest

from core.figures.style import compose
from core.figures.written import figure_json


def figure(**trace: Any) -> Any:
    return compose([{"type": "scatter", **trace}], {}, title="t", notes=[], alt="a", mode="light")


def read(packed: Any) -> np.ndarray:
    """Read what plotly takes for an array."""
    if isinstance(packed, list):
        return np.array(packed, dtype=float)
    values = np.frombuffer(base64.b64decode(packed["bdata"]), np.dtype(packed["dtype"]))
    return values.reshape([int(n) for n in packed.get("shape", str(len(values))).split(",")])


@pytest.mark.parametrize(
    "values",
    [
        np.array([1.5, -2.0, np.nan]),
        np.arange(6.0, dtype=np.float32).reshape(2, 3).T,
        np.arange(24.0).reshape(2, 3, 4),
        np.array([3, -4]),
        np.array([2**40, 1]),
        np.array([], dtype=float),
        np.array([True, False]),
    ],
)
def test_numbers_arrive_as_plotly_itself_sends_them(values: np.ndarray) -> None:
    drawn = figure(customdata=values, y=values.ravel())
    mine, theirs = json.loads(figure_json(drawn)), json.loads(drawn.to_json())
    assert mine["layout"] == theirs["layout"]
    for name in ("customdata", "y"):
        np.testing.assert_array_equal(read(mine["data"][0][name]), read(theirs["data"][0][name]))
        np.testing.assert_array_equal(read(mine["data"][0][name]), getattr(drawn.data[0], name))


def test_what_is_no_array_stays_as_it_is() -> None:
    drawn = figure(x=("a", "ä</b>"), y=[np.float64(0.5), None], text=np.array(["p", "q"]), opacity=np.float32(0.5))
    assert json.loads(figure_json(drawn))["data"] == json.loads(drawn.to_json())["data"]
    assert json.loads(figure_json(figure(y=[float("nan")])))["data"][0]["y"] == [None]


def test_what_a_browser_cannot_draw_is_refused() -> None:
    with pytest.raises(TypeError, match="not JSON serializable: object"):
        figure_json(figure(y=[object()]))
