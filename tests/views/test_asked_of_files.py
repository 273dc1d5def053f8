"""What pages ask and warn of where a file of one's own has a label: weight, lists, values that mean none."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from core.events.spec import DatasetSpec
from core.jobs.datasets import remember
from core.settings import settings
from tests.views.driving import figures_of, opened_at, press, texts
from views.parts.data import reading
from views.parts.data.roles import guessed_dataset


@pytest.fixture
def spec_of(tmp_path: Path, rng: np.random.Generator) -> Callable[..., DatasetSpec]:
    """Return events with a label and a mass, and further columns."""

    def made(**more: object) -> DatasetSpec:
        columns = {"pt": rng.normal(40, 5, 400), "mass": rng.normal(90, 5, 400), "label": np.arange(400) % 2, **more}
        pq.write_table(pa.table(columns), tmp_path / "own.parquet")
        return guessed_dataset(str(tmp_path / "own.parquet"))

    return made


def test_a_weight_of_unknown_name_and_lists_are_asked_for(spec_of: Callable[..., DatasetSpec]) -> None:
    lists = pa.array([[float(k)] * (k % 3) for k in range(400)])
    app = opened_at("views/data.py", spec_of(w_pu=np.full(400, 0.9), jets_pt=lists))
    assert "Is there a weight?" in texts(app.markdown)
    app.selectbox(key="ask-weight").set_value("w_pu").run()
    app.multiselect(key="ask-lists").set_value(["first"]).run()
    press(app, "Use these")
    roles = app.session_state["data"].roles
    assert not app.exception and not app.error
    assert (roles.label, roles.weight, roles.features) == ("label", "w_pu", ("pt", "jets_pt[0]"))
    assert "ask-weight" not in [box.key for box in app.selectbox]


def test_who_wants_no_weight_is_not_asked_twice(spec_of: Callable[..., DatasetSpec]) -> None:
    app = opened_at("views/data.py", spec_of(w_pu=np.full(400, 0.9)))
    press(app, "Use these")
    assert app.session_state["data"].roles.weight is None
    assert "ask-weight" not in [box.key for box in app.selectbox]


@pytest.mark.parametrize("page", ["data", "information"])
def test_values_that_seem_to_mean_none_are_warned_of_with_one_remedy(
    spec_of: Callable[..., DatasetSpec], rng: np.random.Generator, page: str
) -> None:
    app = opened_at(f"views/{page}.py", spec_of(eta=np.append(rng.normal(0, 1, 380), [-999.0] * 20)))
    (said,) = (each.value for each in app.warning if "−999" in each.value)
    assert said.startswith("Of 400 events looked at: −999 in eta (20 events, 5 %), far from all other values")
    press(app, "It means “no value”")
    assert not app.exception and not app.error
    assert app.session_state["data"].missing == {"eta": (-999.0,)}
    assert not [each for each in app.warning if "−999" in each.value]
    assert "eta: −999 is read as no value." in texts(app.main.caption)
    press(app, "They are values")
    assert app.session_state["data"].missing == {}


def test_columns_without_a_value_are_told_at_opening_and_ignored_by_one_click(
    spec_of: Callable[..., DatasetSpec], rng: np.random.Generator
) -> None:
    spiked = np.append(rng.normal(0, 1, 380), [-999.0] * 20)
    app = opened_at("views/data.py", spec_of(eta=spiked, dead=np.full(400, np.nan), const=np.full(400, 0.5)))
    (said,) = (each.value for each in app.warning if "−999" in each.value)
    assert said.endswith("dead has no value in the 400 events looked at; const is always 0.5.")
    press(app, "Ignore dead and const")
    assert not app.exception and not app.error
    assert app.session_state["data"].roles.features == ("pt", "eta")
    assert not [each for each in app.warning if "always" in each.value]


def test_dropping_events_is_not_offered_where_nothing_would_be_left(spec_of: Callable[..., DatasetSpec]) -> None:
    part = np.where(np.arange(400) < 30, np.nan, 1.0 * np.arange(400))
    app = opened_at("views/data.py", spec_of(part=part, dead=np.full(400, np.nan)))
    app.segmented_control(key="data-view").set_value("Quality").run()
    assert "would leave none of 400: ignore dead first." in texts(app.error)
    assert not [each for each in app.toggle if each.label.startswith("Drop")]
    press(app, "Ignore dead")
    assert not app.exception and not app.error
    assert [each.label for each in app.toggle] == ["Drop the 30 events with a missing or infinite value"]


def test_a_training_blames_the_column_without_values(spec_of: Callable[..., DatasetSpec]) -> None:
    app = opened_at("views/unlearn.py", spec_of(dead=np.full(400, np.nan)))
    assert "1 column has missing or infinite values among 400 events: dead in 400" in texts(app.error)
    assert "Ignore dead" in [button.label for button in app.button]


def sidebar_before_page() -> None:
    import streamlit as st

    from views.parts.data.reading import read_events
    from views.parts.frame.sidebar import _current_data
    from views.parts.frame.state import current_dataset

    with st.sidebar:
        _current_data()
    if st.checkbox("read") and (spec := current_dataset()) is not None:
        read_events(spec)


def test_the_sidebar_knows_what_the_page_has_read(
    spec_of: Callable[..., DatasetSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sidebar is drawn before the page reads the events."""
    monkeypatch.setattr(reading, "QUICK", 0)
    monkeypatch.setattr("streamlit.page_link", lambda *arguments, **options: None)
    app = AppTest.from_function(sidebar_before_page, default_timeout=60)
    app.query_params["data"] = remember(spec_of(), settings().datasets)
    app.run()
    assert "400 events in the file, not read yet" in texts(app.sidebar.markdown)
    app.checkbox[0].check().run()
    assert not app.exception
    assert "400 events" in texts(app.sidebar.markdown) and "not read yet" not in texts(app.sidebar.markdown)
    assert "50 % signal" in texts(app.sidebar.markdown).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("kind", ["codes", "missing"])
def test_pages_take_events_as_unlabelled_where_the_label_tells_no_classes(
    spec_of: Callable[..., DatasetSpec], kind: str
) -> None:
    """They would be background as far as the label is missing, or all of them signal; the quality says what is so."""
    k = np.arange(400)
    label = np.array([345, 364100, 410470])[k % 3] if kind == "codes" else np.where(k % 40, k % 2, np.nan)
    spec = spec_of(label=label, eta=np.sin(k))
    app = opened_at("views/data.py", spec)
    app.segmented_control(key="data-view").set_value("Signal against background").run()
    assert not app.exception and not app.error and figures_of(app)
    app.segmented_control(key="data-view").set_value("Quality").run()
    said = "label 'label' holds 345" if kind == "codes" else "label 'label' is missing in 10 of 400 events"
    assert not app.exception and said in texts(app.error)
    for page in ("information", "pair", "geometry", "ranking"):
        app = opened_at(f"views/{page}.py", spec)
        assert not app.exception and not app.error, page
        assert page == "ranking" or figures_of(app), page
