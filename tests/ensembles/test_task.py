"""The task and its command: a run from request to result."""

import json
from pathlib import Path

import pytest

from core.cli.main import main
from core.ensembles.toys import exact_auc
from core.errors import DataError
from core.events.spec import DatasetSpec
from core.jobs.task import TASKS
from core.store.request import RunRequest

CLASSIFY = ("--events", "1500", "--shift", "0.5", "--epochs", "1", "--hidden", "8", "--constructions", "set")
REGRESS = ("--method", "regression", "--events", "200", "--set-size", "10", "--epochs", "1", "--hidden", "8")


def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["core", "ensembles", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    written = capsys.readouterr()
    return int(end.value.code or 0), written.out, written.err


def test_the_toy_from_the_command_line(
    data_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, text, _ = call(capsys, monkeypatch, "gaussian", *CLASSIFY, "--json")
    answer = json.loads(text)
    assert (code, answer["status"]) == (0, "done")
    assert answer["exact_auc_3"] == exact_auc(0.5, 3)
    assert answer["auc_product_3"] == pytest.approx(exact_auc(0.5, 3), abs=0.06)
    code, text, _ = call(capsys, monkeypatch, "gaussian", *CLASSIFY)
    assert "f_1→3" in text
    assert "exact, closed form" in text


def test_a_regression_from_the_command_line(
    data_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, text, _ = call(capsys, monkeypatch, "gaussian", *REGRESS, "--json")
    assert code == 0
    assert json.loads(text)["resolution_one_step"] == pytest.approx(1 / 10**0.5, rel=0.2)
    code, text, _ = call(capsys, monkeypatch, "gaussian", *REGRESS)
    assert "Posterior mean" in text
    toy = next((data_folder / "toys").glob("gaussian_sets*"))
    code, text, _ = call(capsys, monkeypatch, str(toy), *REGRESS[:2], *REGRESS[4:], "--json")
    assert (code, json.loads(text)["status"]) == (0, "done")


def test_bad_input_ends_with_one_line(
    data_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, error = call(capsys, monkeypatch, "gaussian", "--events", "100", "--set-size", "50")
    assert code == 2
    assert "sets of 50 events" in error


@pytest.mark.parametrize(
    ("method", "config", "words"),
    [
        ("guess", {}, "unknown method 'guess'; allowed: classification, regression"),
        ("classification", {"set_size": 1}, "set_size.* is 1"),
        ("classification", {"constructions": ["heap"]}, "unknown construction 'heap'"),
        ("regression", {"loss": "mlc"}, "regression has no option 'loss'"),
    ],
)
def test_nothing_wrong_is_queued(method: str, config: dict[str, object], words: str) -> None:
    request = RunRequest(task="ensembles", method=method, dataset=DatasetSpec(path="x.parquet"), config=config)
    with pytest.raises(DataError, match=words):
        TASKS["ensembles"].item.check(request)
