"""The matrix of any estimator equals its pairs, one by one, in the core and on the command line."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from core.cli.main import build
from core.errors import DataError
from core.events.table import EventTable, Roles
from core.information.estimate import estimate_mi
from core.information.estimated import estimated_matrix
from core.information.estimators.estimator import ESTIMATORS


@pytest.fixture
def table(rng: np.random.Generator) -> EventTable:
    label = rng.integers(0, 2, 600)
    n_jets = label + rng.integers(0, 3, 600)
    x = rng.normal(size=600) + label
    columns = {"x": x, "y": x + rng.normal(size=600), "n_jets": n_jets, "label": label}
    return EventTable("toy", columns, Roles(features=("x", "y", "n_jets"), label="label"))


@pytest.mark.parametrize("name", ["auto", "adaptive", "mixed"])
def test_every_cell_is_the_estimate_of_its_pair(name: str, table: EventTable) -> None:
    seen: list[tuple[int, int]] = []
    found = estimated_matrix(table, estimator=name, on_pair=lambda done, total: seen.append((done, total)))
    assert found.names == ("x", "y", "n_jets", "label")
    assert seen == [(i, 6) for i in range(1, 7)]
    for i, first in enumerate(found.names):
        for j in range(i):
            pair = estimate_mi(table[found.names[j]], table[first], name)
            assert found.mi[i, j] == found.mi[j, i] == pytest.approx(pair.value)
            assert found.mi_error[i, j] == pytest.approx(pair.error)


def test_entropies_and_ratios_exist_for_discrete_variables_only(table: EventTable) -> None:
    """H(label) of a label at even odds is log 2; D = 1 - I/H(X,Y) of the two discrete variables, from their table."""
    found = estimated_matrix(table)
    assert np.isnan(found.entropy[:2]).all()
    assert found.entropy[3] == pytest.approx(np.log(2), abs=0.01)
    counts = np.histogram2d(table["n_jets"], table["label"], bins=(4, 2))[0]
    p = counts[counts > 0] / 600
    joint = -(p @ np.log(p))
    assert found.distance[2, 3] == pytest.approx(1 - found.mi[2, 3] / joint, abs=0.01)
    assert np.isnan(found.distance[0, 1])


def test_one_class_and_its_weights_are_used(table: EventTable, rng: np.random.Generator) -> None:
    columns = {**table.columns, "weight": rng.uniform(0.5, 2.0, 600)}
    weighted = EventTable("toy", columns, Roles(features=("x", "y"), label="label", weight="weight"))
    found = estimated_matrix(weighted, ["x", "y"], "adaptive", event_class="signal")
    keep = weighted.is_signal
    pair = estimate_mi(columns["x"][keep], columns["y"][keep], "adaptive", weights=columns["weight"][keep])
    assert found.mi[0, 1] == pytest.approx(pair.value)
    assert found.n_events == keep.sum()
    assert found.n_effective < found.n_events


def test_a_pair_that_is_refused_is_named(table: EventTable) -> None:
    with pytest.raises(DataError, match=r"x and n_jets: values of y repeat .* ksg1 does not take"):
        estimated_matrix(table, ["x", "n_jets"], "ksg1")
    with pytest.raises(DataError, match=r"1 variable \(x\); allowed: two or more"):
        estimated_matrix(table, ["x"], "ksg1")


def test_the_command_line_takes_any_estimator(table: EventTable, tmp_path: Path) -> None:
    pq.write_table(pa.table(dict(table.columns)), tmp_path / "toy.parquet")
    for name in ("ksg1", "gaussian_copula", "adaptive"):
        arguments = ["matrix", str(tmp_path / "toy.parquet"), "--columns", "x,y", "--estimator", name, "--json"]
        answer = CliRunner().invoke(build("matrix"), arguments)
        assert answer.exit_code == 0, answer.output
        printed = json.loads(answer.stdout)
        assert printed["names"] == ["x", "y"]
        assert printed["mi"][0][1] == pytest.approx(estimate_mi(table["x"], table["y"], name).value)
        assert printed["mi"][0][0] is None
        assert printed["iqr"][0][1] is None
        assert printed["n_effective"] == printed["n_events"] == 600


def test_the_command_line_lists_every_estimator() -> None:
    answer = CliRunner().invoke(build("matrix"), ["matrix", "--help"], env={"COLUMNS": "200"})
    assert all(name in answer.output for name in ESTIMATORS.names())
