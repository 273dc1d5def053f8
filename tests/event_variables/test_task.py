"""Event variables as a run, as a command, as a model for other events and as ONNX."""

import json
import shlex
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from core.cli.main import build
from core.errors import DataError
from core.event_variables.config import SampleConfig
from core.event_variables.dataset import dataset_for
from core.event_variables.toys import sample_spec
from core.jobs.artifacts import read_model
from core.jobs.command import command_line
from core.jobs.runner import check_request
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import RunStore

SMALL = ("--epochs", "2", "--hidden", "8,8", "--auxiliary", "8")
COMMAND = "event-variables"


@pytest.fixture(autouse=True)
def own_folder(data_folder: Path) -> Path:
    return data_folder


def run(*arguments: str, command: str = COMMAND) -> dict:
    found = CliRunner().invoke(build(command), [command, *arguments, "--json"])
    assert found.exit_code == 0, found.output + str(found.exception)
    return json.loads(found.stdout)


def refused(*arguments: str, command: str = COMMAND) -> str:
    found = CliRunner().invoke(build(command), [command, *arguments])
    assert isinstance(found.exception, DataError), found.output
    return str(found.exception)


def test_a_request_is_checked_before_it_is_queued(tmp_path: Path) -> None:
    spec = sample_spec(SampleConfig(events=100), 0, tmp_path)
    full = check_request(RunRequest(task="event_variables", method="blueprint_3", dataset=spec, config={"epochs": 5}))
    assert (full["epochs"], full["difference"], full["hidden"]) == (5, True, [128, 64, 64, 64, 32])
    for method, config, words in (
        ("blueprint_4", {}, "unknown blueprint 'blueprint_4'; allowed: blueprint_0"),
        ("blueprint_0", {"priority": "flat"}, "blueprint_0 has no option 'priority'"),
        ("blueprint_2", {"epochs": 0}, "epochs is 0"),
        ("blueprint_2", {"decorrelate": "mass", "penalty": "disc"}, "unknown penalty 'disc'; allowed: .*disco"),
    ):
        with pytest.raises(DataError, match=words):
            check_request(RunRequest(task="event_variables", method=method, dataset=spec, config=config))


def test_the_command_compares_with_what_is_known() -> None:
    answer = run("pair", "--events", "2000", "--width", "0", *SMALL)
    assert (answer["status"], answer["theta"]) == ("done", "theta")
    assert [each["known"] for each in answer["comparisons"]] == ["m_t2", "h_t", "missing_pt", "visible_mass", "mass"]
    assert all(-1 <= each["tau"] <= 1 and each["tau_error"] > 0 for each in answer["comparisons"])
    assert [each["variable"] for each in answer["information"]] == [
        "v",
        "m_t2",
        "h_t",
        "missing_pt",
        "visible_mass",
        "mass",
    ]
    assert answer["separation"] == []


def test_a_blueprint_that_needs_background_gets_it() -> None:
    answer = run("two_visible", "--method", "blueprint_1", "--events", "2000", *SMALL)
    assert [each["variable"] for each in answer["separation"]] == ["v", "mass", "h_t"]
    shown = CliRunner().invoke(build(COMMAND), [COMMAND, "two_visible", "--events", "2000", *SMALL])
    assert "Kendall's τ" in shown.output


def test_the_shown_command_repeats_a_run(tmp_path: Path) -> None:
    answer = run("pair", "--method", "blueprint_3", "--events", "900", "--width", "0.1", "--seed", "2", *SMALL)
    request = RunStore(settings().database_url).get(answer["run"]).request
    words = shlex.split(command_line(request))
    assert words[3:5] == ["event-variables", "pair"]
    again = run(*words[4:])
    assert again["comparisons"] == answer["comparisons"]


def test_a_file_names_its_own_theta_and_known_variables(tmp_path: Path) -> None:
    """The file's columns have no roles; θ and the known variables come off the features."""
    spec = sample_spec(SampleConfig(events=2000), 0, tmp_path)
    answer = run(
        spec.path, "--features", ",".join(spec.roles.features), "--protected", "", "--theta", "theta",
        "--known", "mass", "--complement", "h_t", *SMALL,
    )  # fmt: skip
    assert answer["theta"] == "theta"
    assert [each["known"] for each in answer["comparisons"]] == ["mass"]
    roles = dataset_for(spec, {"theta": "px_1", "known": ["e_1"]}).roles
    assert "px_1" not in roles.features
    assert "e_1" not in roles.features
    assert (roles.protected[0], "e_1" in roles.protected) == ("px_1", True)
    assert "e_1" in dataset_for(spec, {"theta": "px_1", "cut": "e_1"}).roles.features


def test_options_of_a_topology_do_not_go_with_a_file(tmp_path: Path) -> None:
    spec = sample_spec(SampleConfig(events=100), 0, tmp_path)
    assert "width belong to the topologies two_visible" in refused(spec.path, "--width", "0.1")
    assert "lowest θ" in refused("pair", "--theta-low", "-1")
    assert "the first must be smaller" in refused("pair", "--theta-low", "600")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--size", "3"), ["score", "second_score", "third_score"]),
        (("--kind", "selector"), ["score"]),
        (("--kind", "categoriser"), ["score"]),
    ],
)
def test_a_trained_variable_serves_other_events_and_other_programs(
    options: tuple[str, ...], names: list[str], tmp_path: Path
) -> None:
    """Applied and exported, it gives the numbers of the run itself."""
    run_id = run("visible_invisible", "--events", "2000", *options, *SMALL)["run"]
    (sample,) = (settings().toys).glob("*.parquet")
    scored = pq.read_table(settings().runs / run_id / "scores.parquet").select(names).to_pandas().to_numpy()
    run(run_id, str(sample), "--out", str(tmp_path / "v.parquet"), command="apply")
    applied = pq.read_table(tmp_path / "v.parquet").select(names).to_pandas().to_numpy()
    np.testing.assert_allclose(applied, scored, atol=1e-6)
    done = CliRunner().invoke(build("export"), ["export", run_id, "--out", str(tmp_path / "v.onnx")])
    assert done.exit_code == 0, done.exception
    session = onnxruntime.InferenceSession(tmp_path / "v.onnx", providers=["CPUExecutionProvider"])
    features = pq.read_table(sample).select(["px", "py", "pz", "e", "missing_px", "missing_py"]).to_pandas().to_numpy()
    (found,) = session.run(None, {"features": features})
    np.testing.assert_allclose(found.reshape(scored.shape), scored, atol=1e-4)
    assert "main.order" in read_model(settings().runs / run_id)
    assert "only a λ slider takes a λ" in refused(
        run_id, "--out", str(tmp_path / "w.onnx"), "--lam", "1", command="export"
    )
