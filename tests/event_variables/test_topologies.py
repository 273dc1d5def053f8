"""The samples: momenta balance, masses come out, boosts are those of partons, and files repeat."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest

from core.event_variables.config import SampleConfig
from core.event_variables.phase_space import boosted, decayed, invariant_mass, produced, resonance
from core.event_variables.topologies import TOPOLOGIES, sample_events
from core.event_variables.toys import sample_in, sample_spec, suitable_background
from core.event_variables.transverse import stransverse_mass
from core.events.spec import load_events
from core.events.table import EventTable

topologies = pytest.mark.parametrize("name", list(TOPOLOGIES))


def momentum(events: EventTable, suffix: str) -> np.ndarray:
    return np.asarray(events.matrix([f"{axis}{suffix}" for axis in ("px", "py", "pz", "e")], np.float64))


def test_a_decay_conserves_momentum_and_gives_the_masses() -> None:
    rng = np.random.default_rng(1)
    mass, first, second = np.full(2000, 91.0), rng.uniform(0, 40, 2000), rng.uniform(0, 40, 2000)
    parent = produced(mass, 30.0, rng)
    np.testing.assert_allclose(invariant_mass(parent), mass, rtol=1e-6)
    one, other = decayed(parent, mass, first, second, rng)
    np.testing.assert_allclose(one + other, parent, atol=1e-9)
    np.testing.assert_allclose(one[:, 3] ** 2 - (one[:, :3] ** 2).sum(1), first**2, atol=1e-5 * one[:, 3].max() ** 2)
    np.testing.assert_allclose(invariant_mass(other)[second > 10], second[second > 10], rtol=1e-3)


def test_a_decay_is_isotropic_in_the_rest_frame() -> None:
    rng = np.random.default_rng(2)
    mass, nothing = np.full(5000, 91.0), np.zeros(5000)
    parent = produced(mass, 50.0, rng)
    one, _ = decayed(parent, mass, nothing, nothing, rng)
    back = boosted(one, parent * [-1, -1, -1, 1], mass)
    np.testing.assert_allclose(back[:, 3], 45.5, rtol=1e-6)
    assert kstest(back[:, 2] / 45.5, "uniform", args=(-1, 2)).pvalue > 0.01
    assert kstest(np.arctan2(back[:, 1], back[:, 0]), "uniform", args=(-np.pi, 2 * np.pi)).pvalue > 0.01


def test_the_boost_is_that_of_the_partons() -> None:
    """No parton has more than the proton's momentum, and light systems are boosted more than heavy ones."""
    rng = np.random.default_rng(3)
    spreads = []
    for mass in (100.0, 5000.0):
        found = produced(np.full(4000, mass), 0.0, rng)
        rapidity = np.arctanh(found[:, 2] / found[:, 3])
        assert np.abs(rapidity).max() <= np.log(13_000 / mass)
        assert abs(rapidity.mean()) < 4 * rapidity.std() / np.sqrt(4000)
        spreads.append(rapidity.std())
    assert spreads[0] > 2 * spreads[1]


@pytest.mark.parametrize(("shape", "half_width"), [("gaussian", 0.6745), ("breit_wigner", 0.4698)])
def test_a_resonance_has_its_width(shape: str, half_width: float) -> None:
    """Half of all masses lie within 0.6745 σ, or within 0.4698 Γ when 10 Γ are the end: tan(arctan(20)/2)/2."""
    mass = resonance(np.full(50_000, 200.0), 0.05, shape, 1.0, np.random.default_rng(4))
    assert np.mean(np.abs(mass - 200) < half_width * 10) == pytest.approx(0.5, abs=0.01)
    assert np.median(mass) == pytest.approx(200, abs=0.2)


def test_a_sharp_resonance_has_none_and_a_floor_holds() -> None:
    theta = np.linspace(100, 200, 50)
    np.testing.assert_array_equal(resonance(theta, 0.0, "gaussian", 1.0, np.random.default_rng(0)), theta)
    assert resonance(theta, 0.5, "breit_wigner", 90.0, np.random.default_rng(0)).min() >= 90 - 1e-9


def test_two_visible_particles_have_the_mass_of_their_parent() -> None:
    events = sample_events(SampleConfig(events=3000, width=0.0, recoil=20.0), 1)
    both = momentum(events, "_1") + momentum(events, "_2")
    np.testing.assert_allclose(invariant_mass(both), events["theta"], rtol=0.02)
    np.testing.assert_allclose(events["mass"], events["theta"], rtol=1e-4)
    assert np.hypot(both[:, 0], both[:, 1]).mean() == pytest.approx(20, rel=0.1)


def test_without_recoil_the_missing_momentum_balances_the_visible_one() -> None:
    events = sample_events(SampleConfig(topology="visible_invisible", events=500, recoil=0.0), 1)
    np.testing.assert_allclose(events["missing_px"], -np.asarray(events["px"]), atol=1e-3)
    assert np.all(np.asarray(events["m_t"]) <= np.asarray(events["mass"]) * (1 + 1e-5))


def test_the_column_of_m_t2_is_made_from_the_other_columns() -> None:
    events = sample_events(
        SampleConfig(topology="pair", events=500, theta_low=100.0, invisible_mass=40.0, width=0.0), 1
    )
    one, other = (momentum(events, suffix)[:, :2] for suffix in ("_1", "_2"))
    missing = np.asarray(events.matrix(["missing_px", "missing_py"], np.float64))
    np.testing.assert_allclose(stransverse_mass(one, other, missing, 40.0), events["m_t2"], rtol=1e-3, atol=0.1)
    assert np.all(np.asarray(events["m_t2"]) <= np.asarray(events["theta"]) * (1 + 1e-5))


@topologies
def test_background_has_the_masses_of_all_signal_together(name: str) -> None:
    events = sample_events(SampleConfig(topology=name, events=4000, background=0.25), 1)
    assert (~events.is_signal).mean() == pytest.approx(0.25)
    mass = np.asarray(events["mass"], np.float64)[~events.is_signal]
    theta = np.asarray(events["theta"], np.float64)[~events.is_signal]
    assert abs(np.corrcoef(mass, theta)[0, 1]) < 0.1
    assert kstest(mass, "uniform", args=(20, 480)).pvalue > 0.01


@topologies
def test_a_file_keeps_the_events_and_says_what_it_holds(name: str, tmp_path: Path) -> None:
    config = SampleConfig(topology=name, events=150, background=0.5, width=0.1)
    spec = sample_spec(config, 3, tmp_path)
    assert sample_spec(config, 3, tmp_path) == spec
    loaded, made = load_events(spec), sample_events(config, 3)
    for column in made.columns:
        np.testing.assert_array_equal(loaded[column], made[column])
        assert loaded.describe(column) == made.describe(column)
    assert sample_in(Path(spec.path), 3) == config
    assert sample_in(Path(spec.path), 4) is None
    assert sample_in(tmp_path / "events.parquet", 3) is None


def test_blueprints_get_the_background_that_they_need() -> None:
    assert [suitable_background(f"blueprint_{k}") for k in range(4)] == [0.5, 0.5, 0.0, 0.0]
