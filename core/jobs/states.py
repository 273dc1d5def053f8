"""The state of a training as bytes, without pickle: safetensors for the numbers, JSON for what is where."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load, save

PLAN = "plan"
"""Name of the array that holds the JSON."""


def to_bytes(state: Any) -> bytes:
    """Write a state: tensors, arrays, numbers, words, None, and lists, tuples and mappings of these, nested.

    Floats come back with all their bits, infinite ones too.

    Raises:
        TypeError: something else is in it.

    Example:
        >>> from_bytes(to_bytes({"rank": (True, float("inf")), 0: [None, "λ"], "w": np.ones(2)}))
        {'rank': (True, inf), 0: [None, 'λ'], 'w': array([1., 1.])}
    """
    arrays: list[NDArray[Any]] = []
    plan = json.dumps(_planned(state, arrays)).encode()
    named = {str(k): np.ascontiguousarray(values).reshape(values.shape) for k, values in enumerate(arrays)}
    return save({PLAN: np.frombuffer(plan, np.uint8), **named})


def from_bytes(content: bytes) -> Any:
    """Read what ``to_bytes`` wrote; whatever else it is given raises some exception, and runs nothing."""
    arrays = load(content)
    return _restored(json.loads(arrays[PLAN].tobytes()), arrays)


def _planned(value: Any, arrays: list[NDArray[Any]]) -> Any:
    """Return a value as JSON that names the arrays in it, and add those to the list."""
    if isinstance(value, torch.Tensor | np.ndarray):
        kind = "tensor" if isinstance(value, torch.Tensor) else "array"
        arrays.append(value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else value)
        return {kind: str(len(arrays) - 1)}
    if isinstance(value, dict):
        return {"items": [[key, _planned(one, arrays)] for key, one in value.items()]}
    if isinstance(value, list | tuple):
        return {type(value).__name__: [_planned(one, arrays) for one in value]}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a state holds no {type(value).__name__}")


def _restored(plan: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    if not isinstance(plan, dict):
        return plan
    ((kind, found),) = plan.items()
    if kind in ("tensor", "array"):
        values = arrays[found].copy()
        return torch.from_numpy(values) if kind == "tensor" else values
    if kind == "items":
        return {key: _restored(one, arrays) for key, one in found}
    return {"list": list, "tuple": tuple}[kind](_restored(one, arrays) for one in found)
