"""A trained model on other events: the same scores, row by row, and honest refusals."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import DataError
from core.events.spec import DatasetSpec
from core.jobs.apply import apply_model
from core.jobs.artifacts import MODEL, SCORES
from core.jobs.runner import check_request
from core.jobs.saved import SavedModel, load_model
from core.jobs.work import work_through
from core.store.request import RunRequest
from core.store.store import RunStore

Requests = Callable[..., RunRequest]


@pytest.fixture
def trained(store: RunStore, request_for: Requests, tmp_path: Path) -> tuple[SavedModel, str, Path]:
    """Return a model, the file it was trained on, and its run's folder."""
    request = request_for()
    run = store.add(request, check_request(request))
    store.claim(run.id)
    work_through(store, store.get(run.id), tmp_path / run.id)
    return load_model(tmp_path / run.id), request.dataset.path, tmp_path / run.id


def test_the_scores_of_the_training_file_are_those_of_the_run(
    trained: tuple[SavedModel, str, Path], tmp_path: Path
) -> None:
    saved, file, folder = trained
    applied = apply_model(saved, file, tmp_path / "scores.parquet", keep=("mass",))
    written, of_run = pq.read_table(applied.path), pq.read_table(folder / SCORES)
    assert written.column_names == ["mass", "score"]
    np.testing.assert_array_equal(written["score"].to_numpy(), of_run["score"].to_numpy())
    np.testing.assert_array_equal(written["mass"].to_numpy(), of_run["mass"].to_numpy())


def test_what_meant_no_value_in_training_means_none_in_another_file(
    store: RunStore, request_for: Requests, tmp_path: Path
) -> None:
    request = request_for("baseline")
    name, *_ = request.dataset.roles.features
    table = pq.read_table(request.dataset.path)
    values = table[name].to_numpy().copy()
    values[:7] = -999
    table = table.set_column(table.column_names.index(name), name, pa.array(values))
    table = table.append_column("unused", pa.array(values))
    pq.write_table(table, tmp_path / "spikes.parquet")
    missing = {name: (-999.0,), "unused": (-999.0,)}
    dataset = request.dataset.model_copy(
        update={"path": str(tmp_path / "spikes.parquet"), "missing": missing, "drop_invalid": True}
    )
    request = request.model_copy(update={"dataset": dataset})
    run = store.add(request, check_request(request))
    store.claim(run.id)
    work_through(store, store.get(run.id), tmp_path / run.id)
    pq.write_table(table.drop_columns(["unused"]), tmp_path / "other.parquet")  # need not have every column
    applied = apply_model(load_model(tmp_path / run.id), str(tmp_path / "other.parquet"), tmp_path / "scores.parquet")
    scores = pq.read_table(applied.path)["score"].to_numpy()
    assert applied.n_without_value == 7 and np.isnan(scores[:7]).all() and np.isfinite(scores[7:]).all()


def test_a_model_that_takes_the_length_and_an_element_of_lists_scores_its_own_file(
    store: RunStore, request_for: Requests, tmp_path: Path
) -> None:
    """The length that jets_pt and jets_eta share is called n_jets; menus offer no element 5, which can be asked for."""
    request = request_for("baseline")
    table = pq.read_table(request.dataset.path)
    jets = pa.array([[float(k % 7)] * (6 + k % 3) for k in range(len(table))])
    for name in ("jets_pt", "jets_eta"):
        table = table.append_column(name, jets)
    pq.write_table(table, tmp_path / "jets.parquet")
    features = (*request.dataset.roles.features, "n_jets", "jets_pt[5]", "twice")
    roles = request.dataset.roles.model_copy(update={"features": features})
    dataset = DatasetSpec(path=str(tmp_path / "jets.parquet"), roles=roles, derived={"twice": "2 * n_jets"})
    request = request.model_copy(update={"dataset": dataset})
    run = store.add(request, check_request(request))
    store.claim(run.id)
    folder = tmp_path / run.id
    work_through(store, store.get(run.id), folder)
    applied = apply_model(load_model(folder), dataset.path, tmp_path / "scores.parquet", keep=("n_jets",))
    written, of_run = pq.read_table(applied.path), pq.read_table(folder / SCORES)
    np.testing.assert_array_equal(written["score"].to_numpy(), of_run["score"].to_numpy())
    np.testing.assert_array_equal(written["n_jets"].to_numpy(), 6 + np.arange(len(table)) % 3)
    pq.write_table(table.drop_columns(["jets_pt", "jets_eta"]), tmp_path / "none.parquet")
    with pytest.raises(DataError, match=r"has no column 'n_jets', 'jets_pt\[5\]'; it has "):
        apply_model(load_model(folder), str(tmp_path / "none.parquet"), tmp_path / "scores.parquet", keep=("n_jets",))


def test_events_with_a_missing_input_have_no_score(trained: tuple[SavedModel, str, Path], tmp_path: Path) -> None:
    saved, file, _ = trained
    table = pq.read_table(file)
    clean = table["clean"].to_numpy().copy()
    clean[[3, 7]] = np.nan, np.inf
    spoiled = table.set_column(table.column_names.index("clean"), "clean", pa.array(clean))
    pq.write_table(spoiled.drop_columns(["label", "weight"]), tmp_path / "other.parquet")
    applied = apply_model(saved, str(tmp_path / "other.parquet"), tmp_path / "scores.parquet")
    scores = pq.read_table(applied.path)["score"].to_numpy()
    assert applied.n_without_value == 2
    assert np.flatnonzero(np.isnan(scores)).tolist() == [3, 7]


def test_a_file_without_an_input_is_refused_and_nothing_is_written(
    trained: tuple[SavedModel, str, Path], tmp_path: Path
) -> None:
    saved, file, _ = trained
    pq.write_table(pq.read_table(file).drop_columns(["clean"]), tmp_path / "other.parquet")
    with pytest.raises(DataError, match=r"other\.parquet has no column 'clean'; it has "):
        apply_model(saved, str(tmp_path / "other.parquet"), tmp_path / "scores.parquet")
    assert not (tmp_path / "scores.parquet").exists()


@pytest.mark.parametrize(
    ("out", "message"),
    [("scores.csv", r"ends in \.parquet; got 'scores\.csv'"), ("no/s.parquet", "there is no folder")],
)
def test_a_place_that_cannot_be_written_is_refused(
    trained: tuple[SavedModel, str, Path], tmp_path: Path, out: str, message: str
) -> None:
    saved, file, _ = trained
    with pytest.raises(DataError, match=message):
        apply_model(saved, file, tmp_path / out)


def test_a_run_without_a_readable_model_is_refused(trained: tuple[SavedModel, str, Path], tmp_path: Path) -> None:
    _, _, folder = trained
    with pytest.raises(DataError, match="run nothing has no model"):
        load_model(tmp_path / "nothing")
    (folder / MODEL).write_bytes((folder / MODEL).read_bytes()[:100])
    with pytest.raises(DataError, match="cannot be read"):
        load_model(folder)
