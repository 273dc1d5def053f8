"""The task of disentangling among the others: run, stop, apply, export and the autoencoder itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.disentanglement.results import DisentangleView
from core.errors import DataError
from core.events.spec import load_events
from core.jobs.apply import apply_model
from core.jobs.artifacts import SCORES
from core.jobs.rows import of_features, write_rows
from core.jobs.runner import check_request
from core.jobs.saved import load_autoencoder, load_model
from core.jobs.work import work_through
from core.results import from_json
from core.store.request import RunRequest
from core.store.store import RunStore
from core.unlearning.onnx_export import onnx_bytes

Requests = Callable[..., RunRequest]
SMALL = {"latent": 3, "epochs": 2, "downstream_epochs": 2, "hidden": [8], "batch_size": 256}


@pytest.fixture
def asked(request_for: Requests) -> Requests:
    def make(method: str = "beta_tcvae", **config: Any) -> RunRequest:
        return request_for().model_copy(update={"task": "disentangle", "method": method, "config": {**SMALL, **config}})

    return make


def work(store: RunStore, request: RunRequest, folder: Path, stop_after: int | None = None) -> str:
    run = store.add(request, check_request(request))
    store.claim(run.id)

    def watch(snapshot: Any) -> None:
        if snapshot.epoch == stop_after:
            store.stop(run.id)

    work_through(store, store.get(run.id), folder / run.id, watch=watch)
    return run.id


def test_a_run_ends_with_a_view_a_headline_and_scores(store: RunStore, asked: Requests, tmp_path: Path) -> None:
    run = store.get(work(store, asked(), tmp_path))
    assert run.status == "done", run.error
    assert {"auc", "mig", "elbo", "tight_jsd_nats"} <= set(run.headline)
    view, final = store.view(run.id) or ("", False)
    assert final and from_json(DisentangleView, view).evaluation is not None
    assert len(store.history(run.id)) == 4


@pytest.mark.parametrize("downstream", ["baseline", "percentile"])
def test_the_saved_model_scores_a_file_as_the_run_did(
    store: RunStore, asked: Requests, tmp_path: Path, downstream: str
) -> None:
    request = asked(downstream=downstream)
    run = work(store, request, tmp_path)
    saved = load_model(tmp_path / run)
    assert saved.inputs == ("leaking", "clean", "noise")
    assert saved.takes_protected == (downstream == "percentile")
    applied = apply_model(saved, request.dataset.path, tmp_path / "out.parquet")
    of_run = pq.read_table(tmp_path / run / SCORES)["score"].to_numpy()
    np.testing.assert_allclose(pq.read_table(applied.path)["score"].to_numpy(), of_run, atol=1e-6)


def test_it_is_written_as_onnx_with_the_same_scores(store: RunStore, asked: Requests, tmp_path: Path) -> None:
    request = asked()
    run = work(store, request, tmp_path)
    saved, events = load_model(tmp_path / run), load_events(request.dataset)
    x = events.matrix(saved.inputs, np.float32)
    content = onnx_bytes(saved.model, saved.inputs, saved.protected, x, events.matrix(saved.protected, np.float64))
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"features": x})
    np.testing.assert_allclose(found, pq.read_table(tmp_path / run / SCORES)["score"].to_numpy(), atol=1e-5)


def test_stopped_in_the_first_stage_nothing_is_lost(store: RunStore, asked: Requests, tmp_path: Path) -> None:
    run = store.get(work(store, asked(), tmp_path, stop_after=1))
    assert run.status == "stopped" and any("the autoencoder is kept" in remark for remark in run.remarks)
    assert "mig" in run.headline and "auc" not in run.headline
    assert np.isnan(pq.read_table(tmp_path / run.id / SCORES)["score"].to_numpy()).all()
    assert load_autoencoder(tmp_path / run.id).protected == ("mass",)
    with pytest.raises(DataError, match="ended before its classifier, so that it has no score"):
        load_model(tmp_path / run.id)


def test_a_latent_in_which_nothing_is_left_ends_with_its_autoencoder(
    store: RunStore, asked: Requests, tmp_path: Path
) -> None:
    fields = {"beta": 1e4, "supervision": 0.0, "resolution": 10.0, "learning_rate": 1e-2}
    run = store.get(work(store, asked("beta_vae", **fields, epochs=25, batch_size=32), tmp_path))
    assert run.status == "stopped"
    assert any("all 3 latent dimensions hold a protected variable or nothing" in remark for remark in run.remarks)
    assert load_autoencoder(tmp_path / run.id).inputs == ("leaking", "clean", "noise")


def test_a_run_of_another_task_has_no_autoencoder(store: RunStore, request_for: Requests, tmp_path: Path) -> None:
    run = work(store, request_for("baseline"), tmp_path)
    with pytest.raises(DataError, match="trained baseline, which has no autoencoder"):
        load_autoencoder(tmp_path / run)


@pytest.mark.parametrize(
    ("method", "config", "message"),
    [
        ("vae", {}, "unknown model 'vae'"),
        ("beta_vae", {"gamma": 3}, "beta_vae has no option 'gamma'; allowed: latent"),
        ("beta_vae", {"latent": 1}, "is 1; allowed: at least 2"),
        ("beta_vae", {"downstream": "double_disco"}, "double_disco trains 2 classifiers"),
        ("beta_vae", {"downstream_lam": 3.0}, "baseline has no λ"),
    ],
)
def test_a_request_that_cannot_be_met_is_never_queued(
    asked: Requests, method: str, config: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        check_request(asked(method, **config))


def test_rows_are_written_in_order_with_nan_where_an_input_is_missing(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"a": [1.0, np.nan, 3.0], "b": [1.0, 2.0, np.inf], "id": [7, 8, 9]}), tmp_path / "in.parquet"
    )
    written = write_rows(
        str(tmp_path / "in.parquet"), tmp_path / "out.parquet", ("a", "c"), {"c": "a + b"}, {"a": (-999.0,)},
        of_features(("a", "c"), lambda x: {"sum": x.sum(1)}), keep=("id",),
    )  # fmt: skip
    table = pq.read_table(written.path)
    assert (written.n_events, written.n_without_value, written.columns) == (3, 2, ("id", "sum"))
    assert table["id"].to_pylist() == [7, 8, 9]
    np.testing.assert_array_equal(table["sum"].to_numpy(), [3.0, np.nan, np.nan])


@pytest.mark.parametrize(
    ("out", "inputs", "message"),
    [
        ("out.csv", ("a",), "ends in .parquet; got 'out.csv'"),
        ("gone/out.parquet", ("a",), "there is no folder"),
        ("out.parquet", ("a", "z"), "has no column 'z'; it has a"),
    ],
)
def test_rows_that_cannot_be_written_are_refused(
    tmp_path: Path, out: str, inputs: tuple[str, ...], message: str
) -> None:
    pq.write_table(pa.table({"a": [1.0]}), tmp_path / "in.parquet")
    with pytest.raises(DataError, match=message):
        write_rows(
            str(tmp_path / "in.parquet"), tmp_path / out, inputs, {}, {}, of_features(inputs, lambda x: {"a": x[:, 0]})
        )
    assert {path.name for path in tmp_path.iterdir()} == {"in.parquet"}
