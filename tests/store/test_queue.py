"""Whose turn it is."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from core.store.queue import fair_order

OWNERS = st.sampled_from(["ann", "ben", "cat"])


def test_one_user_is_served_in_the_order_of_asking() -> None:
    assert fair_order([("a", ""), ("b", ""), ("c", "")], {"": 7}) == ["a", "b", "c"]


def test_a_scan_of_one_user_does_not_hold_up_another() -> None:
    scan = [(f"a{k}", "ann") for k in range(50)]
    order = fair_order([*scan, ("b0", "ben"), ("b1", "ben")], {"ann": 2})
    assert order[:4] == ["b0", "b1", "a0", "a1"]


@settings(max_examples=50)
@given(owners=st.lists(OWNERS, max_size=20), running=st.dictionaries(OWNERS, st.integers(0, 4)))
def test_each_turn_is_of_the_user_with_the_fewest_running(owners: list[str], running: dict[str, int]) -> None:
    """Against a search through all who wait at each turn."""
    waiting = [(str(place), owner) for place, owner in enumerate(owners)]
    busy, left, expected = Counter(running), list(waiting), []
    while left:
        turn = min(left, key=lambda entry: (busy[entry[1]], int(entry[0])))
        left.remove(turn)
        busy[turn[1]] += 1
        expected.append(turn[0])
    assert fair_order(waiting, running) == expected
