"""Calibration as a run and as a command."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.calibration.toys import toy_spec
from core.cli.main import build
from core.errors import DataError
from core.jobs.runner import check_request
from core.store.request import RunRequest

SMALL = ("--epochs", "3", "--hidden", "8")


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INFOSCOPE_DATA", str(tmp_path))


def test_a_request_is_checked_before_it_is_queued(tmp_path: Path) -> None:
    spec = toy_spec("gaussian", ("uniform",), 50, 0, tmp_path)
    full = check_request(RunRequest(task="calibrate", method="side_by_side", dataset=spec, config={"epochs": 5}))
    assert (full["epochs"], full["methods"]) == (5, ["mse", "gaussian_ansatz"])
    for method, config, words in (
        ("mse", {}, "unknown method 'mse'; allowed: side_by_side"),
        ("side_by_side", {"methods": ["lse"]}, "unknown calibration method 'lse'; allowed: gaussian_ansatz, mse"),
        ("side_by_side", {"epoch": 5}, "side_by_side has no option 'epoch'"),
        ("side_by_side", {"epochs": 0}, "epochs is 0"),
    ):
        with pytest.raises(DataError, match=words):
            check_request(RunRequest(task="calibrate", method=method, dataset=spec, config=config))


def test_the_command_calibrates_a_toy() -> None:
    found = CliRunner().invoke(build("calibrate"), ["calibrate", "gaussian", "--events", "900", *SMALL, "--json"])
    assert found.exit_code == 0, found.output
    answer = json.loads(found.stdout)
    assert answer["status"] == "done"
    assert {(each["method"], each["train"], each["test"]) for each in answer["closure"]} == {
        (method, train, test)
        for method in ("mse", "gaussian_ansatz")
        for train in ("uniform", "falling")
        for test in ("uniform", "falling")
    }
    assert answer["information"][0]["exact_nats"] == pytest.approx(0.886, abs=1e-3)


def test_the_command_weights_the_events_of_a_file(tmp_path: Path) -> None:
    """The file has no column of a falling spectrum; its truth is no feature although nobody said so."""
    spec = toy_spec("jets", ("uniform",), 3000, 0, tmp_path)
    options = ["--truth", "true_pt", "--train", "uniform,falling", "--test", "sample", "--methods", "mse", *SMALL]
    found = CliRunner().invoke(build("calibrate"), ["calibrate", spec.path, *options, "--json"])
    assert found.exit_code == 0, found.output
    answer = json.loads(found.stdout)
    assert answer["truth"] == ["true_pt"]
    assert [each["test"] for each in answer["closure"]] == ["sample", "sample"]


def test_the_toy_keeps_its_range(tmp_path: Path) -> None:
    found = CliRunner().invoke(build("calibrate"), ["calibrate", "gaussian", "--low", "1"])
    assert isinstance(found.exception, DataError)
    assert "its own range" in str(found.exception)
