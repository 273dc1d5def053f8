"""A file to train on and a store to record in."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs.request import RunRequest
from core.jobs.store import RunStore


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(f"sqlite:///{tmp_path}/data/runs.sqlite")


@pytest.fixture
def request_for(tmp_path: Path, toy_table: Callable[..., EventTable]) -> Callable[..., RunRequest]:
    """Make requests for short trainings on a Parquet file of 1,500 toy events."""
    events = toy_table(1500)
    path = tmp_path / "toy.parquet"
    pq.write_table(pa.table(dict(events.columns)), path)
    dataset = DatasetSpec(path=str(path), roles=events.roles)

    def make(method: str = "disco", seed: int = 0, **config: object) -> RunRequest:
        return RunRequest(
            method=method, dataset=dataset, seed=seed, config={"epochs": 3, "batch_size": 512, "hidden": [16], **config}
        )

    return make
