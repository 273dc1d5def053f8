"""Text that names a few kinds, such as generators or systematic variations, as whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import DataError
from core.events.readers import Reader
from core.events.summary import quoted

FEW_VALUES = 20
"""Most values of a variable that is discrete: each has a bin of its own, and a name where it is text."""
_BATCH = 1 << 17
_SHOWN, _LONGEST = 3, 40


def text_names(reader: Reader, column: str) -> tuple[str, ...]:
    """Return the different texts of a column in alphabetical order; code k stands for the k-th.

    Args:
        reader: an open file.
        column: a column of text; missing values are left out.

    Raises:
        DataError: the column holds more than 20 different texts.
    """
    found: set[str] = set()
    for batch in reader.batches([column], _BATCH):
        found.update(text for text in batch[column].unique().to_pylist() if text is not None)
        if len(found) > FEW_VALUES:
            some = quoted(text[:_LONGEST] for text in sorted(found)[:_SHOWN])
            raise DataError(
                f"protected column {column!r} holds more than {FEW_VALUES} different texts ({some}, …); "
                f"allowed: at most {FEW_VALUES}"
            )
    return tuple(sorted(found))


def to_codes(array: Any, names: tuple[str, ...]) -> NDArray[np.float32]:
    """Return the place of each text among the names, NaN where it is missing.

    Args:
        array: pyarrow.Array of n texts.
        names: from ``text_names``.

    Returns:
        Codes, shape (n,).

    Example:
        >>> to_codes(pa.array(["pythia", "herwig", None]), ("herwig", "pythia"))
        array([ 1.,  0., nan], dtype=float32)
    """
    is_coded = pa.types.is_dictionary(array.type)
    texts = (array.dictionary if is_coded else array).cast(pa.large_string())
    codes = pc.index_in(texts, value_set=pa.array(names, pa.large_string())).cast(pa.float32())
    if is_coded:
        codes = codes.take(array.indices)
    return np.asarray(codes.to_numpy(zero_copy_only=False), np.float32)
