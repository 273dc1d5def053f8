"""Tables for a paper: values with their errors, units in the head, and nothing that LaTeX would misread."""

import re

import numpy as np
import pandas as pd
import pytest

from core.exports.latex import escaped, to_latex
from core.tables.described import described


def cells(text: str) -> list[list[str]]:
    """Return the cells of each line of a table, its head first."""
    return [line.strip().removesuffix(r" \\").split(" & ") for line in text.splitlines() if line.endswith(r"\\")]


def test_an_error_joins_its_value_to_the_digit_that_it_sets() -> None:
    frame = described(
        {"auc": [0.88312, np.nan], "auc_error": [0.0021, 0.1], "mi [nats]": [-0.04567, 2.5e-7], "mi_error [nats]": 0.0},
        "Figures of merit.", {},
    )  # fmt: skip
    head, first, second = cells(to_latex(frame))
    assert head == ["auc", "mi [nats]"]
    assert first == [r"$0.883 \pm 0.002$", "$-0.0457$"]
    assert second == ["--", r"$2.50 \times 10^{-7}$"]


@pytest.mark.parametrize("names", [("x [GeV]", "± x [GeV]"), ("x", "error"), ("joint then [nats]", "± joint [nats]")])
def test_an_error_is_found_by_every_name_that_tables_give_it(names: tuple[str, str]) -> None:
    text = to_latex(pd.DataFrame({names[0]: [1.0], names[1]: [0.25]}))
    assert cells(text) == [[names[0]], [r"$1.0 \pm 0.2$"]]


def test_a_column_named_like_an_error_of_nothing_stays_a_column() -> None:
    assert cells(to_latex(pd.DataFrame({"name": ["a"], "error": [0.5]})))[0] == ["name", "error"]


def test_text_is_text() -> None:
    hostile = r"50 % of a_b & \input{x} ~ ^ # $ {}"
    text = to_latex(described({hostile: [hostile]}, hostile, {}))
    for line in re.findall(r"caption\{(.*)\}$", text, re.MULTILINE) + [row[0] for row in cells(text)]:
        bare = re.sub(r"\\(textbackslash|textasciitilde|textasciicircum)\{\}|\\[%&#$_{}]", "", line)
        assert not set(bare) & set("\\%&#$_{}~^")


def test_signs_and_greek_are_formulas_that_plain_latex_knows() -> None:
    assert escaped("λ ≥ 10⁻³ ± 2 × θ̂, x₁₂ – ẑ …") == (
        r"$\lambda$ $\ge$ 10$^{-3}$ $\pm$ 2 $\times$ $\hat{\theta}$, x$_{12}$ -- $\hat{z}$ \ldots{}"
    )


def test_symbols_of_variables_are_set_as_in_print() -> None:
    frame = pd.DataFrame({"symbol": ["p_T^μμ", "m_J", "jet_mass", None]})
    assert [row[0] for row in cells(to_latex(frame))[1:]] == [
        r"$p_{\mathrm{T}}^{\mu\mu}$", r"$m_{\mathrm{J}}$", r"jet$_{\mathrm{mass}}$", "--",
    ]  # fmt: skip


def test_counts_dates_and_answers_are_words() -> None:
    frame = pd.DataFrame(
        {"n": [120000, 2016], "ok": [True, False], "at": pd.to_datetime(["2026-01-02 03:04:59", None], utc=True)}
    )
    assert cells(to_latex(frame))[1:] == [["120,000", "yes", "2026-01-02 03:04"], ["2016", "no", "--"]]


def test_numbers_stand_right_words_left_and_meanings_above() -> None:
    text = to_latex(described({"run": ["a"], "auc": [0.5]}, "Runs.", {"auc": "area\nunder the curve"}))
    assert r"\begin{tabular}{lr}" in text and r"\caption{Runs.}" in text
    assert "% auc: area under the curve\n" in text
