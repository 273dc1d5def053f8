"""The manifest that lies beside every run."""

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
import torch

from core.events.spec import DatasetSpec
from core.events.table import EventTable
from core.jobs import manifest as module
from core.jobs.manifest import commit, manifest
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import RunStore


@pytest.fixture
def described(data_folder: Path, toy_table: Callable[..., EventTable]) -> dict[str, object]:
    events = toy_table(100)
    store = RunStore(settings().database_url)
    request = RunRequest(dataset=DatasetSpec(path="toy.parquet", roles=events.roles), config={"lam": 5.0}, seed=7)
    run = store.add(request, {"epochs": 3, "lam": 5.0, "hidden": [8]})
    store.claim(run.id)
    found = manifest(store.get(run.id), events)
    store.close()
    return json.loads(json.dumps(found))


def test_it_holds_what_repeats_a_run(
    described: dict[str, dict[str, object]], toy_table: Callable[..., EventTable]
) -> None:
    assert described["seed"] == 7
    assert described["config"] == {"epochs": 3, "lam": 5.0, "hidden": [8]}
    assert described["request"]["config"] == {"lam": 5.0}
    assert str(described["command"]).startswith("python -m core train toy.parquet --method disco --seed 7 --lam 5 ")
    data = described["data"]
    assert data["events"] == 100
    assert data["columns"]["mass"] == "float64"
    assert data["fingerprint"] == toy_table(100).fingerprint != toy_table(100, seed=2).fingerprint
    versions = described["versions"]
    assert (versions["torch"], versions["numpy"], versions["python"]) == (
        torch.__version__, numpy.__version__, platform.python_version()
    )  # fmt: skip
    assert described["device"]["asked"] == "auto"
    assert described["device"]["used"] in ("cpu", "cuda")
    assert described["threads"]["torch"] >= 1
    assert described["started"] <= described["finished"]


@pytest.fixture
def ask_again() -> None:
    commit.cache_clear()
    yield
    commit.cache_clear()


@pytest.mark.usefixtures("ask_again")
def test_an_image_names_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFOSCOPE_COMMIT", "abc123")
    assert commit() == {"commit": "abc123", "changed": False}


@pytest.mark.usefixtures("ask_again")
def test_a_checkout_of_another_user_names_its_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As where a service of its own user runs what root installed."""
    if shutil.which("git") is None or os.name != "posix" or os.getuid() != 0:
        pytest.skip("only root gives files away, and git tells commits")
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").touch()
    names = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "."], [*names, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    for place in (tmp_path, tmp_path / ".git"):
        os.chown(place, 12345, 12345)
    monkeypatch.delenv("INFOSCOPE_COMMIT", raising=False)
    monkeypatch.delenv("SUDO_UID", raising=False)
    monkeypatch.setattr(module.core, "__file__", str(tmp_path / "core" / "__init__.py"))
    found = commit()
    assert (len(found["commit"] or ""), found["changed"]) == (40, False)


@pytest.mark.usefixtures("ask_again")
def test_without_a_checkout_there_is_no_commit_even_inside_another_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("INFOSCOPE_COMMIT", raising=False)
    (tmp_path / ".git").mkdir()
    (tmp_path / "program" / "core").mkdir(parents=True)
    monkeypatch.setattr(module.core, "__file__", str(tmp_path / "program" / "core" / "__init__.py"))
    assert commit() == {"commit": None, "changed": None}
