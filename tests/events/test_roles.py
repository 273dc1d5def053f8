"""Guesses from names, types and what a file states."""

from pathlib import Path

import pytest

from core.events import ColumnSummary, FileSummary, guess_roles, inspect_file, roles_from_guesses
from core.events.summary import Kind
from core.events.table import Column


def summary(**kinds: str) -> FileSummary:
    """Make a summary from name=kind or name="kind:stated role:dtype"."""
    columns = []
    for name, text in kinds.items():
        kind, stated, dtype = (*text.split(":"), "", "")[:3]
        columns.append(ColumnSummary(Column(name), dtype or "double", _kind(kind), stated_role=stated))
    return FileSummary(Path("f.parquet"), "f", "Parquet", 10, tuple(columns), 0)


def _kind(text: str) -> Kind:
    return {"n": "numeric", "b": "boolean", "s": "string", "l": "list", "u": "unsupported"}[text]  # type: ignore[return-value]


def role(name: str, kind: str = "n") -> str:
    return guess_roles(summary(**{"x": "n", name: kind}))[name].role


@pytest.mark.parametrize("name", ["label", "Label", "target", "is_signal", "isSignal", "class", "truth"])
def test_labels(name: str) -> None:
    assert role(name) == "label"
    assert role(name, "b") == "label"


def test_y_is_a_label_only_when_it_holds_whole_numbers() -> None:
    """A real y is a rapidity."""
    assert role("y", "n::double") == "feature"
    assert role("y", "n::int64") == "label"
    assert role("y", "b") == "label"


@pytest.mark.parametrize(
    "name",
    [
        "weight",
        "w",
        "event_weight",
        "eventWeight",
        "genWeight",
        "mcweight",
        "mcWeight",
        "weights",
        "evt_weight",
        "wgt",
        "wgt_final",
        "event_wgt",
        "mc_weight",
        "weight_nominal",
    ],
)
def test_weights(name: str) -> None:
    assert role(name) == "weight"


@pytest.mark.parametrize(
    "name",
    [
        "mass",
        "m",
        "m_mumu",
        "jet_mass",
        "fatjet_mass",
        "mjj",
        "m_bc",
        "Mbc",
        "mll",
        "invariant_mass",
        "mass_z",
        "dimuonMass",
        "fatjet_m_sd",
        "mcand",
        "jet_m",
    ],
)
def test_masses_are_protected(name: str) -> None:
    assert role(name) == "protected"


@pytest.mark.parametrize(
    "name", ["event", "eventNumber", "run", "run_number", "lumi", "luminosityBlock", "index", "id"]
)
def test_numbers_of_events_are_ignored(name: str) -> None:
    assert role(name) == "ignore"


@pytest.mark.parametrize(
    "name",
    [
        "pt",
        "met",
        "eta",
        "tau21",
        "n_muons",
        "mt2",
        "MET",
        "mu_m_pt",
        "max_pt",
        "momentum",
        "width",
        "runs_test",
        "heavyweight",
        "n_heavyweight",
    ],
)
def test_anything_else_is_a_feature(name: str) -> None:
    assert role(name) == "feature"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("s", "text; can be the label"), ("l", r"a list for each event; use z.count or z[0]"), ("u", "cannot be read")],
)
def test_what_is_no_number_is_ignored_with_its_reason(kind: str, reason: str) -> None:
    guess = guess_roles(summary(x="n", z=kind))["z"]
    assert guess.role == "ignore"
    assert reason in guess.reason


def test_there_is_one_label_and_one_weight() -> None:
    guesses = guess_roles(summary(target="n", label="n", w="n", puWeight="n", genWeight="n"))
    roles = roles_from_guesses(guesses)
    assert (roles.label, roles.weight) == ("label", "genWeight")
    assert guesses["target"].reason == "named like a label, but label is the label"
    assert guesses["puWeight"].reason == "named like a weight, but genWeight is the weight"
    assert (guesses["w"].role, guesses["puWeight"].role) == ("ignore", "ignore")


def test_the_exact_name_of_a_label_goes_before_one_in_capitals() -> None:
    for names in (("label", "Label"), ("Label", "label")):
        guesses = guess_roles(summary(x="n", **dict.fromkeys(names, "n")))
        assert roles_from_guesses(guesses).label == "label"
        assert guesses["Label"].reason == "named like a label, but label is the label"
    assert roles_from_guesses(guess_roles(summary(x="n", Label="n"))).label == "Label"


def test_a_short_name_of_a_weight_counts_where_there_is_one_such_column() -> None:
    one = roles_from_guesses(guess_roles(summary(x="n", w_gen="n", w_pt="n")))
    assert (one.weight, one.features) == ("w_gen", ("x", "w_pt"))
    two = roles_from_guesses(guess_roles(summary(x="n", w_gen="n", w_nom="n")))
    assert (two.weight, two.features) == (None, ("x",))


def test_factors_of_weights_are_neither_the_weight_nor_features() -> None:
    roles = roles_from_guesses(guess_roles(summary(x="n", puWeight="n", btag_wgt="n", wgt_final="n")))
    assert (roles.weight, roles.features) == ("wgt_final", ("x",))


def test_what_the_file_states_wins_over_names() -> None:
    guesses = guess_roles(
        summary(mass="n:feature", q="n:protected", tag="n:label", label="n", s="n:ignore", k="n:weight")
    )
    assert {name: guess.role for name, guess in guesses.items()} == {
        "mass": "feature",
        "q": "protected",
        "tag": "label",
        "label": "ignore",
        "s": "ignore",
        "k": "weight",
    }
    assert guesses["q"].reason == "the file says so"


def test_a_nonsense_statement_is_as_good_as_none() -> None:
    assert guess_roles(summary(m_ll="n:spectator"))["m_ll"].role == "protected"


def test_a_text_column_stated_to_be_the_label_is() -> None:
    assert roles_from_guesses(guess_roles(summary(x="n", process="s:label"))).label == "process"


def test_guesses_from_a_file(labelled: Path) -> None:
    roles = roles_from_guesses(guess_roles(inspect_file(labelled)))
    assert roles.features == ("pt", "eta")
    assert (roles.label, roles.weight, roles.protected) == ("label", "weight", ("m_ll",))
