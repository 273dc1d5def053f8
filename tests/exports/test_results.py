"""A run's results are read with the baseline that its page shows beside it."""

from dataclasses import replace
from typing import Any

import pytest

from core.events.roles import Roles
from core.events.spec import DatasetSpec
from core.exports import results
from core.jobs.runner import check_request
from core.store.request import RunRequest
from core.store.run import Run


class Kept:
    """Hold runs, whose final view is their name."""

    def __init__(self, *runs: Run) -> None:
        self._runs = runs

    def runs(self, _statuses: object) -> list[Run]:
        return list(self._runs)

    def view(self, run_id: str) -> tuple[str, bool]:
        return run_id, True


def run(name: str, method: str = "baseline", **config: object) -> Run:
    roles = Roles(label="is_signal", features=("x",), protected=("m",))
    request = RunRequest(method=method, dataset=DatasetSpec(path="toy.parquet", roles=roles), config=config)
    values: dict[str, Any] = dict.fromkeys(Run.__dataclass_fields__)
    return Run(**values | {"id": name, "request": request, "config": check_request(request), "created": 0.0})


def test_the_baseline_of_an_export_trained_as_the_run_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "from_json", lambda _kind, text: text)
    disco, short, alike = run("disco", "disco"), run("short", epochs=2), run("alike")
    assert results._baseline(Kept(short, alike, disco), disco) == "alike"  # type: ignore[arg-type]
    stopped = replace(alike, id="stopped", status="stopped")
    assert results._baseline(Kept(stopped, alike), disco) == "alike"  # type: ignore[arg-type]
    assert results._baseline(Kept(stopped), disco) == "stopped"  # type: ignore[arg-type]
    assert results._baseline(Kept(short, disco), disco) is None  # type: ignore[arg-type]
    assert results._baseline(Kept(short, alike), replace(alike, id="again")) is None  # type: ignore[arg-type]
