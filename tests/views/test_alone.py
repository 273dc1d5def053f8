"""A part that runs again alone never holds another one: what both wrote is withdrawn together."""

from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

    from views.parts.frame.alone import alone

    def said(where: str) -> None:
        st.text(f"{where} {ThreadState.get().fragment_id}")

    @alone
    def inner() -> None:
        said("inner")

    def outer() -> None:
        said("outer")
        inner()

    said("page")
    alone(outer, every=0.5)()
    inner()


def test_a_part_within_a_part_belongs_to_it() -> None:
    said = [text.value.split() for text in AppTest.from_function(script).run().text]
    places, parts = zip(*said, strict=True)
    assert places == ("page", "outer", "inner", "inner")
    page, outer, nested, apart = parts
    assert page == "None"
    assert nested == outer
    assert len({page, outer, apart}) == 3
