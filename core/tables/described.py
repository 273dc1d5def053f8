"""Tables that say what their columns mean, and their files."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

DESCRIPTION, COLUMNS = "description", "columns"


def described(columns: Mapping[str, Any], description: str, words: Mapping[str, str]) -> pd.DataFrame:
    """Make a table of columns, with words about it and about them in ``attrs``.

    A unit stands in brackets at the end of a column's name, such as "mi [nats]".

    Args:
        columns: name → values, or one value for all rows.
        description: what the table holds.
        words: column → what it means; a column without an entry explains itself.

    Returns:
        The table.

    Example:
        >>> described({"mi [nats]": [0.25], "class": "all"}, "Shared information.", {"mi [nats]": "I(X;Y)"}).shape
        (1, 2)
    """
    frame = pd.DataFrame(dict(columns))
    frame.attrs = {DESCRIPTION: description, COLUMNS: {name: words[name] for name in frame.columns if name in words}}
    return frame


def to_csv(frame: pd.DataFrame) -> str:
    """Write a table as CSV: every digit of its numbers, a decimal point, nothing where there is no value.

    Example:
        >>> to_csv(pd.DataFrame({"x": [0.1, None], "y": [1, 2]})).splitlines()
        ['x,y', '0.1,1', ',2']
    """
    return str(frame.to_csv(index=False, lineterminator="\n"))


def to_parquet(frame: pd.DataFrame) -> bytes:
    """Write a table as Parquet; unit and meaning of a column are metadata of its field.

    Example:
        >>> frame = described({"mi [nats]": [0.25]}, "Shared information.", {"mi [nats]": "I(X;Y)"})
        >>> pq.read_schema(BytesIO(to_parquet(frame))).field("mi [nats]").metadata
        {b'unit': b'nats', b'description': b'I(X;Y)'}
    """
    bare = frame.copy(deep=False)
    bare.attrs = {}
    written = pa.Table.from_pandas(bare, preserve_index=False)
    words = frame.attrs.get(COLUMNS, {})
    fields = [_field(field, words.get(field.name, "")) for field in written.schema]
    metadata = dict(written.schema.metadata)
    if DESCRIPTION in frame.attrs:
        metadata[DESCRIPTION.encode()] = frame.attrs[DESCRIPTION].encode()
    target = BytesIO()
    pq.write_table(written.cast(pa.schema(fields, metadata)), target)
    return target.getvalue()


def unit_of(name: str) -> str:
    """Return the unit that a column's name ends with.

    Example:
        >>> unit_of("mi [nats]"), unit_of("auc")
        ('nats', '')
    """
    return name[name.rindex("[") + 1 : -1] if name.endswith("]") and "[" in name else ""


def with_unit(name: str, unit: str) -> str:
    """Return a column's name with its unit behind it.

    Example:
        >>> with_unit("x_low", "GeV"), with_unit("n_events", "")
        ('x_low [GeV]', 'n_events')
    """
    return f"{name} [{unit}]" if unit else name


def _field(field: pa.Field, words: str) -> pa.Field:
    said = {"unit": unit_of(field.name), "description": words}
    return field.with_metadata({key: text for key, text in said.items() if text})
