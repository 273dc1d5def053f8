"""The form of a config draws every kind of field."""

from pathlib import Path

import pytest
from pydantic import BaseModel, Field
from streamlit.testing.v1 import AppTest

from core.errors import DataError
from core.settings import settings
from tests.views.driving import opened_at, press, stored, texts
from views.parts.data.roles import guessed_dataset
from views.parts.training.form import check_fields


def _page():
    import streamlit as st
    from pydantic import BaseModel, Field

    from views.parts.training.form import config_form

    class Config(BaseModel):
        low: float | None = Field(None, ge=-5, le=5, title="lowest truth", description="from the data if not given")
        name: str = Field("", title="sorted by", description="a column")
        epochs: int = Field(3, ge=1, le=9, title="epochs", description="passes")

    st.session_state["answer"] = config_form(Config, "form")


def test_a_field_without_a_default_stays_automatic_until_it_is_given():
    app = AppTest.from_function(_page).run()
    assert app.session_state["answer"] == {}
    app.number_input(key="form-low").set_value(-1.5).run()
    assert app.session_state["answer"] == {"low": -1.5}


def test_text_is_a_text_field():
    app = AppTest.from_function(_page).run()
    app.text_input(key="form-name").set_value("mass").run()
    assert app.session_state["answer"] == {"name": "mass"}


def test_a_number_out_of_bounds_is_told_and_returned_as_typed_not_replaced_by_the_one_before():
    """With bounds of its own, the browser would mark it in red and keep the number before: a run of 3 epochs starts."""
    app = AppTest.from_function(_page).run()
    field = app.number_input(key="form-epochs")
    assert not field.proto.has_min and not field.proto.has_max and field.step == 1
    field.set_value(0).run()
    assert app.session_state["answer"] == {"epochs": 0}
    assert [error.value for error in app.error] == ["Epochs is 0; allowed: at least 1 and at most 9."]
    app.number_input(key="form-epochs").set_value(9)
    app.number_input(key="form-low").set_value(-5.5).run()
    assert [error.value for error in app.error] == ["Lowest truth is −5.5; allowed: at least −5 and at most 5."]
    app.number_input(key="form-low").set_value(-5.0).run()
    assert not app.error


def test_excluded_bounds_are_out_of_bounds():
    class Config(BaseModel):
        clip: float = Field(1.0, gt=0, lt=20_000, title="clipping", description="largest norm")
        on: bool = Field(True, description="whether")

    check_fields(Config, {"clip": 1e-9, "on": True})
    for value, written in ((0.0, "0"), (20_000.0, "20,000")):
        with pytest.raises(DataError, match=rf"clipping is {written}; allowed: above 0 and below 20,000"):
            check_fields(Config, {"clip": value})


@pytest.mark.parametrize(
    ("page", "question", "key", "value"),
    [
        ("views/unlearn.py", None, "disco-epochs", 0),
        ("views/ensembles.py", "regression", "theta-set_size", 10**12),
        ("views/event_variables.py", None, "sample-two_visible-events", 1),
    ],
)
def test_nothing_is_queued_nor_drawn_with_a_number_out_of_bounds(
    page: str, question: str | None, key: str, value: int, toy_file: Path
) -> None:
    app = opened_at(page, guessed_dataset(str(toy_file)) if page == "views/unlearn.py" else None)
    if question:
        app.segmented_control(key="question").set_value(question).run()
    if page == "views/event_variables.py":
        app.selectbox(key="variables-events").set_value("two_visible").run()
    app.number_input(key=key).set_value(value)
    press(app, "Train")
    assert not app.exception
    assert f"is {value:,}; allowed: at least " in texts(app.error)
    assert stored().runs() == [] and not list(settings().toys.glob("*"))


def test_a_list_that_cannot_be_read_is_told_before_the_click(toy_file: Path) -> None:
    app = opened_at("views/unlearn.py", guessed_dataset(str(toy_file)))
    assert not app.error
    app.text_input(key="disco-hidden").set_value("64, abc").run()
    assert "is 'abc'; allowed: a whole number" in texts(app.error)
    app.text_input(key="disco-hidden").set_value("64, 32").run()
    assert not app.error
