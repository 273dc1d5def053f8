"""What the tests of pages share: a server without memory, and a small sample as a file."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.evaluation import joint_information
from core.events.table import EventTable


@pytest.fixture(autouse=True)
def fresh_server(data_folder: Path) -> None:
    """Give each test a data folder and caches of its own."""
    import streamlit as st

    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def toy_file(tmp_path: Path, toy_table: Callable[..., EventTable]) -> Path:
    """Write the toy sample."""
    path = tmp_path / "toy.parquet"
    pq.write_table(pa.table(dict(toy_table(1500).columns)), path)
    return path


@pytest.fixture
def quick_classifiers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train the classifiers behind joint information in no time."""
    for name, value in {"EPOCHS": 1, "FEWEST_STEPS": 1, "MOST_EVENTS": 2000}.items():
        monkeypatch.setattr(joint_information, name, value)
