"""The documentation builds without a warning, opens without a network, and describes its pictures."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from core.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
PICTURE = re.compile(r"<img\b[^>]*>")
LINK = re.compile(r"""<a\b[^>]*\bhref="(?![a-z]+:|#)([^"#?]+)""")
LOADED = re.compile(
    r"<(?:script|img|iframe)\b[^>]*\bsrc=[\"']?(?:https?:)?//|<link\b[^>]*rel=[\"']?(?:stylesheet|icon)[^>]*https?://"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    )
    assert done.returncode == 0, done.stderr  # --quiet would hide warnings from --strict too
    return folder


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    pages = {path: path.read_text("utf-8") for path in site.rglob("*.html")}
    assert site / "index.html" in pages
    assert site / "tutorials" / "plain-python.html" in pages
    assert [path.name for path, text in pages.items() if LOADED.search(text)] == []
    assert (site / "search" / "search_index.js").is_file(), "search needs it where there is no server"


def test_every_link_between_pages_names_a_file(site: Path) -> None:
    """The address of a folder opens a list of its files from disk."""
    pages = {path: path.read_text("utf-8") for path in site.rglob("*.html")}
    assert re.search(r'href="\.\./index\.html"[^>]*md-logo', pages[site / "guide" / "data.html"])
    links = {(path, link) for path, text in pages.items() for link in LINK.findall(text)}
    assert len(links) > 500
    assert [(path.name, link) for path, link in sorted(links) if not (path.parent / link).is_file()] == []


def test_every_picture_is_described(site: Path) -> None:
    pictures = [tag for path in site.rglob("*.html") for tag in PICTURE.findall(path.read_text("utf-8"))]
    assert len(pictures) > 15
    assert [tag for tag in pictures if not re.search(r'alt="[^"]{4,}"', tag)] == []


def test_every_page_of_the_dashboard_has_one_in_the_guide() -> None:
    app, guide = (ROOT / "app.py").read_text("utf-8"), {path.stem for path in (ROOT / "docs" / "guide").glob("*.md")}
    called = {"unlearn": "train", "ensembles": "many-events"}
    pages = [called.get(name, name.replace("_", "-")) for name in re.findall(r"views/(\w+)\.py", app)]
    assert len(pages) > 15
    assert set(pages) <= guide


def test_the_programs_that_an_administrator_is_told_to_start_exist() -> None:
    texts = [path.read_text("utf-8") for path in (ROOT / "docs" / "deployment.md", *ROOT.glob("docs/deployment/*.md"))]
    named = {
        name for text in texts for name in re.findall(r"python -m ((?:core|views|scripts|benchmarks)[.\w]*)", text)
    }
    assert {"core", "views.parts.frame.wake"} <= named
    assert [name for name in named if find_spec(name) is None] == []


def test_every_command_stands_in_the_table_of_commands() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text("utf-8").split("\n## ")[0]
    table = "".join(line for line in text.splitlines() if line.startswith("|"))
    assert set(re.findall(r"`([\w-]+)`", table)) == set(COMMANDS)


@pytest.mark.parametrize(
    ("page", "files"),
    [
        ("tutorials/own-file.md", {"mine.parquet": (60_000, 7)}),
        (
            "guide/data.md",
            {"data.parquet": (60_000, 22), "higgs.parquet": (30_000, 22), "drell_yan.parquet": (30_000, 22)},
        ),
    ],
)
def test_the_files_that_commands_take_are_made_by_the_lines_on_the_page(
    page: str, files: dict[str, tuple[int, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lines,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.chdir(tmp_path)
    exec(lines, {})
    assert {path.name: pq.read_table(path).shape for path in tmp_path.glob("*.parquet")} == files


def test_the_citation_names_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert citation["cff-version"] == "1.2.0"
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert [author["name"] for author in citation["authors"]] == [author["name"] for author in project["authors"]]
    assert {"title", "message"} <= citation.keys()
