"""Events that cannot be trained on are refused beside the button, before the click, with what helps."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from core.events.spec import DatasetSpec
from tests.views.driving import opened_at, press, texts
from views.parts.data.roles import guessed_dataset


def with_missing(path: Path, **counts: int) -> DatasetSpec:
    """Take the values of the first events out of columns of a file."""
    table = pq.read_table(path)
    for name, n in counts.items():
        values = table[name].to_numpy().copy()
        values[:n] = np.nan
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    pq.write_table(table, path)
    return guessed_dataset(str(path))


def is_off(app: AppTest, label: str) -> bool:
    return next(button.disabled for button in app.button if button.label == label)


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def test_missing_values_are_refused_beside_the_button_before_the_click_and_dropped_by_one(
    toy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = with_missing(toy_file, clean=1100, mass=1101)
    with monkeypatch.context() as many:
        many.setattr("core.events.table.EventTable.n_events", property(lambda _: 5_800_000))
        app = opened_at("views/unlearn.py", spec)
    assert "2 columns have missing or infinite values among 5,800,000 events: clean in 1,100" in texts(app.error)
    assert is_off(app, "Train")
    assert "Train on 500,000 events" not in labels(app)
    (link,) = app.main.get("page_link")
    assert link.proto.label == "Change roles"
    assert "data-view=Columns+and+roles" in link.proto.query_string
    app.run()
    assert "Ignore clean" in labels(app)  # not the protected variable
    press(app, "Drop 1,101 events")
    assert not app.exception and not app.error
    assert app.session_state["data"] == spec.model_copy(update={"drop_invalid": True})
    assert not is_off(app, "Train")


def test_a_column_that_would_cost_nearly_all_events_is_ignored_by_one_click(toy_file: Path) -> None:
    app = opened_at("views/unlearn.py", with_missing(toy_file, clean=20, noise=1495))
    assert not [each for each in labels(app) if each.startswith("Drop")]
    press(app, "Ignore noise")
    assert app.session_state["data"].roles.features == ("leaking", "clean")
    press(app, "Drop 20 events")
    assert not app.error and not is_off(app, "Train")


def test_without_a_protected_variable_the_button_says_so_before_the_click(toy_file: Path) -> None:
    app = opened_at("views/unlearn.py", with_missing(toy_file, clean=20))
    app.multiselect[0].set_value([]).run()
    assert "No protected variable; choose at least one" in texts(app.error)
    assert is_off(app, "Train") and not [each for each in labels(app) if each.startswith("Drop")]


@pytest.mark.parametrize(
    ("page", "else_said"), [("unlearn", "press **Train**"), ("tune", "Then move λ"), ("scan", "Press **Start")]
)
def test_the_place_of_the_run_says_why_there_can_be_none(toy_file: Path, page: str, else_said: str) -> None:
    app = opened_at(f"views/{page}.py", with_missing(toy_file, clean=20))
    why = "1 column has missing or infinite values among 1,500 events: clean in 20"
    assert why in texts(app.error)
    assert f"These events cannot be trained on as they are: {why}" in texts(app.info)
    assert else_said not in texts(app.info)
    press(app, "Drop 20 events")
    assert else_said in texts(app.info)
