"""Latents, traversals and cuts as tables: each number in its row and column."""

import numpy as np
import pytest

from core.disentanglement.results import Latents, TightCut, Traversal
from core.evaluation.sculpting import Spectrum
from core.results import Estimate
from core.tables.latents import cut_table, cuts_table, latents_table, traversal_table


def test_latents_have_a_row_a_dimension_and_variable() -> None:
    mi = np.array([[0.5, 0.1], [0.0, 0.2], [0.3, 0.4]])
    latents = Latents(
        ("mass", "x"), 1, 100, 90.0, mi, mi / 10, np.array([2.0, 1.0]), np.array([1.0, 0.0, 2.0]), (0,), (1,),
        Estimate(0.1, 0.01),
    )  # fmt: skip
    table = latents_table(latents).set_index(["dimension", "variable"])
    assert table.loc[(3, "x"), "mi [nats]"] == 0.4
    assert table.loc[(3, "x"), "mi_error [nats]"] == pytest.approx(0.04)
    assert table.loc[(2, "mass"), "entropy [nats]"] == 2.0
    assert table.loc[(3, "mass"), "kl [nats]"] == 2.0
    assert table["protected"].tolist() == [True, False] * 3
    assert table.loc[1, "sensitive"].all() and table.loc[2, "collapsed"].all()
    assert not table.loc[3, "sensitive"].any() and not table.loc[3, "collapsed"].any()


def test_a_traversal_has_a_row_a_dimension_value_and_feature() -> None:
    decoded = np.arange(12.0).reshape(2, 3, 2)
    table = traversal_table(Traversal(("x", "y"), np.array([-1.0, 0.0, 1.0]), decoded, np.array([1.0, 5.0])))
    row = table[(table["dimension"] == 2) & (table["value"] == 1.0) & (table["feature"] == "y")]
    assert (row["decoded"].item(), row["spread"].item()) == (11.0, 5.0)


def test_cuts_have_their_divergence_in_nats_and_bits_and_their_spectra() -> None:
    edges = np.array([5.2, 5.25, 5.29])
    spectrum = Spectrum(edges, np.array([1.0, 2.0]), np.array([9.0, 8.0]), np.array([4.0, 9.0]), np.array([1.0, 1.0]))
    cut = TightCut("mass", 0.995, 0.2, 7, spectrum, Estimate(np.log(2), 0.1), 0.05)
    row = cuts_table([cut]).iloc[0]
    assert (row["jsd [bits]"], row["limit [nats]"], row["n_pass"]) == (pytest.approx(1.0), 0.05, 7)
    bins = cut_table(cut, "GeV")
    assert bins["low [GeV]"].tolist() == [5.2, 5.25] and bins["passed_error"].tolist() == [2.0, 3.0]
