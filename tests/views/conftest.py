"""What the tests of pages share: a server without memory, and a small sample as a file."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.evaluation import joint_information
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from views.parts.data.roles import guessed_dataset


@pytest.fixture(autouse=True, scope="package")
def packages_read_once() -> Iterator[None]:
    """Let Streamlit look once, and not for each AppTest, into every installed package for components."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def fresh_server(data_folder: Path) -> None:
    """Give each test a data folder and caches of its own."""
    import streamlit as st

    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def toys_of(tmp_path: Path, toy_table: Callable[..., EventTable]) -> Callable[[int], DatasetSpec]:
    """Write a toy sample of that many events."""

    def write(n: int) -> DatasetSpec:
        path = tmp_path / "toy.parquet"
        pq.write_table(pa.table(dict(toy_table(n).columns)), path)
        return guessed_dataset(str(path))

    return write


@pytest.fixture
def toy_file(toys_of: Callable[[int], DatasetSpec]) -> Path:
    """Write the toy sample."""
    return Path(toys_of(1500).path)


@pytest.fixture
def quick_classifiers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train the classifiers behind joint information in no time."""
    for name, value in {"EPOCHS": 1, "FEWEST_STEPS": 1, "MOST_EVENTS": 2000}.items():
        monkeypatch.setattr(joint_information, name, value)
