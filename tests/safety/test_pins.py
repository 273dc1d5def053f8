"""The check of pins: loose ones, other versions and known weaknesses are told; an unreachable database is no error."""

import json
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from scripts import pins


def test_loose_requirements_are_told() -> None:
    lines = ["a==1.0 # why", "# b", "", "-r other.txt", "c>=2", "d[x]==3.1+cpu", "e", "f @ git+https://x", "g==1.*"]
    assert pins.read_pins(lines) == ({"a": "1.0", "d": "3.1+cpu"}, ["c>=2", "e", "f @ git+https://x", "g==1.*"])


def test_other_versions_than_the_pins_are_told() -> None:
    assert pins.wrong_pins({"pytest": version("pytest")}) == []
    told = pins.wrong_pins({"pytest": "0.1", "no-such-package": "1"})
    assert told[0].startswith("pytest is pinned to 0.1 and ")
    assert told[1] == "no-such-package is pinned to 1 and missing is installed"


ANSWER = {
    "dependencies": [
        {"name": "a", "version": "1", "vulns": []},
        {"name": "b", "version": "2", "vulns": [{"id": "X-1", "fix_versions": ["3"]}, {"id": "X-2"}]},
        {"name": "c", "skip_reason": "not found"},
    ]
}


def test_known_weaknesses_are_told_with_their_mending() -> None:
    found, n_known = pins.weaknesses(json.dumps(ANSWER))
    assert found == ["b 2: X-1, mended in 3", "b 2: X-2, mended in no version yet"]
    assert n_known == 2


@pytest.mark.parametrize("said", ["", "no json", '{"dependencies": [{"name": "c", "skip_reason": "not found"}]}'])
def test_without_an_answer_it_says_so_and_fails_nothing(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answered = subprocess.CompletedProcess((), 1, said, "")
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: answered)
    for _ in range(2):
        assert pins.audit({}, tmp_path / "audited") == []
        assert "was not reached" in capsys.readouterr().err


def test_known_weaknesses_are_told_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = subprocess.CompletedProcess((), 1, json.dumps(ANSWER), "")
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: answered)
    assert [len(pins.audit({}, tmp_path / "audited")) for _ in range(2)] == [2, 2]


def test_a_good_answer_is_asked_for_once_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def run(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
        asked.append(1)
        return subprocess.CompletedProcess((), 0, json.dumps({"dependencies": ANSWER["dependencies"][:1]}), "")

    monkeypatch.setattr(subprocess, "run", run)
    for packages in ({"a": "1"}, {"a": "1"}, {"a": "2"}):
        assert pins.audit(packages, tmp_path / "audited") == []
    assert len(asked) == 2
