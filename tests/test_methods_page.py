"""docs/methods.md names what is registered."""

from scripts.methods import PAGE, methods_page


def test_the_page_of_methods_is_that_of_this_program() -> None:
    assert PAGE.read_text(encoding="utf-8") == methods_page(), "run python -m scripts.methods"
