"""Links and stored runs do not lead pages to files that they may not read."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.events import DatasetSpec, Roles
from core.jobs.datasets import remember
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import RunStore
from tests.views.driving import opened_at, texts


@pytest.fixture
def secret(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DatasetSpec:
    """A file beside the folder that pages may read, and a symbolic link to it inside."""
    import streamlit as st

    st.cache_resource.clear()
    st.cache_data.clear()
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    monkeypatch.setenv("INFOSCOPE_DATA_ROOT", str(allowed))
    pq.write_table(pa.table({"salary": [1.0, 2.0] * 50, "y": [0, 1] * 50}), tmp_path / "secret.parquet")
    (allowed / "link.parquet").symlink_to(tmp_path / "secret.parquet")
    return DatasetSpec(path=str(tmp_path / "secret.parquet"), roles=Roles(features=("salary",), label="y"))


def test_neither_a_data_key_nor_a_run_opens_a_file_elsewhere(secret: DatasetSpec, tmp_path: Path) -> None:
    link = secret.model_copy(update={"path": str(tmp_path / "allowed" / "link.parquet")})
    run = RunStore(settings().database_url).add(RunRequest(dataset=secret), {"epochs": 1})
    for part in ({"data": remember(secret, settings().datasets)}, {"data": remember(link, settings().datasets)},
                 {"run": run.id}):  # fmt: skip
        app = opened_at("views/data.py", None, **part)
        assert not app.exception
        assert "may not be read by pages" in texts(app.warning)
        assert "salary" not in texts(app.markdown)
        assert "data" not in app.query_params
