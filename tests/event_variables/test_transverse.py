"""m_T and m_T2 against a brute-force minimisation, closed forms and the limits that define them."""

import numpy as np
import pytest
from scipy.optimize import minimize

from core.errors import DataError
from core.event_variables.config import SampleConfig
from core.event_variables.phase_space import decayed, produced
from core.event_variables.transverse import stransverse_mass, transverse_mass

Floats = np.ndarray


def one_side(p: Floats, q: Floats, mass: float, chi: float) -> float:
    """m_T² of one side by its definition."""
    energies = np.sqrt(p @ p + mass**2) * np.sqrt(q @ q + chi**2)
    return float(mass**2 + chi**2 + 2 * (energies - p @ q))


def by_minimisation(p: Floats, q: Floats, missing: Floats, chi: float, masses: tuple[float, float]) -> float:
    """The definition: all ways to share the missing momentum, by a simplex from several starts."""

    def worse(share: Floats) -> float:
        return max(one_side(p, share, masses[0], chi), one_side(q, missing - share, masses[1], chi))

    best = np.inf
    for start in (missing / 2, p, missing - q):
        at = start
        for _ in range(3):
            found = minimize(worse, at, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10})
            at = found.x
        best = min(best, float(found.fun))
    return float(np.sqrt(max(best, 0.0)))


@pytest.mark.parametrize(("chi", "visible"), [(0.0, 0.0), (0.5, 0.0), (0.0, 0.4), (1.0, 0.4), (0.7, 2.0)])
def test_the_bisection_finds_the_minimum_over_all_shares(chi: float, visible: float) -> None:
    rng = np.random.default_rng(3)
    p, q, missing = rng.normal(size=(3, 12, 2))
    masses = visible * rng.random(12), visible * rng.random(12)
    found = stransverse_mass(p, q, missing, chi, masses)
    expected = [by_minimisation(*vectors, chi, (m, n)) for *vectors, m, n in zip(p, q, missing, *masses, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_without_recoil_massless_m_t2_has_a_closed_form() -> None:
    """M_T2² = 2 (|p||q| + p·q) when the visible momenta balance the missing one."""
    p, q = 100 * np.random.default_rng(1).normal(size=(2, 500, 2))
    expected = np.sqrt(2 * (np.hypot(*p.T) * np.hypot(*q.T) + (p * q).sum(1)))
    np.testing.assert_allclose(stransverse_mass(p, q, -(p + q)), expected, atol=1e-4)


@pytest.mark.parametrize("angle", [0.0, 1e-8, 1e-4])
def test_parallel_momenta_are_no_exception(angle: float) -> None:
    """Where both conics open along one line: all of the mass for momenta side by side, none for opposite ones."""
    p = np.array([[40.0, 0.0]])
    q = 30 * np.array([[np.cos(angle), np.sin(angle)]])
    assert stransverse_mass(p, q, -(p + q))[0] == pytest.approx(np.sqrt(4 * 40 * 30), rel=1e-5)
    assert stransverse_mass(p, -q, -(p - q))[0] == pytest.approx(np.sqrt(2 * 1200 * (1 - np.cos(angle))), abs=0.2)


def test_it_changes_neither_by_exchange_nor_by_rotation_nor_by_units() -> None:
    rng = np.random.default_rng(2)
    p, q, missing = rng.normal(size=(3, 200, 2))
    found = stransverse_mass(p, q, missing, 0.3, (0.1, 0.6))
    np.testing.assert_allclose(stransverse_mass(q, p, missing, 0.3, (0.6, 0.1)), found, rtol=1e-8)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    np.testing.assert_allclose(stransverse_mass(p @ turn, q @ turn, missing @ turn, 0.3, (0.1, 0.6)), found, rtol=1e-8)
    np.testing.assert_allclose(
        stransverse_mass(1e3 * p, 1e3 * q, 1e3 * missing, 300, (100.0, 600.0)), 1e3 * found, rtol=1e-8
    )


@pytest.mark.parametrize("recoil", [0.0, 80.0])
@pytest.mark.parametrize("chi", [0.0, 60.0])
def test_it_reaches_up_to_the_mass_of_the_parents_and_not_beyond(chi: float, recoil: float) -> None:
    n, mass = 20_000, 200.0
    rng = np.random.default_rng(4)
    parent, total = np.full(n, mass), np.full(n, 500.0)
    nothing, lost = np.zeros(n), np.full(n, chi)
    sides = [
        decayed(each, parent, nothing, lost, rng)
        for each in decayed(produced(total, recoil, rng), total, parent, parent, rng)
    ]
    (one, unseen), (other, also_unseen) = sides
    found = stransverse_mass(one[:, :2], other[:, :2], (unseen + also_unseen)[:, :2], chi)
    assert found.max() <= mass * (1 + 1e-6)
    assert found.max() > 0.97 * mass
    assert found.min() >= chi
    alone = transverse_mass(one[:, :2], unseen[:, :2]) if chi == 0 else found
    assert alone.max() <= mass * (1 + 1e-6)


def test_it_is_at_least_the_heavier_side_at_rest() -> None:
    """The unbalanced case: a heavy visible side whose invisible particle moves along leaves no smaller mass."""
    p, q = np.array([[0.0, 0.0]]), np.array([[1e-3, 0.0]])
    assert stransverse_mass(p, q, np.zeros((1, 2)), 1.0, (5.0, 0.1))[0] == pytest.approx(6.0, rel=1e-6)


def test_nothing_weighs_nothing() -> None:
    zero = np.zeros((2, 2))
    np.testing.assert_array_equal(stransverse_mass(zero, zero, zero), [0, 0])


def test_the_transverse_mass_of_back_to_back_momenta_is_twice_one() -> None:
    assert transverse_mass(np.array([[3.0, 4.0]]), np.array([[-3.0, -4.0]]))[0] == pytest.approx(10.0)
    assert transverse_mass(np.array([[3.0, 4.0]]), np.array([[6.0, 8.0]]))[0] == pytest.approx(0.0, abs=1e-6)


def test_a_negative_mass_is_refused() -> None:
    p = np.ones((1, 2))
    with pytest.raises(DataError, match="a mass of -1 GeV"):
        stransverse_mass(p, p, p, -1.0)


def test_a_heavy_invisible_particle_is_refused_in_the_config() -> None:
    with pytest.raises(ValueError, match="leaves a parent of 100 GeV no decay"):
        SampleConfig(topology="pair", theta_low=100.0, invisible_mass=95.0)
