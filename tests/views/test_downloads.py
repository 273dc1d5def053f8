"""What a finished run offers to take along: every button makes its file, and one that cannot is not offered."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import DataError
from core.events.spec import DatasetSpec
from core.settings import settings
from core.store.request import RunRequest
from core.store.store import Run
from tests.views.driving import opened_at, stored, texts, worked_through
from views.parts.data.roles import guessed_dataset
from views.parts.runs.downloads import FILES, MADE, _content, _kept, _problems

BEGINNINGS = {"report": b"<!doctype html>", "hepdata": b"\x1f\x8b", "root": b"root"}


@pytest.fixture
def spec(toy_file: Path) -> DatasetSpec:
    return guessed_dataset(str(toy_file))


@pytest.fixture
def run(spec: DatasetSpec) -> Run:
    return worked_through(RunRequest(method="baseline", dataset=spec, config={"epochs": 2, "hidden": [8]}))


def buttons(app: AppTest, key: str) -> dict[str, bool]:
    """Return the label of each download button under a key, and whether it can be pressed."""
    return {each.label: not each.disabled for each in app.get("download_button") if each.key.startswith(key)}


def test_a_finished_run_offers_everything_under_its_verdict_and_at_its_end(run: Run, spec: DatasetSpec) -> None:
    app = opened_at("views/unlearn.py", spec, run=run.id)
    assert not app.exception
    labels = {each.label for each in MADE.values()} | {label for label, _ in FILES.values()}
    assert buttons(app, "download") == dict.fromkeys(labels, True)
    assert buttons(app, "menu") == dict.fromkeys(labels, True)


@pytest.mark.parametrize("name", BEGINNINGS)
def test_what_is_made_is_a_file_of_its_kind(name: str, run: Run) -> None:
    assert MADE[name].make(stored(), run.id).startswith(BEGINNINGS[name])


def test_a_run_whose_files_are_gone_offers_none_of_them(run: Run, spec: DatasetSpec) -> None:
    shutil.rmtree(settings().runs / run.id)
    app = opened_at("views/unlearn.py", spec, run=run.id)
    assert not app.exception
    offered = buttons(app, "download")
    assert offered and not any(offered.values())


def test_a_file_that_cannot_be_made_says_why_when_the_page_is_drawn_again(run: Run, spec: DatasetSpec) -> None:
    (settings().runs / run.id / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError):
        _content(_problems(), MADE["report"], "report", stored(), run.id)
    app = opened_at("views/unlearn.py", spec, run=run.id)
    assert not app.exception
    assert f"The manifest of run {run.id} cannot be read" in texts(app.caption)


@pytest.mark.parametrize("page", ["unlearn", "runs"])
def test_a_click_on_a_file_of_a_run_that_was_deleted_meanwhile_says_so(page: str, run: Run, spec: DatasetSpec) -> None:
    link = {"selected": run.id} if page == "runs" else {"run": run.id}
    app = opened_at(f"views/{page}.py", spec, **link)
    drawn = [each.proto for each in app.get("download_button") if each.key.startswith(("download", "menu"))]
    assert drawn and not any(button.ignore_rerun for button in drawn)  # a click draws the buttons anew
    stored().delete(run.id)
    for name in FILES:
        with pytest.raises(DataError, match="may have been deleted"):
            _kept(stored(), run.id, name)
    drawn_again = AppTest.from_function(_buttons, args=(run,)).run()
    assert not drawn_again.exception and not buttons(drawn_again, "")
    assert f"Run {run.id} was deleted meanwhile" in texts(drawn_again.error)


def _buttons(run):  # type: ignore[no-untyped-def]  # runs as a script of its own
    from views.parts.runs.downloads import downloads

    downloads(run)
