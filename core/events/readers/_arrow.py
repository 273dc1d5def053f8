"""From Arrow arrays to numpy: what every reader shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import DataError
from core.events.summary import OFFERED_ELEMENTS, ColumnSummary, Kind, Part
from core.events.table import Column

_MAXIMUM_OFFERED = 16
_NARROWEST = 4


def _is_number(dtype: Any) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_null)
    return any(test(dtype) for test in tests)


def _is_string(dtype: Any) -> bool:
    return any(test(dtype) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view))


def _is_list(dtype: Any) -> bool:
    jagged = (pa.types.is_list, pa.types.is_large_list, pa.types.is_list_view, pa.types.is_large_list_view)
    return pa.types.is_fixed_size_list(dtype) or any(test(dtype) for test in jagged)


def _is_record(dtype: Any) -> bool:
    return bool(pa.types.is_struct(dtype) or pa.types.is_map(dtype))


def _is_binary(dtype: Any) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_fixed_size_binary)
    return any(test(dtype) for test in tests)


_KINDS: tuple[tuple[Callable[[Any], bool], Kind, str], ...] = (
    (pa.types.is_boolean, "boolean", ""),
    (_is_number, "numeric", ""),
    (_is_string, "string", ""),
    (_is_record, "unsupported", "nested records are not read; store each member as a column of its own"),
    (pa.types.is_temporal, "unsupported", "dates and times are not read; store a number"),
    (_is_binary, "unsupported", "bytes are not read; text must be in UTF-8"),
)


def kind_of(dtype: Any) -> tuple[Kind, str]:
    """Return what can be done with values of an Arrow type, and why not when nothing can.

    Example:
        >>> kind_of(pa.list_(pa.float32()))
        ('list', '')
    """
    if pa.types.is_dictionary(dtype):
        return kind_of(dtype.value_type)
    if _is_list(dtype):
        of_numbers = kind_of(dtype.value_type)[0] in ("numeric", "boolean")
        return ("list", "") if of_numbers else ("unsupported", "lists may hold numbers only, one level deep")
    for test, kind, reason in _KINDS:
        if test(dtype):
            return kind, reason
    return "unsupported", "allowed are numbers, booleans, text labels and lists of numbers"


def summarise(field: Any, n_events: int, stored_bytes: int = 0) -> ColumnSummary:
    """Describe a column from its Arrow field.

    Args:
        field: pyarrow.Field; its metadata may hold title, unit, description and role.
        n_events: number of rows.
        stored_bytes: size of the values before compression, where the file tells it [bytes].
    """
    told = {key.decode(errors="replace"): text.decode(errors="replace") for key, text in (field.metadata or {}).items()}
    kind, reason = kind_of(field.type)
    # A run-length encoded column is tiny before compression and large in memory: take the larger of the two.
    in_memory = n_events * (fixed_width(field.type) or _NARROWEST)
    size = field.type.list_size if pa.types.is_fixed_size_list(field.type) else OFFERED_ELEMENTS
    return ColumnSummary(
        words=Column(field.name, told.get("title") or field.name, told.get("unit", ""), told.get("description", "")),
        dtype=str(field.type),
        kind=kind,
        reason=reason,
        uncompressed_bytes=max(stored_bytes, in_memory),
        stated_role=told.get("role", ""),
        elements=min(size, _MAXIMUM_OFFERED),
    )


def to_numpy(array: Any, part: Part = None) -> NDArray[Any]:
    """Return the values, or one part of a list column, as numpy numbers; missing ones are NaN.

    float32 and float64 stay what they are, float16 and booleans (0 and 1) become float32, all else float64.
    Text becomes an array of Python strings, None where it is missing.

    Args:
        array: pyarrow.Array of n events.
        part: None, the index of an element, or "count" for the length of each list.

    Returns:
        Array of shape (n,).

    Example:
        >>> to_numpy(pa.array([[1.0, 2.0], [], None]), part=1)
        array([ 2., nan, nan])
    """
    if part is not None:
        return _part_of_lists(array, part)
    if pa.types.is_dictionary(array.type):
        if _is_string(array.type.value_type):
            return _shared_text(array)
        array = array.dictionary_decode()
    dtype = array.type
    if _is_string(dtype):
        text: NDArray[Any] = np.asarray(array.to_pylist(), dtype=object)
        return text
    if pa.types.is_boolean(dtype) or pa.types.is_float16(dtype):
        array = array.cast(pa.float32())
    elif not pa.types.is_floating(dtype):
        array = array.cast(pa.float64(), safe=False)
    values: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return values


@contextmanager
def reading(name: str, file_format: str) -> Iterator[None]:
    """Turn whatever a file library raises into a DataError that names the file.

    Damaged files make the libraries raise nearly anything, from KeyError to zlib.error, hence ``Exception``.

    Args:
        name: the file's name.
        file_format: what the file was read as.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        yield
    except DataError:
        raise
    except Exception as problem:
        said = " ".join(str(problem).split())[:200] or type(problem).__name__
        raise DataError(f"{name} cannot be read as {file_format}, it may be damaged or cut short: {said}") from problem


def pick_columns(batch: Any, columns: Sequence[str]) -> dict[str, Any]:
    """Return the named columns of a pyarrow.RecordBatch."""
    return {name: validated(batch.column(batch.schema.get_field_index(name))) for name in columns}


def validated(array: Any) -> Any:
    """Return a pyarrow.Array whose text is UTF-8 and whose lists and codes point at values that are there.

    Arrow trusts the offsets of an array: those of a damaged file would make it read past the end of its memory.

    Raises:
        pyarrow.ArrowInvalid: they do not.
    """
    if not fixed_width(array.type) or pa.types.is_dictionary(array.type):
        array.validate(full=True)
    return array


def _shared_text(array: Any) -> NDArray[Any]:
    """Return text that is stored as codes with one Python string for each code, however often it occurs."""
    texts = np.asarray([*array.dictionary.to_pylist(), None], dtype=object)
    places = array.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False)
    named: NDArray[Any] = texts[places]
    return named


def _part_of_lists(array: Any, part: int | str) -> NDArray[Any]:
    lengths = to_numpy(pc.list_value_length(array))
    if part == "count":
        return lengths
    counts = np.nan_to_num(lengths).astype(np.int64)
    has = counts > part
    # Taken first and converted then: a file of a few bytes may hold lists of millions.
    values = to_numpy(array.flatten().take(pa.array((np.cumsum(counts) - counts)[has] + part)))
    picked = np.full(len(counts), np.nan, dtype=values.dtype)
    picked[has] = values
    return picked


def fixed_width(dtype: Any) -> int:
    """Return how many bytes each event takes in memory as numpy; 0 where that differs from event to event."""
    if pa.types.is_fixed_size_list(dtype):
        return int(dtype.list_size) * fixed_width(dtype.value_type)
    if kind_of(dtype)[0] not in ("numeric", "boolean"):
        return 0
    return 4 if pa.types.is_boolean(dtype) or pa.types.is_float16(dtype) or pa.types.is_float32(dtype) else 8
