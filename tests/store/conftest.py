"""A file to train on and a store to record in."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.store.request import RunRequest
from core.store.store import RunStore
from tests.store.postgres import Server, missing


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Start a real PostgreSQL server, where the system has one."""
    if missing():
        pytest.skip(missing())
    server = Server.make()
    server.start()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/runs.sqlite"
    server: Server = request.getfixturevalue("postgresql")
    return server.empty(f"test_{uuid.uuid4().hex}")


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
