"""Reading many events and counting their pairs show how far they are, and can be stopped and begun again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from core.events.spec import DatasetSpec
from core.information import information_matrix
from core.jobs.datasets import remember
from core.settings import settings
from tests.views.driving import APP, figures_of, opened_at, press, texts
from views.parts import cached
from views.parts.data import reading
from views.parts.data.roles import guessed_dataset
from views.parts.frame import waiting
from views.parts.information import cached_information


@pytest.fixture
def spec(toy_file: Path, monkeypatch: pytest.MonkeyPatch) -> DatasetSpec:
    """Treat the toy as if it were large."""
    monkeypatch.setattr(reading, "QUICK", 0)
    monkeypatch.setattr(cached_information, "QUICK", 0)
    return guessed_dataset(str(toy_file))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[DatasetSpec]:
    """Let the first reading end after a third of the events, as when a user stops it; list what was read."""
    whole, read = cached.load_allowed, []

    def load(spec: DatasetSpec, report: Callable[[int, int], None] | None = None) -> object:
        if Path(spec.path).parent == settings().samples:  # on the cards of the front page
            return whole(spec)
        read.append(spec)
        if len(read) == 1:
            assert report is not None
            report(500, 1500)
            raise StopException
        return whole(spec, report)

    monkeypatch.setattr(cached, "load_allowed", load)
    return read


def test_reading_is_told_stopped_and_begun_again(spec: DatasetSpec, reads: list[DatasetSpec]) -> None:
    app = opened_at("views/information.py", spec)
    assert "Stop" in [button.label for button in app.button]
    press(app, "Stop")
    assert not app.exception
    assert "Reading 1,500 events: stopped." in texts(app.main.markdown)
    assert len(reads) == 1 and not figures_of(app)
    press(app, "Start again")
    assert not app.exception
    assert len(reads) == 2 and figures_of(app)
    assert not [button for button in app.button if button.label in ("Stop", "Start again")]


def test_a_cut_whose_reading_was_stopped_is_asked_for_again(spec: DatasetSpec, reads: list[DatasetSpec]) -> None:
    """Stopped, the old data set stays; the same cut is read once it is applied anew."""
    app = opened_at("views/data.py", spec)
    assert not app.exception and reads == []
    next(field for field in app.text_input if field.label == "Keep events with").set_value("clean > 0")
    press(app, "Apply")
    press(app, "Stop")
    assert not app.exception
    assert app.session_state["data"].selection is None
    press(app, "Apply")
    assert not app.exception and len(reads) == 2
    assert app.session_state["data"].selection == "clean > 0"


def test_pages_that_need_no_events_do_not_read_many(spec: DatasetSpec, reads: list[DatasetSpec]) -> None:
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["data"] = remember(spec, settings().datasets)
    assert not app.run().exception
    assert "1,500 events in the file, not read yet" in texts(app.sidebar.markdown)
    assert not opened_at("views/system.py", spec).exception
    assert reads == []


@pytest.mark.parametrize("view", ["Signal against background", "Quality"])
def test_views_of_the_data_read_under_a_bar(spec: DatasetSpec, reads: list[DatasetSpec], view: str) -> None:
    app = opened_at("views/data.py", spec)
    app.segmented_control(key="data-view").set_value(view).run()
    press(app, "Stop")
    assert "Reading 1,500 events: stopped." in texts(app.markdown)
    press(app, "Start again")
    assert not app.exception and not app.error
    assert len(reads) == 2


def test_counting_pairs_is_stopped_and_begun_again(spec: DatasetSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []

    def interrupted(*arguments: Any, progress: Callable[[float], None], **options: Any) -> object:
        if not told:
            told.append(0.4)
            progress(0.4)
            raise StopException
        return information_matrix(*arguments, progress=progress, **options)

    monkeypatch.setattr(cached_information, "information_matrix", interrupted)
    app = opened_at("views/information.py", spec)
    press(app, "Stop")
    assert "Counting pairs of background events: stopped." in texts(app.markdown)
    assert not app.exception and not figures_of(app)
    press(app, "Start again")
    assert not app.exception and figures_of(app)


def test_what_is_told_about_the_label_is_counted_under_a_bar(
    spec: DatasetSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped, it leaves the matrix in sight and its sentence without the label."""

    def interrupted(*arguments: Any, progress: Callable[[float], None], **options: Any) -> object:
        progress(0.4)
        raise StopException

    monkeypatch.setattr(cached_information, "relevance", interrupted)
    app = opened_at("views/information.py", spec)
    assert figures_of(app)
    press(app, "Stop")
    assert not app.exception and figures_of(app)
    said = texts(app.markdown)
    assert "Counting what each tells about the label: stopped." in said
    assert "Click a cell" in said and "most about the label" not in said


def test_what_means_no_value_is_missing_after_one_click(tmp_path: Path, rng: np.random.Generator) -> None:
    columns = {name: np.append(rng.normal(40, 5, 380), [-999.0] * 20) for name in ("pt_1", "pt_2")}
    columns |= {"mass": rng.normal(90, 5, 400), "label": np.arange(400) % 2}
    pq.write_table(pa.table(columns), tmp_path / "spiked.parquet")
    app = opened_at("views/data.py", guessed_dataset(str(tmp_path / "spiked.parquet")))
    app.segmented_control(key="data-view").set_value("Quality").run()
    (said,) = (each.value for each in app.warning if "far from" in each.value)
    assert said.startswith("−999 lies far from all other values of ")
    assert said.count("(20 events, 5 %)") == 2
    press(app, "It means “no value”")
    assert not app.exception and not app.error
    assert app.session_state["data"].missing == {"pt_1": (-999.0,), "pt_2": (-999.0,)}
    assert "is missing in 20 of 400 events" in texts(app.warning)
    assert not [each for each in app.warning if "far from" in each.value]
    assert "Drop the 20 events" in app.toggle[0].label
    press(app, "They are values")
    assert app.session_state["data"].missing == {}
    assert [each for each in app.warning if "far from" in each.value]


def test_lists_of_the_same_lengths_are_counted_once(tmp_path: Path) -> None:
    lists = pa.array([[float(k)] * (k % 3) for k in range(300)])
    table = pa.table({"m": np.arange(300.0), "kind": np.arange(300) % 2, "jets_pt": lists, "jets_eta": lists})
    pq.write_table(table, tmp_path / "jets.parquet")
    app = opened_at("views/data.py", guessed_dataset(str(tmp_path / "jets.parquet")))
    app.multiselect(key="ask-lists").set_value(["count", "first"]).run()
    app.button(key="use-answers").click().run()
    assert not app.exception and not app.error
    assert set(app.session_state["data"].roles.features) == {"n_jets", "jets_pt[0]", "jets_eta[0]"}


def test_no_time_is_told_before_the_pace_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, said = [100.0], []
    monkeypatch.setattr(waiting.time, "monotonic", lambda: clock[0])
    tell = waiting._teller(lambda share, text: said.append(text), "Counting pairs")
    for now, share in ((100.5, 0.3), (104.0, 0.001), (110.0, 0.5)):
        clock[0] = now
        tell(share)
    assert said[:2] == ["Counting pairs: 30 %", "Counting pairs: 0 %"]
    assert said[2].startswith("Counting pairs: 50 % · ") and said[2].endswith("left")
