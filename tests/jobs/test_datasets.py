"""Data sets kept under a key, and the command that repeats a run."""

import shlex
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import DataError
from core.events.roles import guess_roles, roles_from_guesses
from core.events.samples import sample_path
from core.events.source import inspect_file
from core.events.spec import DatasetSpec
from core.events.table import Roles
from core.jobs.command import command_line
from core.jobs.datasets import recall, remember
from core.store.request import RunRequest

SPEC = DatasetSpec(
    path="my events.parquet",
    roles=Roles(features=("a", "b"), label="y", protected=("m",), weight="w"),
    derived={"r": "a/b"},
    selection="m > 5",
    signal_value="sig",
    drop_invalid=True,
    missing={"*": (-999.0,), "a": (-1.0, -99.5)},
)


def test_a_data_set_comes_back_under_its_key(tmp_path: Path) -> None:
    key = remember(SPEC, tmp_path / "datasets")
    assert recall(key, tmp_path / "datasets") == SPEC
    assert remember(SPEC, tmp_path / "datasets") == key
    assert remember(SPEC.model_copy(update={"selection": None}), tmp_path / "datasets") != key


def installed(folder: Path) -> DatasetSpec:
    """Put a sample into a folder of samples, and return it with guessed roles."""
    folder.mkdir()
    path = shutil.copy(sample_path("resonance"), folder)
    return DatasetSpec(path=str(path), roles=roles_from_guesses(guess_roles(inspect_file(path))))


def test_a_link_to_a_sample_holds_on_another_machine(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    mine, yours = installed(here), installed(there)
    key = remember(mine, tmp_path / "kept here", here)
    assert yours.path != mine.path
    assert recall(key, tmp_path / "nothing kept there", there) == yours
    assert remember(yours, tmp_path / "kept there", there) == key


def test_a_data_set_of_a_sample_follows_the_installation(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    cut = {"selection": "m > 0"}
    key = remember(installed(here).model_copy(update=cut), tmp_path / "kept", here)
    yours = installed(there)
    assert recall(key, tmp_path / "kept", there) == yours.model_copy(update=cut)
    Path(yours.path).write_bytes(b"another version")
    with pytest.raises(DataError, match="the sample 'resonance' of this data set is not here, or in another version"):
        recall(key, tmp_path / "kept", there)


def test_what_was_kept_by_its_path_still_opens(tmp_path: Path) -> None:
    spec = installed(tmp_path / "here")
    (tmp_path / "0123456789ab.json").write_text(spec.model_dump_json())
    assert recall("0123456789ab", tmp_path, tmp_path / "here") == spec


@pytest.mark.parametrize(
    "key",
    ["0123456789ab", "../../etc/pw", "", "/etc/passwd", "0123456789ab\n", "0123456789a\0", "٠١٢٣٤٥٦٧٨٩ab", "a" * 9999],
)
def test_an_unknown_key_is_refused_and_never_a_path(tmp_path: Path, key: str) -> None:
    with pytest.raises(DataError, match="no data set"):
        recall(key, tmp_path)


def test_two_sessions_keep_the_same_data_set_and_leave_no_draft(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: remember(SPEC, tmp_path / "datasets"), range(40)))
    assert [path.name for path in (tmp_path / "datasets").iterdir()] == [f"{next(iter(keys))}.json"]


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"the data set cannot be kept in 'file'"):
        remember(SPEC, tmp_path / "file")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[" * 100_000, b"{", b'{"path": ""}', b'{"path": "a", "run": "rm"}'])
def test_damaged_data_sets_are_refused_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "0123456789ab.json").write_bytes(content)
    with pytest.raises(DataError, match="another version"):
        recall("0123456789ab", tmp_path)


def test_a_data_set_of_another_version_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "0123456789ab.json").write_text('{"shape": "old"}')
    with pytest.raises(DataError, match="another version"):
        recall("0123456789ab", tmp_path)


def test_the_command_names_everything_that_differs_from_the_defaults() -> None:
    words = shlex.split(command_line(RunRequest(method="mode0", dataset=SPEC, config={"hidden": [8, 8]}, seed=4)))
    assert words[:5] == ["python", "-m", "core", "train", "my events.parquet"]
    pairs = list(zip(words[5:-1:2], words[6::2], strict=False))
    options = dict(pairs)
    assert options["--features"] == "a,b"
    assert options["--derive"] == "r=a/b"
    assert options["--select"] == "m > 5"
    assert options["--signal-value"] == "sig"
    assert [value for name, value in pairs if name == "--missing"] == ["-999", "a=-1,a=-99.5"]
    assert options["--hidden"] == "8,8"
    assert options["--seed"] == "4"
    assert words[-1] == "--drop-invalid"
