"""The sentence says how much is shared in which class, what Pearson's r misses, and where there is nothing to share."""

import numpy as np
import pytest

from core.events.table import Column, EventTable, Roles
from core.information import pair_map
from core.information.pair_sentence import pair_sentence
from core.numbers import format_number


def pairs(x, y, label, titles=()):
    described = {name: Column(name, title) for name, title in zip("xy", titles, strict=False)}
    table = EventTable("toy", {"x": x, "y": y, "label": label}, Roles(label="label"), described)
    return [pair_map(table, "x", "y", bins=12, event_class=each) for each in ("background", "signal")]


@pytest.fixture
def x(rng):
    return rng.normal(size=8000)


LABEL = np.arange(8000) % 2


def test_it_gives_the_information_of_each_class(rng, x):
    found = pairs(x, np.where(LABEL == 1, 0.5, 2.0) * x + rng.normal(size=8000), LABEL, ("m_J", "D₂"))
    background, signal = found
    shared = format_number(background.mi, background.mi_error, "nats")
    sentence = pair_sentence(found)
    assert sentence.startswith(f"m_J and D₂ share {shared} in background (r_I {format_number(background.r_i)}, ")
    assert f"and {format_number(signal.mi, signal.mi_error, 'nats')} in signal" in sentence
    assert "misses" not in sentence and "nothing" not in sentence


def test_it_says_what_pearsons_correlation_misses(rng, x):
    both = pairs(x, x**2 + 0.1 * rng.normal(size=8000), LABEL)
    assert pair_sentence(both).endswith("Pearson's r misses most of it.")
    one = pairs(x, np.where(LABEL == 1, x**2, x) + 0.1 * rng.normal(size=8000), LABEL)
    assert pair_sentence(one).endswith("Pearson's r misses most of it in signal.")


def test_noise_is_no_information(rng, x):
    sentence = pair_sentence(pairs(x, rng.normal(size=8000), LABEL))
    assert "share nothing beyond the statistical error in background (I = " in sentence
    assert " and in signal (I = " in sentence
    mixed = pair_sentence(pairs(x, np.where(LABEL == 1, x, rng.normal(size=8000)), LABEL))
    assert " in signal (r_I" in mixed and "; they share nothing beyond the statistical error in background" in mixed


def test_a_constant_has_nothing_to_share(x):
    sentence = pair_sentence(pairs(np.where(LABEL == 1, 7.0, x), x, LABEL))
    assert sentence.endswith("; they have nothing to share in signal, for x has a single value.")
