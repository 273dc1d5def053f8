"""The form of a config draws every kind of field."""

from streamlit.testing.v1 import AppTest


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
