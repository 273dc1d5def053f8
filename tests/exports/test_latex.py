"""Tables for a paper: values with their errors, units in the head, and nothing that LaTeX would misread."""

import re

import numpy as np
import pandas as pd
import pytest

from core.exports.coarser import coarser
from core.exports.latex import escaped, to_latex
from core.exports.results import RunResults
from core.exports.run_figures import tables_of
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


def test_a_spectrum_of_a_hundred_bins_becomes_one_that_can_be_read() -> None:
    rng = np.random.default_rng(3)
    n, edges = 100, np.linspace(50.0, 150.0, 101)
    weights = rng.uniform(1.0, 9.0, 2 * n)
    frame = described(
        {
            "run": np.repeat(["one", "two"], n),
            "low [GeV]": np.tile(edges[:-1], 2), "high [GeV]": np.tile(edges[1:], 2),
            "passed": weights, "passed_error": np.sqrt(weights),
        },
        "Spectra.", {"passed": "Σw of the background events that pass the cut", "passed_error": "its error"},
    )  # fmt: skip
    merged = coarser(frame)
    np.testing.assert_allclose(merged["passed"], weights.reshape(-1, 4).sum(1))
    np.testing.assert_allclose(merged["passed_error"] ** 2, merged["passed"])
    assert merged["run"].value_counts().to_dict() == {"one": 25, "two": 25}
    assert merged["low [GeV]"][25] == 50 and merged["high [GeV]"][24] == 150
    text = to_latex(frame)
    assert len(cells(text.replace(r"} \\", "}"))) == 1 + 50 and "Bins are merged 4 at a time." in text
    assert len(to_latex(frame[frame["run"] == "one"]).splitlines()) < 40


def test_what_has_no_rule_for_merging_keeps_its_bins() -> None:
    edges = {"low": np.arange(60.0), "high": np.arange(1.0, 61.0)}
    share = described({**edges, "efficiency": 0.5}, "Efficiency.", {"efficiency": "share that passes"})
    gap = described({**edges, "low": np.arange(60.0) + 0.5, "n": 1.0}, "Gaps.", {"n": "Σw of all events"})
    assert coarser(share) is share and coarser(gap) is gap


def test_the_table_of_a_spectrum_may_be_merged(unlearnt: RunResults) -> None:
    tables = tables_of(unlearnt)
    spectra = [name for name, frame in tables.items() if coarser(frame) is not frame]
    assert spectra and all(name.startswith("spectrum") for name in spectra)


def test_a_long_table_goes_on_over_pages_with_its_head_on_each() -> None:
    text = to_latex(described({"x": np.arange(41.0)}, "Numbers.", {}))
    assert text.startswith(r"% needs \usepackage{booktabs,longtable}")
    assert text.index(r"\caption{Numbers.} \\") < text.index(r"\toprule") < text.index(r"\endhead")
    assert text.rstrip().endswith(r"\end{longtable}") and r"\begin{table}" not in text
    assert r"\begin{tabular}{r}" in to_latex(described({"x": np.arange(40.0)}, "Numbers.", {}))
