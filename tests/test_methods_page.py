"""The reference of methods says what is registered."""

from scripts.methods import DOCS, pages


def test_the_pages_of_methods_are_those_of_this_program() -> None:
    written = {str(path.relative_to(DOCS)): path.read_text("utf-8") for path in (DOCS / "methods").glob("*.md")}
    written["methods.md"] = (DOCS / "methods.md").read_text("utf-8")
    assert written == pages(), "run python -m scripts.methods"
