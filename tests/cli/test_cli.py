"""The command line as a user runs it: answers, JSON, and errors in words."""

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core.cli.main import COMMANDS, build
from core.cli.runs import status_words
from core.cli.train import config_fields
from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.information import information_matrix
from core.jobs.command import command_line
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import RunStore, StoreError
from core.unlearning.method import METHODS

Run = Callable[..., tuple[int, str, str]]
FAST = ["--epochs", "2", "--hidden", "8", "--batch-size", "256"]
TRUTH = ["--truth", "mass", "--weight", ""]
BROKEN = ["--features", "clean,nothing", "--derive", "nothing=log(0 - mass)"]


def test_matrix_prints_one_json_object_with_the_core_s_numbers(run: Run, toy: EventTable) -> None:
    code, out, _ = run("matrix", "toy.parquet", "--class", "background", "--bins", "8", "--json")
    answer = json.loads(out)
    assert code == 0
    assert {"names", "n_events", "n_effective", "estimator", "entropy", "mi", "iqr", "distance"} <= set(answer)
    truth = information_matrix(toy, answer["names"], event_class="background", bins=8)
    np.testing.assert_allclose(answer["mi"], truth.mi)
    assert answer["n_events"] == 750
    assert answer["n_effective"] == pytest.approx(truth.n_effective)


def test_matrix_takes_columns_by_name_derived_and_selected(run: Run) -> None:
    arguments = ("--columns", "mass,ratio", "--derive", "ratio=leaking/clean", "--select", "mass > 60")
    code, out, _ = run("matrix", "toy.parquet", *arguments, "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["names"] == ["mass", "ratio"]
    assert answer["n_events"] < 1500


def test_info_tells_roles_and_quality(run: Run) -> None:
    code, out, _ = run("info", "toy.parquet", "--json")
    answer = json.loads(out)
    roles = {column["name"]: column["role"] for column in answer["columns"]}
    assert code == 0
    stated = [roles[name] for name in ("mass", "label", "weight", "noise")]
    assert stated == ["protected", "label", "weight", "feature"]
    assert any("negative weights" in finding["text"] for finding in answer["findings"])


def test_info_hints_at_a_column_that_may_be_the_label(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("x,kind\n" + "".join(f"{k / 7},{(11, 22)[k % 2]}\n" for k in range(100)))
    said = "kind holds 11 and 22 only and may be the label: --label kind --signal-value 11|22"
    assert json.loads(run("info", str(path), "--json")[1])["hint"] == said
    assert json.loads(run("info", "toy.parquet", "--json")[1])["hint"] is None


def test_train_prints_its_figures_and_keeps_the_run(run: Run) -> None:
    code, out, err = run("train", "toy.parquet", "--method", "disco", "--lam", "5", *FAST, "--json")
    answer = json.loads(out)
    assert code == 0
    keys = {"run", "auc", "r50", "jsd_nats", "jsd_bits", "mi_score_protected", "dcorr", "seconds"}
    assert keys <= set(answer)
    assert answer["jsd_bits"] == pytest.approx(answer["jsd_nats"] / np.log(2))
    assert answer["run"] in err
    listed = json.loads(run("runs", "--json")[1])["runs"]
    assert [(r["run"], r["status"], r["config"]["lam"]) for r in listed] == [(answer["run"], "done", 5.0)]


def test_the_shown_command_repeats_a_run_exactly(run: Run) -> None:
    options = ("--method", "mode0", "--mass-bins", "4", "--seed", "3", *FAST)
    first = json.loads(run("train", "toy.parquet", *options, "--json")[1])
    request = RunStore(settings().database_url).get(first["run"]).request
    words = shlex.split(command_line(request))
    again = json.loads(run(*words[3:], "--json")[1])
    figures = ("auc", "r50", "jsd_nats", "dcorr", "mi_score_protected")
    assert [again[key] for key in figures] == [first[key] for key in figures]


def test_a_run_can_be_deleted_and_restored(run: Run) -> None:
    run_id = json.loads(run("train", "toy.parquet", "--method", "baseline", *FAST, "--json")[1])["run"]
    assert json.loads(run("runs", "--delete", run_id, "--json")[1])["runs"] == []
    assert json.loads(run("runs", "--restore", run_id, "--json")[1])["runs"][0]["run"] == run_id


def test_the_list_says_what_a_run_waits_for_and_takes_it_out_of_the_queue(run: Run) -> None:
    store = RunStore(settings().database_url)
    request = RunRequest(method="disco", dataset=DatasetSpec(path="toy.parquet"))
    first, second, third = (store.add(request, {"epochs": 5, "lam": 1.0}, waiting=True).id for _ in range(3))
    places = {each["run"]: each.get("before_it") for each in json.loads(run("runs", "--json")[1])["runs"]}
    assert places == {first: 0, second: 1, third: 2}
    assert [status_words(store, store.get(each)) for each in (first, third)] == ["queued, next", "queued, 2 before it"]
    code, printed, _ = run("runs", "--stop", second)
    assert code == 0 and "queued, 1 before it" in printed and "2 before it" not in printed
    assert store.get(second).status == "stopped"
    assert f"run {second} is stopped" in run("runs", "--stop", second)[2]
    store.claim_next()
    assert status_words(store, store.get(first)) == "running"
    run("runs", "--stop", first)
    assert status_words(store, store.get(first)) == "stopping"
    store.close()


def test_the_list_gives_1_over_jsd_its_unit(run: Run) -> None:
    store = RunStore(settings().database_url)
    store.add(RunRequest(method="disco", dataset=DatasetSpec(path="toy.parquet")), {"epochs": 5, "lam": 1.0})
    store.close()
    assert "1/JSD [1/nats]" in run("runs")[1]


def test_runs_of_several_owners_say_whose_they_are(run: Run) -> None:
    store = RunStore(settings().database_url)
    request = RunRequest(method="disco", dataset=DatasetSpec(path="toy.parquet"))
    store.add(request, {"epochs": 5, "lam": 1.0}, waiting=True)
    assert "owner" not in run("runs")[1]
    store.add(request, {"epochs": 5, "lam": 1.0}, "0123456789abcdef", waiting=True)
    store.close()
    _, printed, _ = run("runs")
    assert "owner" in printed and "0123456789abcdef" in printed
    owners = [each["owner"] for each in json.loads(run("runs", "--json")[1])["runs"]]
    assert owners == ["0123456789abcdef", ""]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["matrix", "nothing.parquet"], "no file or folder 'nothing.parquet'"),
        (
            ["matrix", "toy.parquet", "--class", "sgnal"],
            "unknown class 'sgnal'; allowed: all, signal, background, difference",
        ),
        (["matrix", "toy.parquet", "--bins", "1"], "bins"),
        (["matrix", "toy.parquet", "--columns", "mas"], "no column 'mas'"),
        (["matrix", "toy.parquet", "--estimator", "kgs"], "unknown estimator 'kgs'; allowed: auto"),
        (["train", "toy.parquet", "--method", "dicso"], "unknown method 'dicso'"),
        (["train", "toy.parquet", "--lam", "-1"], "λ (lam) is -1.0; allowed: at least 0"),
        (
            ["train", "toy.parquet", "--method", "baseline", "--lam", "1"],
            "baseline has no option 'lam'; allowed: epochs",
        ),
        (["train", "toy.parquet", "--hidden", "8,x"], "hidden"),
        (["train", "toy.parquet", "--label", "noise"], "label 'noise'"),
        (["train", "toy.parquet", "--derive", "broken"], "write NAME=EXPRESSION"),
        (["train", "toy.parquet", "--device", "warp"], "unknown device 'warp'"),
        (["runs", "--delete", "gone"], "there is no run 'gone'"),
    ],
)
def test_bad_input_ends_with_two_and_one_sentence(run: Run, arguments: list[str], message: str) -> None:
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert message in " ".join(err.split())
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--features", "clean,nosie"], "nosie"),
        (["train", "--label", "prok"], "prok"),
        (["train", "--signal-value", "7"], "7"),
        (["train", "--features", "clean,nothing", "--derive", "nothing=log(0 - mass)"], "nothing"),
        (["slide", "--features", "clean,mass"], "mass is protected and a feature at once"),
        (["scan", "--features", "clean,mass"], "mass is protected and a feature at once"),
        (["disentangle", "--features", "clean,mass"], "mass is protected and a feature at once"),
        (["ensembles", *BROKEN], "missing or infinite"),
        (["ensembles", "--select", "label > 0"], "label 'label' is 1 in all"),
        (["ensembles", "--set-size", "300"], "sets of 300 events"),
        (["ensembles", "--method", "regression", "--parameter", "mass"], "the events have weights"),
        (["calibrate", "--truth", "mass"], "weights are negative, missing or infinite in"),
        (["calibrate", *TRUTH, "--train", "steep"], "unknown spectrum 'steep'"),
        (["calibrate", *TRUTH, "--train", "sample", "--select", "mass > 110"], "no events with a truth"),
        (["event-variables", "--theta", "mass"], "weights are negative"),
        (["event-variables", "--theta", "mass", "--weight", "", *BROKEN], "missing or infinite"),
    ],
)
def test_events_that_cannot_be_trained_on_leave_no_run(run: Run, arguments: list[str], message: str) -> None:
    command, *options = arguments
    code, out, err = run(command, "toy.parquet", *options)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith("error: ") and message in line
    assert not settings().runs.exists() or not list(settings().runs.iterdir())
    assert json.loads(run("runs", "--json")[1])["runs"] == []


def test_every_command_has_help() -> None:
    for command in COMMANDS:
        answer = CliRunner().invoke(build(command), [command, "--help"])
        assert answer.exit_code == 0, answer.output
        assert "Usage" in answer.output


def test_runs_without_a_classifier_are_listed(run) -> None:
    """A run whose headline has no AUC, such as that of an event variable."""
    small = ("--events", "400", "--epochs", "1", "--hidden", "4", "--auxiliary", "4")
    assert run("event-variables", "two_visible", *small)[0] == 0
    code, printed, _ = run("runs")
    assert code == 0 and "blueprint_2" in printed


def test_a_run_whose_program_ended_without_a_word_is_listed_as_interrupted(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(settings().database_url)
    request = RunRequest(method="disco", dataset=DatasetSpec(path="toy.parquet"))
    alive, dead = (store.add(request, {"epochs": 5, "lam": 1.0}).id for _ in range(2))
    store.claim(alive)
    store.process = replace(store.process, number=2**22 + 1)
    store.claim(dead)
    store.close()
    listed = {each["run"]: each["status"] for each in json.loads(run("runs", "--json")[1])["runs"]}
    assert listed == {alive: "running", dead: "interrupted"}

    def refused(_store: RunStore) -> None:
        raise StoreError("disk is full")

    monkeypatch.setattr(RunStore, "adopt_orphans", refused)
    assert run("runs", "--json")[0] == 0


def test_the_strength_of_the_penalty_is_described_for_all_methods() -> None:
    field, only = config_fields()["lam"]
    assert "dCorr" not in str(field.description)
    assert "2000 (disco)" in only
    assert all(method.name in only for method in METHODS if "lam" in method.item.config.model_fields)
