"""Every page as a script: what it shows, what it refuses, and that nothing on it fails."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.events.samples import sample_path
from core.events.spec import DatasetSpec
from core.events.table import Roles
from tests.views.driving import figures_of, finished_run, opened_at, press, stored, texts
from views.parts.data.roles import guessed_dataset

PAGES = ("views/data.py", "views/information.py", "views/unlearn.py", "views/runs.py")


def opened(page: str = "views/data.py", spec: DatasetSpec | None = None, **link: str) -> AppTest:
    return opened_at(page, spec, **link)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_what_to_do_without_data(page: str) -> None:
    app = opened(page)
    assert not app.exception
    if page in PAGES[1:3]:
        assert "Choose a sample or upload a file first" in texts(app.info)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("sample", ["boosted_w", "dimuon", "radiative_b"])
def test_every_page_shows_every_sample(page: str, sample: str) -> None:
    app = opened(page, guessed_dataset(str(sample_path(sample))))
    assert not app.exception
    assert not app.error
    if page == "views/information.py":
        assert "share" in texts(app.markdown)
        assert len(figures_of(app)) == 1


def test_a_sample_becomes_the_current_data_in_one_click() -> None:
    app = opened()
    app.button(key="use-boosted_w").click().run()
    assert not app.exception
    assert app.session_state["data"].path == str(sample_path("boosted_w"))
    assert "share" in texts(app.markdown)  # the matrix is there at once
    assert app.query_params["data"]


def test_an_upload_is_read_and_its_roles_are_guessed(toy_file: Path) -> None:
    app = opened()
    app.file_uploader[0].upload("toy.parquet", toy_file.read_bytes()).run()
    assert not app.exception
    assert not app.error
    assert app.session_state["data"].roles == Roles(
        features=("leaking", "clean", "noise"), label="label", protected=("mass",), weight="weight"
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("notes.parquet", b"these are no events", "not Parquet"),
        ("empty.csv", b"", "empty"),
        ("text.csv", b"a,b\nx,y\n", "no numeric column"),
    ],
)
def test_a_bad_upload_is_refused_in_words_and_nothing_is_lost(
    toy_file: Path, name: str, content: bytes, message: str
) -> None:
    app = opened(spec=guessed_dataset(str(toy_file)))
    app.file_uploader[0].upload(name, content).run()
    assert not app.exception
    assert message in texts(app.error)
    assert app.session_state["data"].path == str(toy_file)


def test_a_path_that_does_not_exist_or_may_not_be_read_is_refused_in_words(tmp_path: Path) -> None:
    app = opened()
    for path, said in ((tmp_path / "none.parquet", "no file or folder"), ("/etc/passwd", "may not be read by pages")):
        app.text_input[0].set_value(str(path))
        press(app, "Open")
        assert not app.exception
        assert said in texts(app.error)


def test_a_link_to_data_that_is_gone_is_said(toy_file: Path) -> None:
    spec = guessed_dataset(str(toy_file))
    toy_file.unlink()
    app = opened("views/information.py", spec)
    assert not app.exception
    assert "There is no file" in texts(app.error)
    assert "no data set" in texts(opened(data="0123456789ab").warning)


def test_unlabelled_data_have_a_matrix_and_are_refused_for_training(toy_file: Path) -> None:
    spec = guessed_dataset(str(toy_file))
    unlabelled = spec.model_copy(update={"roles": spec.roles.model_copy(update={"label": None})})
    assert not opened("views/information.py", unlabelled).exception
    app = opened("views/unlearn.py", unlabelled)
    assert not app.exception
    assert "choose the column that is 1 for signal" in texts(app.info)
    assert not [button for button in app.button if button.label == "Train"]


def test_a_link_opens_a_finished_run_with_verdict_figures_and_downloads(toy_file: Path) -> None:
    run_id = finished_run(guessed_dataset(str(toy_file)))
    app = opened("views/unlearn.py", run=run_id)
    assert not app.exception
    assert "Background rejection" in texts(app.success) + texts(app.info)
    assert {metric.label.partition(" ")[0] for metric in app.metric} >= {"AUC", "1/JSD"}
    assert sum(button.key.startswith("download-") for button in app.get("download_button")) == 3


def test_runs_are_listed_deleted_and_brought_back(toy_file: Path) -> None:
    run_id = finished_run(guessed_dataset(str(toy_file)))
    app = opened("views/runs.py")
    assert app.dataframe[0].value["run"].tolist() == [run_id]
    stored().delete(run_id)
    assert "No runs yet" in texts(opened("views/runs.py").info)


def test_training_starts_from_the_form_with_its_baseline(toy_file: Path) -> None:
    app = opened("views/unlearn.py", guessed_dataset(str(toy_file)))
    next(box for box in app.number_input if box.label == "Epochs").set_value(2)
    press(app, "Train")
    assert not app.exception
    store, deadline = stored(), time.monotonic() + 60
    while any(run.is_live for run in store.runs()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert {(run.request.method, run.status) for run in store.runs()} == {("disco", "done"), ("baseline", "done")}
