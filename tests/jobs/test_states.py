"""States as bytes: every bit comes back, and nothing but numbers and words is written or read."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.jobs.states import from_bytes, to_bytes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.integers(0, 9) | st.text(max_size=3), inner)
    ),
    max_leaves=12,
)


def exactly(value: Any) -> Any:
    """Return a value such that equal ones are equal bit for bit: NaN equals NaN, 0.0 is not -0.0, True is not 1."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else value.hex()
    if isinstance(value, dict):
        return [(type(key), key, exactly(one)) for key, one in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [exactly(one) for one in value]
    return type(value), value


@given(VALUES)
def test_values_come_back_exactly(value: Any) -> None:
    assert exactly(from_bytes(to_bytes(value))) == exactly(value)


@pytest.mark.parametrize(
    "array",
    [
        np.array(0.1 + 0.2),
        np.zeros((0, 3), np.float32),
        np.arange(12.0).reshape(3, 4).T,
        np.array([True, False]),
        np.arange(5, dtype=np.uint8),
        np.array([[2**62]], np.int64),
    ],
)
def test_arrays_and_tensors_come_back_with_type_and_shape(array: np.ndarray[Any, Any]) -> None:
    found = from_bytes(to_bytes({"array": array, "tensor": torch.tensor(array)}))
    assert (found["array"].dtype, found["array"].shape) == (array.dtype, array.shape)
    assert np.array_equal(found["array"], array)
    assert torch.equal(found["tensor"], torch.tensor(array))
    assert found["tensor"].dtype == torch.tensor(array).dtype


def test_what_is_no_number_and_no_word_is_refused() -> None:
    with pytest.raises(TypeError, match=r"a state holds no \w+Path"):
        to_bytes({"path": [Path("a")]})
