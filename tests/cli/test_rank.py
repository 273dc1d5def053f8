"""``rank`` prints the core's numbers as one JSON object or as a table."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.cli.main import main
from core.evaluation import joint_information
from core.events.table import EventTable
from core.information.ranking import greedy, scoreboard


@pytest.fixture
def toy(tmp_path: Path, toy_table: Callable[..., EventTable], monkeypatch: pytest.MonkeyPatch) -> EventTable:
    events = toy_table(3000)
    pq.write_table(pa.table(dict(events.columns)), tmp_path / "toy.parquet")
    monkeypatch.chdir(tmp_path)
    for name, value in {"EPOCHS": 1, "FEWEST_STEPS": 30}.items():
        monkeypatch.setattr(joint_information, name, value)
    return events


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["core", "rank", "toy.parquet", "--bins", "8", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_json_holds_scoreboard_path_and_leakage(toy: EventTable, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "--criterion", "cmim", "--steps", "2", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    board = scoreboard(toy, ["leaking", "clean", "noise"], bins=8)
    assert answer["names"] == list(board.names)
    np.testing.assert_allclose(answer["relevance"], board.relevance)
    assert [step["name"] for step in answer["steps"]] == [step.name for step in greedy(board, "cmim", 2)]
    assert len(answer["joint"]) == 2 and {"value", "error", "n_held_out"} == set(answer["joint"][0])
    assert answer["joint"][1]["value"] >= answer["joint"][0]["value"]
    np.testing.assert_allclose(answer["null_level"], board.null_level)
    assert answer["leakage"]["mass"]["names"][0] == "leaking"
    assert answer["ceiling"] == pytest.approx(np.log(2), abs=1e-3)


def test_the_table_leaves_the_classifier_out_when_asked(toy: EventTable, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "--no-joint") == 0
    out = capsys.readouterr().out
    assert "leaks mass" in out and "redundancy" in out
    assert "together" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--criterion", "best"), "unknown criterion 'best'; allowed: jmi, cmim, mrmr"),
        (("--steps", "9"), "9 steps; allowed: 1 to 3"),
        (("--columns", "noise"), "1 variable (noise)"),
    ],
)
def test_bad_input_ends_with_two_and_one_sentence(toy: EventTable, monkeypatch, capsys, arguments, message) -> None:
    assert run(monkeypatch, *arguments) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert message in " ".join(written.err.split())
