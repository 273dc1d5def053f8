"""Two workers in processes of their own, and a data set in several files that they count."""

import gc
import warnings
from collections.abc import Iterator
from itertools import pairwise

import dask
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from distributed import Client, LocalCluster
from distributed.utils import get_mp_context

from core.events.readers import parquet
from core.events.spec import DatasetSpec
from core.events.table import Roles

N = 240_000
PART_ROWS = 20_000
NEEDED = ["distributed", "awkward", "torch._dynamo", "core.cluster.matrix", "core.jobs.work", "core.jobs.tasks.unlearn"]
"""What a worker imports sooner or later, torch's parts with its first step."""


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Collect connections to workers that tests killed here, where they may be open, and not in some later test."""
    yield
    _collect()


def _collect() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """A scheduler and two workers with a thread each, forked from a process that has imported what they need."""
    with dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}):
        get_mp_context().set_forkserver_preload(NEEDED)
        with LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
            resources={"CPU": 1},
            memory_limit=0,
            silence_logs="CRITICAL",
        ) as found:
            yield found
    _collect()


@pytest.fixture
def client(cluster: LocalCluster) -> Iterator[Client]:
    with Client(cluster.scheduler_address, set_as_default=False) as found:
        yield found


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """More events than the sample keeps, with weights of both signs that do not add exactly, in seven unequal files."""
    rng = np.random.default_rng(7)
    label = rng.integers(0, 2, N)
    x = (rng.normal(size=N) + label).astype(np.float32)
    y = x + rng.normal(size=N)
    y[rng.random(N) < 0.01] = np.nan
    columns = {"x": x, "y": y, "n_jets": rng.integers(2, 7, N), "label": label}
    table = pa.table(columns | {"weight": rng.normal(1.0, 0.5, N)})
    place = tmp_path_factory.mktemp("partitioned")
    borders = [0, 11_000, 13_000, 80_000, 81_000, 150_000, 215_000, N]
    for i, (start, stop) in enumerate(pairwise(borders)):
        pq.write_table(table.slice(start, stop - start), place / f"part{i}.parquet", row_group_size=9000)
    return str(place)


@pytest.fixture
def spec(folder: str, monkeypatch: pytest.MonkeyPatch) -> DatasetSpec:
    """The data set in parts of a few row groups."""
    monkeypatch.setattr(parquet, "PART_ROWS", PART_ROWS)
    roles = Roles(features=("x", "y", "n_jets"), label="label", weight="weight")
    return DatasetSpec(path=folder, roles=roles)
