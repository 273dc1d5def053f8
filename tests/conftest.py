"""What all tests share: seeded randomness, a toy sample and a data folder of their own."""

import os
from collections.abc import Callable
from pathlib import Path

# Two workers of two threads each on two cores wait for one another; the networks of the tests are tiny anyway.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import hypothesis
import numpy as np
import pytest

from core.events.table import Column, EventTable, Roles
from tests.rooms import Rooms, turn

hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("repeatable")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Rooms:
    """Deal tests out by room, in the order of the collection."""
    config.option.loadscopereorder = False
    return Rooms(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the rooms that take longest."""
    items.sort(key=lambda item: turn(item.nodeid))


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator in the same state at the start of each test."""
    return np.random.default_rng(12345)


@pytest.fixture(scope="session")
def toy_table() -> Callable[..., EventTable]:
    """Make a sample in which the best feature also knows the mass: signal is a peak on a falling spectrum."""

    def make(n: int = 2000, seed: int = 1, name: str = "toy") -> EventTable:
        rng = np.random.default_rng(seed)
        label = (np.arange(n) % 2).astype(np.int8)
        mass = np.where(label == 1, rng.normal(80.0, 8.0, n), 50.0 + rng.exponential(60.0, n))
        columns = {
            "mass": mass,
            "leaking": 1.5 * label + 0.03 * mass + rng.normal(size=n),
            "clean": 1.0 * label + rng.normal(size=n),
            "noise": rng.normal(size=n),
            "label": label,
            "weight": rng.choice([1.0, -1.0], n, p=[0.95, 0.05]) * rng.uniform(0.5, 1.5, n),
        }
        roles = Roles(features=("leaking", "clean", "noise"), label="label", protected=("mass",), weight="weight")
        return EventTable(name, columns, roles, {"mass": Column("mass", "m", "GeV", "the toy's invariant mass")})

    return make


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point INFOSCOPE_DATA, where runs and uploads are kept, at an empty folder; pages may read what is beside it."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("INFOSCOPE_DATA", str(folder))
    monkeypatch.setenv("INFOSCOPE_DATA_ROOT", str(tmp_path))
    return folder
