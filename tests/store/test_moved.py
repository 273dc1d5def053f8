"""A program or data folder that moved: runs, links and manifests that were made elsewhere still find their events."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from core.errors import DataError
from core.events.allowed import require_allowed
from core.events.portable import at_home, portable
from core.events.roles import guess_roles, roles_from_guesses
from core.events.samples import sample_path
from core.events.source import inspect_file
from core.events.spec import DatasetSpec, load_events
from core.jobs.datasets import recall, remember
from core.jobs.manifest import manifest
from core.jobs.restarts import key_of
from core.settings import Settings, settings
from core.store.request import RunRequest
from core.store.store import RunStore

UPLOAD = "0123abcd-mine.parquet"


def installed(folder: Path) -> Settings:
    """Install the program in a folder: a sample beside its data."""
    now = replace(settings(), data=folder / "data", samples=folder / "program" / "sample_data")
    for place in (now.samples, now.uploads):
        place.mkdir(parents=True)
    shutil.copy(sample_path("resonance"), now.samples)
    shutil.copy(sample_path("resonance"), now.uploads / UPLOAD)
    return now


def live_in(now: Settings, patch: pytest.MonkeyPatch) -> None:
    for module in ("core.events.portable", "core.store.store", "core.jobs.datasets", "core.jobs.command"):
        patch.setattr(f"{module}.settings", lambda: now)


def opened(path: Path) -> DatasetSpec:
    return DatasetSpec(path=str(path), roles=roles_from_guesses(guess_roles(inspect_file(path))))


@pytest.fixture
def former(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Live in an installation that is about to move."""
    now = installed(tmp_path / "opt" / "former")
    live_in(now, monkeypatch)
    return now


@pytest.fixture
def asked(former: Settings) -> Iterator[list[RunRequest]]:
    """Ask for two runs before the move: on a sample, and on a sample against an upload with a toy's name."""
    sample, upload = former.samples / "resonance.parquet", former.uploads / UPLOAD
    alone = opened(sample)
    requests = [
        RunRequest(dataset=alone),
        RunRequest(dataset=alone.model_copy(update={"path": str(upload), "background": str(sample)})),
    ]
    with closing(RunStore(former.database_url)) as store:
        for request in requests:
            run = store.add(request, {"epochs": 1})
            assert store.get(run.id).request == request
        yield requests


def moved(former: Settings, there: Path, patch: pytest.MonkeyPatch) -> Settings:
    """Move the whole installation, so that no former path leads anywhere, and live there."""
    there.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(former.data.parent, there)
    now = replace(former, data=there / "data", samples=there / "program" / "sample_data")
    live_in(now, patch)
    return now


def requests_of(now: Settings) -> list[RunRequest]:
    with closing(RunStore(now.database_url)) as store:
        return [run.request for run in reversed(store.runs())]


def test_runs_of_a_moved_installation_find_their_events(
    former: Settings, asked: list[RunRequest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fingerprint = load_events(asked[0].dataset).fingerprint
    now = moved(former, tmp_path / "srv" / "new place", monkeypatch)
    alone, pair = requests_of(now)
    assert alone.dataset.path == str(now.samples / "resonance.parquet")
    assert load_events(alone.dataset).fingerprint == fingerprint
    assert pair.dataset.files == (str(now.uploads / UPLOAD), str(now.samples / "resonance.parquet"))
    assert alone.dataset == asked[0].dataset.model_copy(update={"path": alone.dataset.path})
    for path in pair.dataset.files:
        require_allowed(path, now)


def test_a_store_of_an_older_program_that_kept_paths_opens_too(
    former: Settings, asked: list[RunRequest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(former.database_url)
    with engine.begin() as connection:
        asked_at = sorted(connection.execute(text("select created from runs")).scalars())
        for request, created in zip(asked, asked_at, strict=True):
            values = {"request": request.model_dump_json(), "created": created}
            connection.execute(text("update runs set request = :request where created = :created"), values)
    engine.dispose()
    assert requests_of(former) == asked
    now = moved(former, tmp_path / "srv" / "new", monkeypatch)
    alone, pair = requests_of(now)
    assert alone.dataset.path == str(now.samples / "resonance.parquet")
    assert pair.dataset.files == (str(now.uploads / UPLOAD), str(now.samples / "resonance.parquet"))


def test_a_sample_of_other_content_is_refused_by_its_name(
    former: Settings, asked: list[RunRequest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = moved(former, tmp_path / "new", monkeypatch)
    (now.samples / "resonance.parquet").write_bytes(b"another version")
    for request in requests_of(now):  # the list of runs is there all the same
        with pytest.raises(DataError, match="the sample 'resonance' of this data set is not here, or in another vers"):
            load_events(request.dataset)
        with pytest.raises(DataError, match="the sample 'resonance' of this data set is not here, or in another vers"):
            for path in request.dataset.files:
                require_allowed(path, now)


def test_a_link_to_an_upload_holds_in_a_data_folder_that_moved(
    former: Settings, asked: list[RunRequest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = remember(asked[1].dataset, former.datasets)
    (former.datasets / "0123456789ab.json").write_text(asked[1].dataset.model_dump_json())  # by an older program
    now = moved(former, tmp_path / "new", monkeypatch)
    expected = (str(now.uploads / UPLOAD), str(now.samples / "resonance.parquet"))
    assert recall(key, now.datasets).files == recall("0123456789ab", now.datasets).files == expected
    assert remember(recall(key, now.datasets), now.datasets) == key


def test_manifest_and_restart_name_what_was_read(
    former: Settings, asked: list[RunRequest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = load_events(asked[0].dataset)

    def written(now: Settings) -> tuple[dict[str, object], str]:
        with closing(RunStore(now.database_url)) as store:
            run = store.runs()[-1]
        return json.loads(json.dumps(manifest(run, events))), key_of(run, events)["what was asked for"]

    (before, asked_before) = written(former)
    (after, asked_after) = written(moved(former, tmp_path / "new", monkeypatch))
    assert before["request"]["dataset"]["path"] == asked[0].dataset.path  # the path that was read at that time
    assert after["request"]["dataset"]["path"] == str(tmp_path / "new" / "program" / "sample_data/resonance.parquet")
    assert before["data"] == after["data"]
    assert before["data"]["files"][0].startswith("sample:resonance@")
    assert before["command"] == after["command"]
    assert asked_before == asked_after  # so a run that was interrupted before the move goes on after it


def test_files_that_are_nobodys_keep_their_paths(tmp_path: Path) -> None:
    now = Settings(tmp_path / "data", tmp_path / "sample_data")
    for path in (
        "/elsewhere/runs/x.parquet",
        "mine.parquet",
        "s3://bucket/sample_data/x.parquet",
        "/a/uploads/b.root:t",
    ):
        spec = DatasetSpec(path=path)
        assert portable(spec, now) == spec
        assert at_home(spec, now) == spec
