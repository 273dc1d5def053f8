"""The held-out events of a run beside its output: what a matrix after unlearning is made of."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.errors import DataError
from core.events.spec import load_events
from core.information import information_matrix
from core.jobs.artifacts import SCORES
from core.jobs.runner import check_request
from core.jobs.with_output import OUTPUT, dataset_with_output
from core.jobs.work import work_through
from core.store.request import RunRequest
from core.store.store import Run, RunStore

Requests = Callable[..., RunRequest]


def trained(store: RunStore, request: RunRequest, folder: Path) -> Run:
    run = store.add(request, check_request(request))
    store.claim(run.id)
    work_through(store, store.get(run.id), folder / run.id)
    return store.get(run.id)


def test_held_out_events_carry_their_output(store: RunStore, request_for: Requests, tmp_path: Path) -> None:
    run = trained(store, request_for(), tmp_path)
    spec = dataset_with_output(run, tmp_path / run.id)
    events, scores = load_events(spec), pq.read_table(tmp_path / run.id / SCORES)
    kept = scores["split"].to_numpy() == 2
    np.testing.assert_array_equal(events[OUTPUT], scores["score"].to_numpy()[kept])
    np.testing.assert_array_equal(events["mass"], scores["mass"].to_numpy()[kept])
    assert spec.roles.features[-1] == OUTPUT
    assert events.describe(OUTPUT).title == "f"
    assert dataset_with_output(run, tmp_path / run.id) == spec
    matrix = information_matrix(events, ("leaking", "mass", OUTPUT), event_class="background", bins=6)
    assert matrix.mi[0, 2] > 0.05


def test_data_that_changed_or_a_run_without_scores_are_refused(
    store: RunStore, request_for: Requests, tmp_path: Path
) -> None:
    run = trained(store, request_for(), tmp_path)
    path = Path(run.request.dataset.path)
    pq.write_table(pq.read_table(path).slice(0, 1000), path)
    with pytest.raises(DataError, match="scored 1,500 events, its data have 1,000 now"):
        dataset_with_output(run, tmp_path / run.id)
    with pytest.raises(DataError, match="left no scores"):
        dataset_with_output(run, tmp_path / "nowhere")
