"""Data sets kept under a key, and the command that repeats a run."""

import shlex
from pathlib import Path

import pytest

from core.errors import DataError
from core.events.spec import DatasetSpec
from core.events.table import Roles
from core.jobs.command import command_line
from core.jobs.datasets import recall, remember
from core.jobs.request import RunRequest

SPEC = DatasetSpec(
    path="my events.parquet",
    roles=Roles(features=("a", "b"), label="y", protected=("m",), weight="w"),
    derived={"r": "a/b"},
    selection="m > 5",
    signal_value="sig",
    drop_invalid=True,
)


def test_a_data_set_comes_back_under_its_key(tmp_path: Path) -> None:
    key = remember(SPEC, tmp_path / "datasets")
    assert recall(key, tmp_path / "datasets") == SPEC
    assert remember(SPEC, tmp_path / "datasets") == key
    assert remember(SPEC.model_copy(update={"selection": None}), tmp_path / "datasets") != key


@pytest.mark.parametrize("key", ["0123456789ab", "../../etc/pw", ""])
def test_an_unknown_key_is_refused_and_never_a_path(tmp_path: Path, key: str) -> None:
    with pytest.raises(DataError, match="no data set"):
        recall(key, tmp_path)


def test_a_data_set_of_another_version_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "0123456789ab.json").write_text('{"shape": "old"}')
    with pytest.raises(DataError, match="another version"):
        recall("0123456789ab", tmp_path)


def test_the_command_names_everything_that_differs_from_the_defaults() -> None:
    words = shlex.split(command_line(RunRequest(method="mode0", dataset=SPEC, config={"hidden": [8, 8]}, seed=4)))
    assert words[:5] == ["python", "-m", "core", "train", "my events.parquet"]
    options = dict(zip(words[5:-1:2], words[6::2], strict=False))
    assert options["--features"] == "a,b"
    assert options["--derive"] == "r=a/b"
    assert options["--select"] == "m > 5"
    assert options["--signal-value"] == "sig"
    assert options["--hidden"] == "8,8"
    assert options["--seed"] == "4"
    assert words[-1] == "--drop-invalid"
