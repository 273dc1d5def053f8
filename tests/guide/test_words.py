"""The guide's sentences: their numbers are those of the results, and what they claim follows from these."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.evaluation.sculpting import Efficiency, Spectrum
from core.events.table import Column, EventTable
from core.guide.remaining import Remaining
from core.guide.sculpting import OneCut, one_cut
from core.guide.sharing import Extremes, SharedPair
from core.guide.unlabelled import Explained
from core.guide.words import (
    cut_words,
    explained_words,
    one_cut_words,
    price_words,
    remaining_words,
    sharing_words,
    spread_words,
    unlearning_words,
)
from core.information.relevance import relevance
from core.results import Estimate

MASS = Column("mass", "m", "GeV")


@pytest.fixture(scope="module")
def cut(toy_table: Callable[..., EventTable]) -> OneCut:
    table = toy_table(20_000)
    told = relevance(table, table.roles.features, "label", bins=16)
    leaked = relevance(table, table.roles.features, "mass", event_class="background", bins=16)
    return one_cut(table, told, leaked, 1, replicas=10)


def test_the_cut_is_told_with_rejection_divergence_and_limit(cut: OneCut) -> None:
    told = " ".join((*one_cut_words(cut), *cut_words(cut.plain, MASS)))
    judged = cut.plain.protected[0]
    assert told.startswith("leaking tells ")
    assert "fitted on 10,000 events, is the score" in told
    assert f"one background event in {cut.plain.rejection.value:.1f}"[:-1] in told
    assert f"reaches {1 / judged.limit_nats:.3g}" in told
    assert f"shapes the background {judged.jsd_nats.value / judged.limit_nats:.1f} times as much" in told


def test_a_flat_score_is_told_with_what_it_costs_or_gains(cut: OneCut) -> None:
    told = " ".join(unlearning_words(cut, MASS))
    assert "rank among the background of its own m" in told
    assert "as flat as these events can tell" in told
    assert "It even gains: background rejection rises" in told  # this signal peaks in m, which the rank knows


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (Estimate(8.0, 0.2), "The price: background rejection falls by a factor 1.50 ± 0.05."),
        (Estimate(12.3, 0.3), "The price is within the errors: background rejection changes by 0.3 ± 0.4."),
        (Estimate(24.0, 0.3), "It even gains: background rejection rises by a factor 2.00 ± 0.06."),
        (Estimate(float("inf"), float("inf")), "Too few background events pass for a price."),
    ],
)
def test_the_price_follows_from_both_rejections(after: Estimate, said: str) -> None:
    assert price_words(Estimate(12.0, 0.3), after) == said


def test_where_the_background_passes_most_and_least_is_told_with_edges_that_differ(cut: OneCut) -> None:
    efficiency = Efficiency(
        np.array([110.0, 110.9, 111.2, 150.0]), np.array([0.5]), np.array([[0.1, 0.4, 0.2]]),
        np.array([[0.01, 0.02, 0.01]]), np.array([0.2]),
    )  # fmt: skip
    told = spread_words(replace(cut.plain.protected[0], efficiency=efficiency), MASS)
    assert told == (
        "Background with m from 110.90 to 111.20 GeV passes 2.00 ± 0.10 times as often as on average, but 0.50 ± 0.05 "
        "times with m from 110.00 to 110.90 GeV."
    )


def test_rare_values_of_a_discrete_variable_are_not_spoken_of(cut: OneCut) -> None:
    """The last value has ten events, of which two would pass on average."""
    values = np.array([2016.0, 2017.0, 2018.0])
    efficiency = Efficiency(
        np.array([2015.5, 2016.5, 2017.5, 2018.5]), np.array([0.5]), np.array([[0.1, 0.4, 0.9]]),
        np.array([[0.01, 0.02, 0.1]]), np.array([0.2]), values,
    )  # fmt: skip
    n = np.array([500.0, 400.0, 10.0])
    spectrum = Spectrum(efficiency.edges, n / 5, 4 * n / 5, n / 5, 4 * n / 5, values)
    told = spread_words(replace(cut.plain.protected[0], efficiency=efficiency, spectrum=spectrum), Column("year"))
    assert told == (
        "Background at year = 2017 passes 2.00 ± 0.10 times as often as on average, but 0.50 ± 0.05 times at "
        "year = 2016."
    )


def test_pairs_are_told_with_what_a_nat_is() -> None:
    most = SharedPair("a", "b", "a", "b", Estimate(0.6931, 0.001), 0.866, 0.1)
    least = SharedPair("a", "c", "a", "c", Estimate(-0.001, 0.002), 0.0, 0.0)
    told = sharing_words(Extremes(most, least, 3, 1000, 900.0, "background"))
    assert told[0] == (
        "a and b share I = 0.6931 ± 0.0010 nats, more than any other of 3 pairs on 1,000 events (N_eff 900) of "
        "background."
    )
    assert "divides the values left to b by e^I = 2.00 on average" in told[1]
    assert "r_I = 0.866; Pearson's r is 0.100: it misses most of it." in told[2]
    assert told[3].endswith("nothing beyond the statistical error: independent.")
    assert len(sharing_words(Extremes(most, most, 1, 1000, 1000.0, "all"))) == 3


def test_what_remains_is_told_by_its_errors() -> None:
    """The first loses, the second loses most, the third gains."""
    found = Remaining(
        ("a", "b", "c"), ("a", "b", "c"), np.array([0.3, 0.2, 0.1]), np.full(3, 0.001), np.array([0.25, 0.02, 0.15]),
        np.full(3, 0.001), "m", "m", Estimate(0.1, 0.001), 16, 1000, 1000.0,
    )  # fmt: skip
    told = " ".join(remaining_words(found))
    assert "Alone, a tells 0.3000 ± 0.0010 nats; once m is known, 0.2500 ± 0.0010 nats remain." in told
    assert "2 tell less once m is known and 1 more, beyond 3 standard errors" in told
    assert "Of what b tells, m says 90 % already, the largest such share: 0.2000 ± 0.0010 → 0.0200 ± 0.0010" in told
    assert "c gains by m: 0.1000 ± 0.0010 → 0.1500 ± 0.0010 nats" in told


def test_the_explained_pair_is_told_with_the_share_that_remains() -> None:
    found = Explained("a", "b", Estimate(0.4, 0.01), Estimate(0.1, 0.01), 6, 1000, 1000.0)
    told = " ".join(explained_words(found, "m"))
    assert "once m is known, 0.100 ± 0.010 nats remain, 25 %" in told
    assert "Of 6 pairs" in told
