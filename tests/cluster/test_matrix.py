"""A cluster gives what one machine gives, to the last bit, whatever happens to its workers."""

import os
import re
import signal
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.cli import matrix as matrix_command
from core.cli.main import build
from core.cluster import matrix as cluster_matrix
from core.cluster.client import connect
from core.cluster.matrix import count_on_cluster
from core.errors import DataError
from core.events.readers import parquet
from core.information.streaming import stream_matrix
from core.information.tally import RunningTally, add_up

pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
"""A connection to a killed worker is not closed but collected."""


def require_same_bits(one, other):
    for mine, theirs in zip(one.coding.boundaries, other.coding.boundaries, strict=True):
        assert mine.boundaries.dtype == theirs.boundaries.dtype
        assert np.array_equal(mine.boundaries, theirs.boundaries)
    assert one.coding.centres == other.coding.centres
    assert one.counts.n_events == other.counts.n_events
    assert one.counts.sum_w.dtype == other.counts.sum_w.dtype
    assert one.counts.sum_w.tobytes() == other.counts.sum_w.tobytes()
    assert one.counts.sum_w2.tobytes() == other.counts.sum_w2.tobytes()
    assert one.moments.tobytes() == other.moments.tobytes()


def on_cluster(client, spec, **options):
    return list(count_on_cluster(client, spec, **options))[-1].tally


def here(spec, **options):
    return list(stream_matrix(spec, **options))[-1].tally


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("options", [{}, {"event_class": "signal", "rule": "equal_width", "bins": 12}])
def test_a_cluster_gives_the_bits_of_one_machine(client, spec, weighted, options, monkeypatch):
    """Edges, counts, Σw, Σw² and moments; unequal files, a sample of 10⁵ of more events, and both classes."""
    monkeypatch.setattr(cluster_matrix, "SPARE", 2)  # so that workers send but a part of their events
    if not weighted:
        spec = spec.model_copy(update={"roles": spec.roles.model_copy(update={"weight": None})})
    require_same_bits(on_cluster(client, spec, **options), here(spec, **options))


def test_a_selection_and_a_derived_column_too(client, spec, monkeypatch):
    """So narrow a selection that workers keep too few events at first, and sample once more."""
    monkeypatch.setattr(cluster_matrix, "SPARE", 1)
    spec = spec.model_copy(update={"derived": {"z": "x + y"}, "selection": "z > 2.5"})
    steps = list(count_on_cluster(client, spec, ["x", "z", "n_jets"]))
    require_same_bits(steps[-1].tally, here(spec, names=["x", "z", "n_jets"]))
    assert [step.n_done for step in steps] == sorted(step.n_done for step in steps)
    assert steps[-1].n_done == steps[-1].n_total == 3 * 240_000


def test_edges_and_counts_do_not_depend_on_the_files(spec, tmp_path, monkeypatch):
    """One file, other parts: the same boundaries; the same counts; sums of floats in another order, to rounding."""
    many = here(spec)
    pq.write_table(pq.read_table(spec.path), tmp_path / "one.parquet", row_group_size=50_000)
    monkeypatch.setattr(parquet, "PART_ROWS", 70_000)
    one = here(spec.model_copy(update={"path": str(tmp_path / "one.parquet")}))
    for mine, theirs in zip(many.coding.boundaries, one.coding.boundaries, strict=True):
        assert np.array_equal(mine.boundaries, theirs.boundaries)
    assert many.counts.n_events == one.counts.n_events
    assert many.counts.sum_w == pytest.approx(one.counts.sum_w, rel=1e-12, abs=1e-9)


def test_a_worker_that_is_killed_changes_nothing(client, spec):
    """kill -9 in the middle of the second pass: what it held is counted again, and nothing twice."""
    workers = client.run(os.getpid)
    killed = False
    for step in count_on_cluster(client, spec):
        if step.coding is not None and step.tally is None and step.n_done > 1.2 * step.n_total / 2 and not killed:
            os.kill(next(iter(workers.values())), signal.SIGKILL)
            killed = True
    assert killed
    require_same_bits(step.tally, here(spec))
    client.wait_for_workers(2, timeout=20)


def test_stopping_the_iteration_cancels_the_tasks(client, spec):
    passes = count_on_cluster(client, spec)
    next(passes)
    passes.close()
    deadline = time.monotonic() + 5
    while any(client.processing().values()) and time.monotonic() < deadline:
        time.sleep(0.02)  # a part that was begun is read to its end
    assert not any(client.processing().values())


def test_a_worker_that_sees_another_file_says_so(client, spec, tmp_path):
    """The client saw more events than there are where the worker reads."""
    pq.write_table(pq.read_table(spec.path).slice(0, 5000), tmp_path / "a.parquet")
    passes = count_on_cluster(client, spec.model_copy(update={"path": str(tmp_path)}))
    original = cluster_matrix._Tree.__init__

    def replace_first(tree, *arguments):
        pq.write_table(pq.read_table(spec.path).slice(0, 4000), tmp_path / "a.parquet")
        original(tree, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster_matrix._Tree, "__init__", replace_first)
        with pytest.raises(DataError, match=r"a.parquet has 4,000 events where it is read and had 5,000"):
            list(passes)


def test_bad_input_is_named(client, spec, tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n2,3\n")
    csv = spec.model_copy(update={"path": str(tmp_path / "a.csv"), "roles": type(spec.roles)(features=("x", "y"))})
    with pytest.raises(DataError, match="is CSV; allowed on a cluster: Parquet"):
        list(count_on_cluster(client, csv))
    with pytest.raises(DataError, match="has no all events that pass"):
        list(count_on_cluster(client, spec.model_copy(update={"selection": "x > 1e9"})))
    with pytest.raises(DataError, match=r"no scheduler answers at 'tcp://127.0.0.1:1'.*allowed: such as tcp://host:"):
        connect("tcp://127.0.0.1:1", timeout=0.3)


def test_the_command_line_gives_the_answer_of_one_machine(cluster, spec, monkeypatch, capsys):
    """``matrix FOLDER --json`` prints the same with and without --cluster, for data that do not fit in memory."""
    app = build("matrix")

    def printed(*options):
        app(["matrix", spec.path, "--json", *options], standalone_mode=False)
        return capsys.readouterr()

    with pytest.raises(DataError, match="--cluster with 'ksg1'; allowed: binned alone"):
        printed("--cluster", cluster.scheduler_address, "--estimator", "ksg1")
    said = " ".join(printed("--cluster", cluster.scheduler_address).err.split())
    assert "fits in memory and is counted here" in said
    monkeypatch.setattr(matrix_command, "MAX_BYTES_IN_MEMORY", 1000)
    one = printed().out
    assert printed("--cluster", cluster.scheduler_address).out == one
    monkeypatch.setenv("INFOSCOPE_DASK_ADDRESS", cluster.scheduler_address)
    assert printed().out == one


class Number(float):
    """Stands for a tally: floats do not add associatively, so that the order shows."""

    def __add__(self, other):
        return Number(float(self) + float(other))


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 9, 63, 64, 65, 100])
def test_a_running_tally_adds_in_the_order_of_the_tree_of_tasks(n, rng):
    """One by one as on one machine, or eight at a time as on a cluster: the same bits."""
    parts = [Number(value) if rng.random() < 0.9 else None for value in rng.normal(size=n) * 10.0 ** rng.normal(size=n)]
    running = RunningTally()
    for part in parts:
        running.add(part)
    level = parts
    while len(level) > 1:
        level = [add_up(level[i : i + 8]) for i in range(0, len(level), 8)]
    assert running.total() == level[0]
    if n == 100:
        assert running.total() != sum(part for part in parts if part is not None)


def test_dask_is_imported_where_it_is_used():
    """It takes a second to import: no module of the core does so when it is imported itself."""
    files = sorted((Path(__file__).parents[2] / "core").rglob("*.py"))
    early = re.compile(r"^(?:import|from) (?:dask|distributed|fsspec|s3fs)\b", re.MULTILINE)
    assert [str(file) for file in files if early.search(file.read_text(encoding="utf-8"))] == []
