"""Text in figures: symbols, escapes and line breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events.table import Column
from core.figures.words import axis_title, lines, plain, shorten, symbol, wrap


@pytest.mark.parametrize(
    ("title", "drawn"),
    [
        ("m_J", "m<sub>J</sub>"),
        ("p_T^μμ", "p<sub>T</sub><sup>μμ</sup>"),
        ("|p*_Xs|", "|p*<sub>Xs</sub>|"),
        ("cos θ_CS", "cos θ<sub>CS</sub>"),
        ("τ₂₁", "τ₂₁"),
        ("planar flow", "planar flow"),
        ("x_", "x_"),
    ],
)
def test_indices_are_set_low_and_high(title: str, drawn: str) -> None:
    assert symbol(Column("x", title)) == drawn


def test_bare_column_names_keep_their_underscores() -> None:
    assert symbol(Column("jet_mass")) == symbol(Column("jet_mass", "jet_mass")) == "jet_mass"


def test_tags_in_a_file_are_text() -> None:
    """Names come from files of others: they must not become links or break the markup."""
    name = '<a href="x">&'
    for column in (Column(name), Column("n", name, name)):
        assert "<a" not in axis_title(column)
        assert plain(symbol(column)) == name


def test_units_follow_in_brackets() -> None:
    assert axis_title(Column("m", "m_μμ", "GeV")) == "m<sub>μμ</sub> [GeV]"
    assert axis_title(Column("c2", "C₂")) == "C₂"


def test_long_names_are_cut() -> None:
    assert len(shorten("x" * 100)) == 24
    assert symbol(Column("x" * 100)).endswith("…")


@given(st.lists(st.text("ab <>", min_size=1, max_size=30).map(str.strip).filter(bool), max_size=8), st.integers(10, 40))
def test_lines_lose_no_word(phrases: list[str], longest: int) -> None:
    broken = lines(phrases, longest)
    assert "".join(broken).replace("·", "").replace(" ", "") == "".join(phrases).replace(" ", "")


@given(st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=20), st.integers(9, 40))
def test_no_line_is_longer_than_asked(words: list[str], longest: int) -> None:
    assert max(map(len, wrap(" ".join(words), longest))) <= longest
    assert max(map(len, lines(words, longest))) <= longest


def test_a_break_never_falls_into_a_tag() -> None:
    broken = wrap('<span style="color: red">■</span> signal events of the sample', 10)
    assert broken[0].startswith('<span style="color: red">■</span>')
