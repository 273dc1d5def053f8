"""The notebook of the documentation runs, and prints what it shows."""

import re

import nbformat
import pytest

from scripts.notebook import NOTEBOOK, executed, printed

NUMBER = re.compile(r"\d+(?:,\d{3})+|\d+(?:\.\d*)?")
ANOTHER_MACHINE = 0.25
"""How much a number of a short training may differ where float32 sums run in another order."""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_notebook_prints_what_it_shows() -> None:
    shown, now = printed(nbformat.read(NOTEBOOK, as_version=4)), printed(executed())
    assert all(shown), "a cell shows nothing: run python -m scripts.notebook"
    assert [NUMBER.sub("#", text) for text in now] == [NUMBER.sub("#", text) for text in shown]
    for before, after in zip(shown, now, strict=True):
        assert numbers(after) == pytest.approx(numbers(before), rel=ANOTHER_MACHINE, abs=0.02)


def numbers(text: str) -> list[float]:
    return [float(each.replace(",", "")) for each in NUMBER.findall(text)]
