"""The command that repeats a run: executed, it gives the same history, number for number, for every task."""

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.calibration.toys import toy_config, toy_spec
from core.cli.main import main
from core.cli.training import train_here
from core.ensembles.toys import gaussian_sets_spec, two_gaussians_spec
from core.events.spec import DatasetSpec
from core.events.table import EventTable, Roles
from core.jobs.command import command_line
from core.jobs.scan import ScanPlan, scan_command, scan_requests
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import RunStore

TINY = {"epochs": 2, "hidden": [4], "batch_size": 256}
ODD = {"mass": "m, groomed (GeV)", "leaking": " pt", "clean": "-d2\\c2", "noise": "σ(d₀)"}


@pytest.fixture
def odd_file(data_folder: Path, toy_table: Callable[..., EventTable]) -> Path:
    """Write a sample of odd column names into a folder with a space."""
    path = data_folder.parent / "my folder" / "it's mine.parquet"
    path.parent.mkdir()
    columns = toy_table(1200).columns
    pq.write_table(pa.table({ODD.get(name, name): values for name, values in columns.items()}), path)
    return path


def repeated(request: RunRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a run, then execute the command that repeats it; compare both and return the command."""
    store, first = train_here(request)
    command = command_line(request)
    words = shlex.split(command)
    assert words[:3] == ["python", "-m", "core"]
    monkeypatch.setattr("sys.argv", ["core", *words[3:], "--json"])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    again = store.runs()[0]
    assert again.id != first.id
    assert again.config == first.config
    again_spec, spec = (run.request.dataset.model_copy(update={"name": None}) for run in (again, first))
    assert again_spec.model_dump(exclude={"signal_value"}) == spec.model_dump(exclude={"signal_value"})
    assert history(store, again.id) == history(store, first.id)
    assert again.headline == pytest.approx(dict(first.headline), rel=0, abs=0, nan_ok=True)
    return command


def history(store: RunStore, run_id: str) -> list[dict[str, str]]:
    """Return the recorded scalars in all their digits; NaN equals NaN as text."""
    return [{name: repr(value) for name, value in each.scalars.items()} for each in store.history(run_id)]


def request_for(task: str, method: str, dataset: DatasetSpec, config: Mapping[str, Any], seed: int = 0) -> RunRequest:
    return RunRequest(task=task, method=method, dataset=dataset, config=dict(config), seed=seed)


def test_a_training_with_odd_names_without_weight_and_with_every_option(
    odd_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = Roles(features=(" pt", "-d2\\c2", "ratio"), label="label", protected=("m, groomed (GeV)",))
    spec = DatasetSpec(
        path=str(odd_file), roles=roles, derived={"ratio": "`σ(d₀)` / 3 - -1e-3"},
        selection="(weight > -1.2) & (`m, groomed (GeV)` < 200)", drop_invalid=True, signal_value=1.0,
    )  # fmt: skip
    config = {**TINY, "monotonic": False, "lam": 1 / 3, "power": 1, "learning_rate": 1.2345678901234567e-3}
    command = repeated(request_for("unlearn", "mode2", spec, config, seed=2**32 - 1), monkeypatch)
    assert "--no-monotonic" in command
    assert "--weight ''" in command


def test_a_member_of_a_scan_whose_options_were_typed(odd_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roles = Roles(features=(" pt", "σ(d₀)"), label="label", protected=("m, groomed (GeV)",), weight="weight")
    typed = {"epochs": "2", "monotonic": "false", "batch_size": "256"}
    plan = ScanPlan(methods=("mode2",), points=2, seeds=2, config=typed)
    repeated(scan_requests(plan, DatasetSpec(path=str(odd_file), roles=roles))[-1], monkeypatch)


def test_the_command_of_a_scan_makes_the_same_runs(odd_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roles = Roles(features=(" pt",), label="label", protected=("m, groomed (GeV)",))
    spec = DatasetSpec(path=str(odd_file), roles=roles)
    plan = ScanPlan(methods=("disco",), lams={"disco": (1 / 3,)}, seeds=1, config={"epochs": 1, "batch_size": "256"})
    monkeypatch.setattr("sys.argv", ["core", *shlex.split(scan_command(plan, spec))[3:], "--json"])
    with pytest.raises(SystemExit):
        main()
    made = RunStore(settings().database_url).runs()
    assert [run.request.dataset for run in made] == [spec]
    assert (made[0].config["lam"], made[0].config["batch_size"]) == (1 / 3, 256)


def test_a_slider_that_was_given_no_options_of_its_method(odd_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roles = Roles(features=(" pt", "-d2\\c2"), label="label", protected=("m, groomed (GeV)",), weight="weight")
    repeated(request_for("slide", "flat0", DatasetSpec(path=str(odd_file), roles=roles), TINY), monkeypatch)


def test_a_disentanglement_without_weight(odd_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roles = Roles(features=(" pt", "-d2\\c2", "σ(d₀)"), label="label", protected=("m, groomed (GeV)",))
    config = {**TINY, "latent": 3, "downstream_epochs": 1}
    repeated(request_for("disentangle", "beta_vae", DatasetSpec(path=str(odd_file), roles=roles), config), monkeypatch)


def test_sets_of_a_file_and_no_construction(odd_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roles = Roles(features=(" pt", "-d2\\c2"), label="label", protected=())
    config = {**TINY, "constructions": [], "sort_by": "-d2\\c2"}
    repeated(
        request_for("ensembles", "classification", DatasetSpec(path=str(odd_file), roles=roles), config), monkeypatch
    )


def test_the_toys_of_sets_go_by_their_name(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toys = data_folder / "toys"
    pair = two_gaussians_spec(1500, 1 / 3, 5, toys)
    config = {**TINY, "truth": "log_ratio", "set_size": 2, "constructions": ["list"]}
    command = repeated(request_for("ensembles", "classification", pair, config, seed=5), monkeypatch)
    assert "ensembles gaussian --events 1500 --shift 0.3333333333333333" in command
    assert "toys" not in command
    sets = gaussian_sets_spec(300, 10, 0, toys)
    config = {**TINY, "truth": "x", "set_size": 10}
    command = repeated(request_for("ensembles", "regression", sets, config), monkeypatch)
    assert "ensembles gaussian --events 300 " in command


@pytest.mark.parametrize("name", ["gaussian", "jets"])
def test_the_toys_of_calibration_go_by_their_name(
    name: str, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = toy_spec(name, ["uniform", "falling"], 700, 4, data_folder / "toys")
    config = {**TINY, "train": ["uniform"], "test": ["uniform", "falling"], **toy_config(name)}
    command = repeated(request_for("calibrate", "side_by_side", spec, config, seed=4), monkeypatch)
    assert f"calibrate {name} --events 700" in command
    assert "toys" not in command


def test_a_calibration_of_a_file_with_negative_numbers(odd_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roles = Roles(features=(" pt",), label=None, protected=("σ(d₀)",))
    ends = {"low": -1.25, "high": 1.5, "scale": 3.0}
    config = {**TINY, **ends, "truth": ["σ(d₀)"], "train": ["uniform", "sample"], "test": ["sample"]}
    spec = DatasetSpec(path=str(odd_file), roles=roles)
    assert "--low -1.25" in repeated(request_for("calibrate", "side_by_side", spec, config), monkeypatch)


def test_a_bundled_sample_goes_by_its_name_and_another_toy_file_by_its_path(tmp_path: Path) -> None:
    sample = DatasetSpec(path=str(settings().samples / "dimuon.parquet"))
    assert command_line(RunRequest(dataset=sample)).startswith("python -m core train dimuon --method")
    path = tmp_path / "gaussians_0.1_500_seed3.parquet"
    pq.write_table(pa.table({"x": np.arange(3.0)}), path)
    other_seed = request_for("ensembles", "classification", DatasetSpec(path=str(path)), {}, seed=4)
    assert str(path) in command_line(other_seed)


def test_a_run_of_another_version_still_has_a_command() -> None:
    request = RunRequest(dataset=DatasetSpec(path="a.parquet"), config={"forgotten": 3})
    assert "--forgotten 3" in command_line(request)
