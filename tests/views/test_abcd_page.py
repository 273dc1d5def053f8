"""The ABCD page: an empty state, a finished run with its count, and cuts that move it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import DataError
from core.jobs.two_scores import held_out_pair
from core.settings import settings
from tests.views.driving import figures_of, finished_run, opened_at, texts
from views.parts.data.roles import guessed_dataset


def finished(path: Path, method: str = "double_disco") -> str:
    return finished_run(guessed_dataset(str(path)), method, epochs=3)


def opened(path: Path, selection: str | None = None) -> AppTest:
    spec = guessed_dataset(str(path)).model_copy(update={"selection": selection})
    return opened_at("views/abcd.py", spec)


def test_the_page_says_what_to_do_without_a_run(toy_file: Path) -> None:
    app = opened(toy_file)
    assert not app.exception
    assert "Train two classifiers" in texts(app.info)
    assert any(button.label == "Train both" for button in app.button)


def test_a_finished_run_is_counted_and_the_cuts_move_the_count(toy_file: Path) -> None:
    run_id = finished(toy_file)
    app = opened(toy_file)
    assert not app.exception
    assert not app.error
    assert len(figures_of(app)) == 2
    closure = held_out_pair(settings().runs / run_id)
    before = {each.label: each.value for each in app.metric}
    cuts = closure.cuts((0.7,))
    share = closure.closure(cuts[0][0], cuts[1][0]).signal_efficiency
    assert before["Signal in A"] == f"{100 * share:.3g} %"
    assert "predict" in texts(app.info)
    app.select_slider(key="first").set_value(0.95).run()
    assert not app.exception
    after = {each.label: each.value for each in app.metric}
    assert float(after["Signal in A"].split()[0]) > float(before["Signal in A"].split()[0])
    assert app.query_params["first"] in ("0.95", ["0.95"])
    assert "Train two classifiers" in texts(opened(toy_file, "mass > 90").info)  # others


def test_a_run_of_one_classifier_is_not_offered(toy_file: Path) -> None:
    run_id = finished(toy_file, "baseline")
    app = opened(toy_file)
    assert not app.selectbox
    assert "Train two classifiers" in texts(app.info)
    with pytest.raises(DataError, match="has one score; only a run of two classifiers has two"):
        held_out_pair(settings().runs / run_id)
