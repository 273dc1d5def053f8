"""B → X_s γ against continuum at the Υ(4S): the beam-constrained mass must not be learnt."""

from __future__ import annotations

import numpy as np

from .candidates import N_CONES, NAMES, find_all
from .pythia import Events
from .sample import LABEL, WEIGHT, Column, Process, Rows, Sample
from .weights import efficiency_correction

MAX_COS, MIN_PT, MIN_PHOTON, MIN_KL = 0.92, 0.1, 0.05, 0.3
TRACK_RESOLUTION = 0.004
N_BB_PB, BRANCHING = 1.1e3, 3.49e-4

SIGNAL = Process(
    "Υ(4S) → BB̄ with one B → X_s γ",
    (
        "ProcessLevel:all = off",
        "Check:event = off",
        "511:onMode = 3",
        "511:onPosIfMatch = 1 -3 22",
        "511:onPosIfMatch = 313 22",
        "521:onMode = 3",
        "521:onPosIfMatch = 2 -3 22",
        "521:onPosIfMatch = 323 22",
        "ParticleDecays:mixB = off",
    ),
    sigma_pb=2 * N_BB_PB * BRANCHING,
    sigma_source="2 × 1.1 nb × B(B → X_s γ, E_γ > 1.6 GeV) = 3.49·10⁻⁴ (HFLAV)",
    upsilon=True,
)
CONTINUUM = Process(
    "e⁺e⁻ → qq̄, q = u, d, s, c",
    (
        "Beams:idA = 11",
        "Beams:idB = -11",
        "Beams:eCM = 10.5794",
        "PDF:lepton = off",
        "WeakSingleBoson:ffbar2gmZ = on",
        "23:onMode = off",
        "23:onIfAny = 1 2 3 4",
    ),
)

COLUMNS = (
    Column("m_bc", "GeV", "M_bc", "Beam-constrained mass √(E_beam² - |p*_B|²), with p*_B = p*_γ + p*_Xs.", "protected"),
    Column("delta_e", "GeV", "ΔE", "Energy difference E*_γ + E*_Xs - E_beam."),
    Column(
        "e_gamma_star",
        "GeV",
        "E*_γ",
        "Energy of the hard photon in the centre-of-mass frame, smeared by the calorimeter.",
    ),
    Column("p_xs_star", "GeV", "|p*_Xs|", "Momentum of the X_s system in the centre-of-mass frame."),
    Column(
        "cos_gamma_xs",
        "",
        "cos θ_γXs",
        "Cosine of the opening angle between photon and X_s: with E*_γ and |p*_Xs| it gives M_bc.",
    ),
    Column("m_xs", "GeV", "m_Xs", "Mass of the X_s system of one K±, one to three π± and at most one π⁰."),
    Column("thrust", "", "T", "Thrust of the whole event: 1 for a pencil, 1/2 for a sphere."),
    Column("r2", "", "R₂", "Fox-Wolfram ratio H₂/H₀ of the whole event."),
    Column("sphericity", "", "S", "3/2 of the two smaller eigenvalues of Σ p_a p_b / Σ p² over the event."),
    Column("aplanarity", "", "A", "3/2 of the least eigenvalue of Σ p_a p_b / Σ p² over the event."),
    Column(
        "cos_theta_thrust",
        "",
        "|cos θ_T|",
        "Cosine of the angle between the thrust axes of the candidate and of the rest of the event.",
    ),
    Column("cos_theta_b", "", "cos θ*_B", "Cosine of the polar angle of the candidate's momentum."),
    *(
        Column(
            f"cone{i + 1}",
            "GeV",
            f"cone {i + 1}",
            f"Scalar momentum of the rest of the event within {10 * i}° to {10 * i + 10}° of the candidate's "
            "thrust axis, both ends folded.",
        )
        for i in range(N_CONES)
    ),
    Column("n_charged", "", "N_ch", "Number of charged tracks in acceptance."),
    Column("n_photons", "", "N_γ", "Number of photons in acceptance above 50 MeV."),
    Column("e_visible", "GeV", "E_vis", "Energy sum of all accepted particles in the centre-of-mass frame."),
    WEIGHT,
    LABEL,
)


def _photon_resolution(energy: np.ndarray) -> np.ndarray:
    """Relative resolution 1.6 % ⊕ 1 %/√E: 1.75 % at 2 GeV."""
    return np.hypot(0.016, 0.01 / np.sqrt(energy))


def detect(events: Events, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smeared four-momenta, ids and offsets of the accepted particles; directions are exact.

    Acceptance |cos θ*| < 0.92; tracks p_T > 0.1 GeV, photons E > 50 MeV, neutrons and K_L are not measured.
    """
    p4, pid = events.p4.copy(), events.pid
    photon, charged = pid == 22, events.charge != 0
    energy, length = p4[:, 3].copy(), np.sqrt((p4[:, :3] ** 2).sum(axis=1))
    sigma = np.where(photon, _photon_resolution(np.maximum(energy, 1e-3)), TRACK_RESOLUTION)
    scale = np.maximum(1 + sigma * rng.standard_normal(len(pid)), 0.05)
    mass2 = np.where(photon, 0.0, np.maximum(energy**2 - length**2, 0.0))
    p4[:, :3] *= scale[:, None]
    p4[:, 3] = np.sqrt((p4[:, :3] ** 2).sum(axis=1) + mass2)
    seen = (np.abs(p4[:, 2]) < MAX_COS * length * scale) & (
        (photon & (p4[:, 3] > MIN_PHOTON)) | (charged & (np.hypot(p4[:, 0], p4[:, 1]) > MIN_PT))
    )
    counts = np.bincount(events.index[seen], minlength=len(events))
    return p4[seen], pid[seen].astype(np.int64), np.concatenate([[0], np.cumsum(counts)])


def select(events: Events, rng: np.random.Generator) -> Rows:
    """One row per event with a candidate."""
    values = find_all(*detect(events, rng))
    return {name: values[:, i] for i, name in enumerate(NAMES)}


SAMPLE = Sample(
    name="radiative_b",
    title="Radiative B against continuum",
    story="b → sγ at the Υ(4S) against e⁺e⁻ → qq̄: shapes and kinematics suppress the continuum, and together photon "
    "and X_s rebuild M_bc, which is needed untouched for the fit.",
    signal="B → X_s γ, semi-inclusive",
    background="continuum qq̄, q = u, d, s, c",
    protected="m_bc",
    columns=COLUMNS,
    cuts=(
        "√s = 10.5794 GeV, everything in the centre-of-mass frame",
        "acceptance |cos θ*| < 0.92; tracks p_T > 0.1 GeV; photons E > 50 MeV",
        "hardest photon of the event, 1.6 < E*_γ < 2.9 GeV; no π⁰ or η veto",
        "X_s = K± + one to three π± + at most one π⁰, of charge zero or the kaon's",
        "π⁰: two photons, 120 < m < 150 MeV, E > 0.3 GeV",
        "|ΔE| < 0.3 GeV",
        "5.20 < M_bc < 5.29 GeV",
        "candidate with the least |ΔE| of the event",
    ),
    notes=(
        "Detector: photon energies smeared by 1.6 % ⊕ 1 %/√E, tracks by 0.4 %.",
        "Directions are exact and particle identities true.",
        "Photon spectrum and X_s are Pythia's: B → K*γ plus a parton-level b → sγ, broader in E*_γ than measured ones.",
        "The signal contains wrongly combined candidates as in data: they form the tail of M_bc below the peak.",
        "The signal B is always a B⁰ or B⁺ (the other decays generically); half the pairs are neutral.",
        "M_bc follows exactly from E*_γ, |p*_Xs| and cos θ_γXs: "
        "M_bc² = E_beam² - E*_γ² - p*_Xs² - 2 E*_γ p*_Xs cos θ_γXs.",
    ),
    processes={1: (SIGNAL,), 0: (CONTINUUM,)},
    select=select,
    luminosity_fb=711.0,
    weight_model="normalisation to 711 fb⁻¹, times the product of four data/simulation corrections "
    "(photon, kaon, tracks, π⁰), each log-normal with spread 0.1, independent of every column; all positive",
    weight_factor=lambda rows, rng: efficiency_correction(len(rows["r2"]), 4, rng),
)
