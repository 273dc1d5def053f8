"""What events without a label show: a rank that does not know m, and the pair that m explains."""

import numpy as np

from core.events.table import EventTable
from core.guide.unlabelled import RANK, explained, with_rank
from core.information.estimate import estimate_mi
from core.information.given import given_matrix


def test_the_rank_shares_nothing_with_m(rng: np.random.Generator) -> None:
    m = rng.normal(size=60_000)
    found = with_rank(EventTable("toy", {"m": m, "x": m + rng.normal(size=len(m))}), "x", "m", rng)
    before, after = (estimate_mi(found[name], found["m"], bins=16) for name in ("x", RANK))
    assert before.value > 0.3
    assert after.value < 0.005
    assert found.describe(RANK).description == "rank of x among events of the same m"


def test_the_pair_that_only_repeats_m_is_explained_by_it(rng: np.random.Generator) -> None:
    """a and b share because both know m; c and d share something else."""
    m, common, *noise = rng.normal(size=(6, 40_000))
    columns = {"m": m, "a": m + noise[0], "b": m + noise[1], "c": common + noise[2], "d": common + noise[3]}
    found = explained(given_matrix(EventTable("toy", columns), "m", ["a", "b", "c", "d"]))
    assert (found.x_title, found.y_title, found.n_pairs) == ("a", "b", 6)
    assert found.given.value < 0.2 * found.alone.value
