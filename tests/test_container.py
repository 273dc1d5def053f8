"""The Dockerfile as it reads: what goes into the image and what must not, and who runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scripts.dockerfile import Stage, context_files, is_sent, read_stages

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def stages() -> list[Stage]:
    return read_stages((ROOT / "Dockerfile").read_text())


def texts(stage: Stage, name: str) -> list[str]:
    return [each.text for each in stage.instructions if each.name == name]


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_last_stage_runs_without_privileges_and_without_what_built_it(stages: list[Stage]) -> None:
    last = stages[-1]
    assert int(texts(last, "USER")[-1]) > 0
    assert texts(last, "VOLUME") == ["/data"]
    assert not any("pip install" in text or "apt" in text for text in texts(last, "RUN"))
    copied = [each for each in last.instructions if each.flags.get("from")]
    assert [(each.flags["from"], each.text) for each in copied] == [("build", "/opt/venv /opt/venv")]
    (health,), (command,) = texts(last, "HEALTHCHECK"), texts(last, "CMD")
    port = texts(last, "EXPOSE")[0]
    assert f"localhost:{port}/_stcore/health" in health
    assert json.loads(command)[-1] == f"--server.port={port}"


def test_every_run_can_name_the_commit_of_its_image(stages: list[Stage]) -> None:
    assert 'COMMIT=""' in texts(stages[-1], "ARG")
    assert "INFOSCOPE_COMMIT=$COMMIT" in texts(stages[-1], "ENV")[0]


def test_compose_passes_every_build_argument_to_every_image_and_leaves_it_empty(stages: list[Stage]) -> None:
    arguments = {text.partition("=")[0] for stage in stages for text in texts(stage, "ARG")}
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    built = [service["build"] for service in services.values() if "build" in service]
    assert {service["image"] for service in services.values() if "build" in service} == {
        "infoscope:cpu",
        "infoscope:gpu",
    }
    assert arguments == {"COMMIT", "TORCH_INDEX"}
    assert all(build["args"] == {name: f"${{{name}:-}}" for name in arguments} for build in built)


def test_the_image_holds_what_the_dashboard_runs_and_nothing_else() -> None:
    files = context_files(ROOT)
    assert {"app.py", "core/logs.py", "views/system.py", ".streamlit/config.toml", "LICENSE"} <= set(files)
    assert any(file.startswith("sample_data/") and file.endswith(".parquet") for file in files)
    tops = {file.partition("/")[0] for file in files}
    assert not tops & {"tests", "data", "docs", ".git", ".venv", "scripts", "benchmarks"}
    assert not [file for file in files if "secrets" in file or file.endswith(".pyc") or "sample_data/generate" in file]


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("core/a/b.py", True),
        ("core/a/__pycache__/b.pyc", False),
        ("data/runs.sqlite", False),
        ("sample_data/dimuon.parquet", True),
        ("sample_data/generate/make.py", False),
        (".streamlit/config.toml", True),
        (".env", False),
        (".streamlit/secrets.toml", False),
    ],
)
def test_ignored_files_stay_out(name: str, sent: bool) -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert is_sent(name, rules) is sent


def test_continued_lines_comments_and_flags_are_read() -> None:
    text = (
        "FROM x AS b\n# no\nRUN --mount=type=cache,target=/c \\\n  pip install \\\n  y\n\nFROM z\nCOPY --from=b /v /w\n"
    )
    first, second = read_stages(text)
    assert (first.image, first.name, first.instructions[0].text) == ("x", "b", "pip install y")
    assert second.instructions[0].flags == {"from": "b"}
