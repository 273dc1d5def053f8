"""Toys: the truth is drawn first, and what is measured follows the formulas."""

from pathlib import Path

import numpy as np
import pytest

from core.calibration.samples import gaussian_toy, jet_response, jet_toy, jet_width
from core.calibration.spectra import Spectrum
from core.calibration.toys import toy_config, toy_events, toy_spec
from core.errors import DataError
from core.events.spec import load_events

SPECTRA = {name: Spectrum(name, 50.0, 250.0, 50.0) for name in ("uniform", "falling")}


def test_noise_does_not_depend_on_the_truth_even_at_the_edges(rng: np.random.Generator) -> None:
    """Drawing x first would leave residuals of another mean near the ends."""
    toy = gaussian_toy(100_000, {"uniform": Spectrum("uniform", 0.0, 8.0)}, rng)
    z, rest = np.asarray(toy["z"], float), np.asarray(toy["x"], float) - np.asarray(toy["z"], float)
    for inside in (z < 0.4, (z > 3.8) & (z < 4.2), z > 7.6):
        assert abs(rest[inside].mean()) < 4 / inside.sum() ** 0.5
        assert rest[inside].std() == pytest.approx(1, abs=0.04)


def test_every_event_belongs_to_one_spectrum() -> None:
    toy = toy_events("gaussian", ("uniform", "falling"), 500, 1)
    assert toy.n_events == 1000
    assert (np.asarray(toy["uniform"]) + np.asarray(toy["falling"]) == 1).all()
    assert toy.roles.protected == ("z", "uniform", "falling")


def test_jets_are_measured_as_the_formula_says(rng: np.random.Generator) -> None:
    jets = jet_toy(100_000, {"uniform": SPECTRA["uniform"]}, rng)
    p, eta, n = (np.asarray(jets[name], float) for name in ("true_pt", "eta", "n_constituents"))
    expected = 6 * np.log(p / 2)
    mean = p * jet_response(p, eta) * (1 - 0.15 * (n - expected) / expected)
    pull = (np.asarray(jets["pt"], float) - mean) / jet_width(p)
    assert abs(pull.mean()) < 0.015
    assert pull.std() == pytest.approx(1, abs=0.01)
    assert n.mean() == pytest.approx(expected.mean(), rel=0.005)


def test_the_gap_of_the_detector_loses_energy() -> None:
    p = np.full(2, 100.0)
    inside, outside = jet_response(p, np.array([1.4, 0.0]))
    assert inside / outside == pytest.approx(0.88, abs=1e-3)


def test_a_toy_repeats_by_its_seed_and_survives_its_file(tmp_path: Path) -> None:
    spec = toy_spec("jets", ("uniform", "falling", "uniform"), 300, 5, tmp_path)
    loaded, drawn = load_events(spec), toy_events("jets", ("uniform", "falling"), 300, 5)
    for name in drawn.columns:
        assert np.array_equal(loaded[name], drawn[name])
    assert loaded.describe("true_pt").unit == "GeV"
    assert toy_spec("jets", ("uniform", "falling"), 300, 5, tmp_path) == spec
    assert not list(tmp_path.glob("*.draft"))


def test_what_is_known_goes_with_the_gaussian_toy_only() -> None:
    assert toy_config("gaussian")["known"] == "gaussian"
    assert "known" not in toy_config("jets")


def test_impossible_toys_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(DataError, match="unknown toy 'pions'; allowed: gaussian, jets"):
        toy_events("pions", ("uniform",), 10, 0)
    with pytest.raises(DataError, match="number of events is 0"):
        gaussian_toy(0, SPECTRA, rng)
    with pytest.raises(DataError, match="noise is 0"):
        gaussian_toy(10, SPECTRA, rng, noise=0.0)
    with pytest.raises(DataError, match="no spectrum"):
        gaussian_toy(10, {}, rng)
    with pytest.raises(DataError, match="true transverse momentum of"):
        jet_toy(100, {"uniform": Spectrum("uniform", 0.0, 10.0)}, rng)
