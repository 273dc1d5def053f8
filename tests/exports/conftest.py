"""Finished runs that the tests of exports share: one that unlearned, with hostile names, and one of each other task."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.events.table import Column, EventTable
from core.exports.results import RunResults
from core.store.request import RunRequest
from tests.exports.finished import OTHER_TASKS, SHORT, finished, written

SCRIPT = "</script><script>window.broken=1</script>"
HOSTILE = f'<img src=x onerror="window.broken=1">{SCRIPT}'


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the folder of store, uploads and runs."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="session")
def unlearnt(data: Path, toy_table: Callable[..., EventTable]) -> RunResults:
    """Train a baseline and DisCo on events with a feature, a title and a unit that are HTML; the score is audited."""
    toys = toy_table(3400)
    columns = {HOSTILE if name == "noise" else name: values for name, values in toys.columns.items()}
    roles = toys.roles.model_copy(update={"features": ("leaking", "clean", HOSTILE)})
    words = {"mass": Column("mass", f"m_J{SCRIPT}", "GeV<b>")}
    dataset = written(replace(toys, columns=columns, roles=roles, described=words), data / "uploads" / "3f secret")
    finished(data, RunRequest(method="baseline", dataset=dataset, config=SHORT))
    return finished(data, RunRequest(method="disco", dataset=dataset, config=SHORT | {"lam": 5.0}))


@pytest.fixture(scope="session", params=OTHER_TASKS, ids=lambda task: task.__name__)
def of_task(request: pytest.FixtureRequest, data: Path, toy_table: Callable[..., EventTable]) -> RunResults:
    """Train a run of each task that is no unlearning."""
    return request.param(data, toy_table)  # type: ignore[no-any-return]
