"""Small files of every kind."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

Writer = Callable[..., Path]


@pytest.fixture
def parquet(tmp_path: Path) -> Writer:
    """Write columns (arrays, lists or pyarrow arrays) to a Parquet file; the name may hold folders."""

    def write(columns: Mapping[str, Any], name: str = "events.parquet", **options: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(dict(columns)), path, **options)
        return path

    return write


@pytest.fixture
def text_file(tmp_path: Path) -> Writer:
    """Write text or bytes to a file."""

    def write(content: str | bytes, name: str = "events.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def labelled(parquet: Writer, rng: np.random.Generator) -> Path:
    """200 events: pt, eta, m_ll, weight and a label of 0 and 1."""
    n = 200
    return parquet(
        {
            "pt": rng.exponential(30.0, n).astype(np.float32),
            "eta": rng.normal(size=n),
            "m_ll": rng.normal(91.0, 3.0, n),
            "weight": rng.choice([1.0, -0.5], n),
            "label": (np.arange(n) % 2).astype(np.int8),
        }
    )
