"""Working through runs: results, files, stops and failures."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from safetensors import safe_open

from core.errors import DataError
from core.evaluation.evaluate import Evaluation
from core.events.spec import load_events
from core.jobs.artifacts import MANIFEST, MODEL, SCORES, read_model
from core.jobs.runner import ThreadRunner, check_request
from core.jobs.work import Looks, work_through
from core.learning.snapshot import Snapshot
from core.results import Estimate, from_json
from core.store.request import RunRequest
from core.store.store import Run, RunStore
from core.unlearning.model import Model

Requests = Callable[..., RunRequest]


def work(store: RunStore, request: RunRequest, folder: Path, **options: object) -> Run:
    run = store.add(request, check_request(request))
    store.claim(run.id)
    work_through(store, store.get(run.id), folder / run.id, **options)
    return store.get(run.id)


def test_a_run_leaves_result_model_scores_and_manifest(store: RunStore, request_for: Requests, tmp_path: Path) -> None:
    run = work(store, request_for(), tmp_path)
    assert (run.status, run.epoch, run.error) == ("done", 3, "")
    text, final = store.view(run.id) or ("", False)
    assert final
    assert from_json(Evaluation, text).auc.value == run.headline["auc"]
    folder = tmp_path / run.id
    assert {path.name for path in folder.iterdir()} == {MODEL, SCORES, MANIFEST}
    manifest = json.loads((folder / MANIFEST).read_text())
    assert RunRequest.model_validate(manifest["request"]) == run.request
    assert manifest["data"]["events"] == 1500
    with safe_open(folder / MODEL, "numpy") as model:
        assert json.loads(model.metadata()["inputs"]) == ["leaking", "clean", "noise"]


def test_the_saved_model_gives_the_saved_scores(store: RunStore, request_for: Requests, tmp_path: Path) -> None:
    run = work(store, request_for(), tmp_path)
    events = load_events(run.request.dataset)
    saved = pq.read_table(tmp_path / run.id / SCORES)
    model = Model.from_arrays(read_model(tmp_path / run.id))
    x, m = (torch.from_numpy(events.matrix(names)) for names in (events.roles.features, events.roles.protected))
    scores = model.score(x, m)
    np.testing.assert_allclose(saved["score"].to_numpy(), scores, atol=1e-6)
    assert saved.column_names == ["label", "weight", "mass", "score", "split"]


def test_a_stopped_run_keeps_and_judges_its_best_network(
    store: RunStore, request_for: Requests, tmp_path: Path
) -> None:
    def stop_after_two(snapshot: object) -> None:
        if snapshot.epoch == 2:  # type: ignore[attr-defined]
            store.stop(store.runs()[0].id)

    run = work(store, request_for(epochs=500), tmp_path, watch=stop_after_two)
    assert (run.status, run.epoch) == ("stopped", 2)
    assert run.headline["auc"] > 0
    assert (tmp_path / run.id / MODEL).exists()


def test_bad_data_fails_with_its_reason(store: RunStore, request_for: Requests, tmp_path: Path) -> None:
    request = request_for()
    gone = request.model_copy(
        update={"dataset": request.dataset.model_copy(update={"path": str(tmp_path / "gone.parquet")})}
    )
    run = work(store, gone, tmp_path)
    assert run.status == "failed"
    assert "gone.parquet" in run.error


def test_a_defect_fails_the_run_and_not_the_worker(store: RunStore, request_for: Requests, tmp_path: Path) -> None:
    def broken(_spec: object) -> None:
        raise ZeroDivisionError("surprise")

    run = work(store, request_for(), tmp_path, load=broken)
    assert (run.status, run.error) == ("failed", "unexpected ZeroDivisionError: surprise")


def test_a_training_that_diverges_keeps_the_best_network_before(
    store: RunStore, request_for: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiled = torch.full((2,), float("nan"), dtype=torch.float64)

    def diverge(snapshot: object) -> None:
        if snapshot.epoch == 2:  # type: ignore[attr-defined]
            monkeypatch.setattr("core.unlearning.objective.Objective.step", lambda *_: spoiled)

    run = work(store, request_for(), tmp_path, watch=diverge)
    assert (run.status, run.epoch, len(store.history(run.id))) == ("stopped", 2, 2)
    assert run.remarks[0].startswith("stopped after epoch 2, whose best network was kept: the loss or its gradient")
    assert run.headline["auc"] > 0
    assert (tmp_path / run.id / MODEL).exists()


def test_a_failure_keeps_the_recorded_epochs(store: RunStore, request_for: Requests, tmp_path: Path) -> None:
    def fail_at_two(snapshot: object) -> None:
        if snapshot.epoch == 2:  # type: ignore[attr-defined]
            raise DataError("the disk is full")

    run = work(store, request_for(), tmp_path, watch=fail_at_two)
    assert (run.status, run.error) == ("failed", "the disk is full")
    assert len(store.history(run.id)) == 2


def test_the_runner_works_through_its_queue_in_threads(store: RunStore, request_for: Requests, tmp_path: Path) -> None:
    runner = ThreadRunner(store, tmp_path / "runs", workers=2)
    runs = [runner.submit(request_for(seed=seed)) for seed in range(3)]
    deadline = time.monotonic() + 60
    while any(store.get(run.id).is_live for run in runs) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [store.get(run.id).status for run in runs] == ["done"] * 3


def test_a_wrong_request_is_refused_before_it_is_queued(store: RunStore, request_for: Requests, tmp_path: Path) -> None:
    runner = ThreadRunner(store, tmp_path / "runs")
    for change, message in [
        ({"method": "dicso"}, "unknown method 'dicso'"),
        ({"config": {"lam": -3}}, r"λ \(lam\) is -3; allowed: at least 0"),
        ({"config": {"train_fraction": 0.9, "validation_fraction": 0.09}}, "add up to 0.99"),
        ({"device": "warp"}, "unknown device 'warp'"),
    ]:
        with pytest.raises(DataError, match=message):
            runner.submit(request_for().model_copy(update=change))
    assert store.runs() == []


def test_files_appear_whole_or_not_at_all(
    store: RunStore, request_for: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.jobs.artifacts.pq.write_table", full)
    run = work(store, request_for(), tmp_path / "runs")
    assert run.status == "failed"
    assert "No space left" in run.error
    assert list((tmp_path / "runs").iterdir()) == []
    assert len(store.history(run.id)) == 3


@pytest.mark.parametrize(("cost", "seen"), [(0.001, [0, 2, 4, 6, 8]), (0.1, [0, 2, 7]), (1.0, [0, 2])])
def test_looking_takes_at_most_four_hundredths_of_the_time(cost: float, seen: list[int]) -> None:
    """Epochs of 0.6 s; a second look that takes 0.1 s is followed by none for 2.5 s."""
    now = 0.0

    def look() -> Estimate:
        nonlocal now
        now += cost
        return Estimate(1.0)

    looks, looked = Looks(clock=lambda: now), []
    for epoch in range(10):
        if looks.at(Snapshot(epoch, 10, {}, look, dict)) is not None:
            looked.append(epoch)
        now += 0.6
    assert looked == seen
