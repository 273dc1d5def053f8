"""S/√B in the signal's peak."""

import numpy as np
import pytest

from core.audit.peak import central_window, peak_significance


def test_the_window_holds_the_central_share(rng: np.random.Generator) -> None:
    low, high = central_window(rng.normal(80, 8, 200_000), np.ones(200_000), 0.6827)
    assert (low, high) == (pytest.approx(72, abs=0.1), pytest.approx(88, abs=0.1))


def test_gain_by_hand() -> None:
    """100 signal events in the window, 64 pass; 400 background events, 100 pass: S/√B 5 → 6.4."""
    m = np.concatenate([np.linspace(79, 81, 100), np.linspace(79.5, 80.5, 400)])
    is_signal = np.arange(500) < 100
    passes = np.zeros(500, bool)
    passes[18:82] = passes[100:200] = True
    found = peak_significance(m, is_signal, passes, np.ones(500))
    inside = (m >= found.low) & (m <= found.high)
    s, b = np.sum(inside & is_signal), np.sum(inside & ~is_signal)
    assert found.before.value == pytest.approx(s / np.sqrt(b))
    assert found.before.error == pytest.approx(found.before.value * np.sqrt(1 / s + 1 / (4 * b)))
    s_passed, b_passed = np.sum(inside & is_signal & passes), np.sum(inside & ~is_signal & passes)
    assert found.after.value == pytest.approx(s_passed / np.sqrt(b_passed))
    assert found.gain.value == pytest.approx(found.after.value / found.before.value)


def test_the_gain_s_error_is_the_scatter_of_repeated_samples(rng: np.random.Generator) -> None:
    found = []
    for _ in range(300):
        m = np.concatenate([rng.normal(80, 8, 500), rng.uniform(50, 110, 2000)])
        is_signal = np.arange(2500) < 500
        w = rng.choice([1.0, -1.0], 2500, p=[0.95, 0.05])
        found.append(peak_significance(m, is_signal, rng.random(2500) < np.where(is_signal, 0.5, 0.1), w).gain)
    scatter = np.std([each.value for each in found])
    assert np.mean([each.error for each in found]) == pytest.approx(scatter, rel=0.15)


def test_the_gain_does_not_depend_on_the_scale_of_the_weights(rng: np.random.Generator) -> None:
    m, is_signal, passes, w = rng.normal(80, 8, 1000), rng.random(1000) < 0.5, rng.random(1000) < 0.5, rng.random(1000)
    one, other = (peak_significance(m, is_signal, passes, scale * w).gain for scale in (1.0, 1e-4))
    assert one.value == pytest.approx(other.value) and one.error == pytest.approx(other.error)


def test_no_background_in_the_peak_has_no_significance() -> None:
    m = np.concatenate([np.linspace(79, 81, 50), np.linspace(100, 200, 50)])
    found = peak_significance(m, np.arange(100) < 50, np.ones(100, bool), np.ones(100))
    assert np.isnan([found.before.value, found.gain.value]).all()
