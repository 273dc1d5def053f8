"""Types that results are made of, so that they go to JSON and back unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, PlainSerializer, PlainValidator, TypeAdapter


def _to_array(values: Any) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def _to_list(values: NDArray[np.float64]) -> Any:
    return np.asarray(values, dtype=np.float64).tolist()


Array = Annotated[NDArray[np.float64], PlainValidator(_to_array), PlainSerializer(_to_list)]
"""A float64 array; JSON null stands for NaN."""

Number = Annotated[float, BeforeValidator(lambda value: float("nan") if value is None else value)]
"""A float; JSON null stands for NaN."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Estimate:
    """Hold a measured value with its standard error (NaN when none was computed)."""

    value: Number
    error: Number = float("nan")


def to_json(result: object) -> str:
    """Return a result dataclass as JSON text; NaN and infinities become null.

    Example:
        >>> to_json(Estimate(0.5, 0.25))
        '{"value":0.5,"error":0.25}'
    """
    return TypeAdapter(type(result)).dump_json(result).decode()


def from_json(kind: type[Result], text: str | bytes) -> Result:
    """Return the result dataclass that ``to_json`` wrote.

    Example:
        >>> from_json(Estimate, '{"value": 2, "error": null}')
        Estimate(value=2.0, error=nan)
    """
    return TypeAdapter(kind).validate_json(text)
