"""Boosted W jets against QCD jets: the mass-decorrelation benchmark of the LHC, at particle level."""

from __future__ import annotations

import awkward as ak
import numpy as np

from .jets import Jets, anti_kt, rank_in_event
from .pythia import Events
from .sample import LABEL, WEIGHT, Column, Process, Rows, Sample
from .substructure import OBSERVABLES, all_jets
from .weights import pile_up_like

RADIUS, MATCH = 1.0, 0.75
PT, MASS, MAX_ETA = (300.0, 400.0), (50.0, 300.0), 2.0

BEAMS = ("Beams:eCM = 13000",)
PT_HAT = ("PhaseSpace:pTHatMin = 280", "PhaseSpace:pTHatMax = 450")
W_JET = Process(
    "W + jet, W → qq̄′",
    (
        *BEAMS,
        "WeakBosonAndParton:qqbar2Wg = on",
        "WeakBosonAndParton:qg2Wq = on",
        *PT_HAT,
        "24:onMode = off",
        "24:onIfAny = 1 2 3 4 5",
    ),
)
QCD = Process("QCD dijets", (*BEAMS, "HardQCD:all = on", *PT_HAT))

COLUMNS = (
    Column("jet_mass", "GeV", "m_J", "Invariant mass of the jet's constituents.", "protected"),
    Column("pt", "GeV", "p_T", "Transverse momentum of the jet."),
    Column(
        "tau21",
        "",
        "τ₂₁",
        "N-subjettiness ratio τ₂/τ₁ with β = 1 on exclusive-kT axes: small when the jet has two prongs.",
    ),
    Column("c2", "", "C₂", "Energy-correlation ratio e₃/e₂² with β = 1."),
    Column("d2", "", "D₂", "Energy-correlation ratio e₃/e₂³ with β = 1: small when the jet has two prongs."),
    Column("angularity", "", "a₃", "Angularity (1/m_J) Σ E sin⁻²θ (1 - cos θ)³, θ being the angle to the jet axis."),
    Column(
        "aplanarity",
        "",
        "A",
        "3/2 of the least eigenvalue of the momentum tensor Σ p_a p_b / Σ p² in the jet rest frame.",
    ),
    Column("fox_wolfram20", "", "R₂", "Fox-Wolfram ratio H₂/H₀ of the constituents in the jet rest frame."),
    Column("kt_dr", "", "ΔR_kT", "Distance ΔR between the jet's two exclusive-kT subjets."),
    Column(
        "planar_flow",
        "",
        "P",
        "Planar flow 4 det I / (tr I)² of momentum across the jet axis: 0 for a line, 1 for a disc.",
    ),
    Column("split12", "GeV", "√d₁₂", "kT splitting scale min(p_T1, p_T2) ΔR of the two exclusive-kT subjets."),
    Column("zcut12", "", "z_cut", "d₁₂ / (d₁₂ + m_J²) of the two exclusive-kT subjets."),
    WEIGHT,
    LABEL,
)


def _w_direction(events: Events) -> tuple[np.ndarray, np.ndarray]:
    """Rapidity and azimuth of every event's W, taken from its last copy in the record."""
    w = events.record[abs(events.record.id) == 24][:, -1].p
    px, py, pz, e = (ak.to_numpy(w[k]) for k in ("px", "py", "pz", "e"))
    return np.arctanh(pz / e), np.arctan2(py, px)


def _matched(jets: Jets, events: Events) -> np.ndarray:
    y, phi = _w_direction(events)
    dphi = np.abs(jets.phi - phi[jets.event])
    dphi = np.minimum(dphi, 2 * np.pi - dphi)
    return np.hypot(jets.rapidity - y[jets.event], dphi) < MATCH


def _rows(jets: Jets) -> Rows:
    values = all_jets(jets.constituents, jets.offsets)
    return {"jet_mass": jets.mass, "pt": jets.pt} | {name: values[:, i] for i, name in enumerate(OBSERVABLES)}


def select(events: Events, rng: np.random.Generator) -> Rows:
    """One row per jet: W-matched jets where the record holds a W, else the two hardest jets."""
    jets = anti_kt(events.jagged(), RADIUS, PT[0])
    if bool(ak.any(abs(events.record.id[:1, :12]) == 24)):
        chosen = _matched(jets, events)
    else:
        chosen = rank_in_event(jets.event) < 2
    chosen &= (jets.pt < PT[1]) & (np.abs(jets.eta) < MAX_ETA)
    chosen &= (jets.mass > MASS[0]) & (jets.mass < MASS[1]) & (np.diff(jets.offsets) >= 3)
    return _rows(jets.take(chosen))


SAMPLE = Sample(
    name="boosted_w",
    title="Boosted W against QCD",
    story="Large-radius jets at 13 TeV: hadronic W decays against quark and gluon jets. Ten substructure variables "
    "separate them and sculpt the jet mass, which a tagger should not know.",
    signal="W → qq̄′ jets from W + jet",
    background="QCD jets",
    protected="jet_mass",
    columns=COLUMNS,
    cuts=(
        "anti-kT jets, R = 1.0, all visible stable particles, ungroomed",
        "multi-parton interactions on, no pile-up overlaid",
        "300 < p_T < 400 GeV",
        "|η| < 2",
        "50 < m_J < 300 GeV",
        "signal: ΔR(jet, W) < 0.75",
        "background: the two hardest jets of an event",
    ),
    notes=(
        "Particle level: no detector is simulated. Jets are not trimmed: the underlying event lifts the W peak "
        "several GeV above 80.4 GeV and gives it a tail.",
        "Up to two jets of a QCD event enter; rows are shuffled.",
    ),
    processes={1: (W_JET,), 0: (QCD,)},
    select=select,
    luminosity_fb=36.1,
    weight_model="normalisation to 36.1 fb⁻¹ with Pythia's leading-order cross sections, times a pile-up-profile ratio "
    "exp(0.2 z - 0.02), z ~ N(0, 1), independent of every column; all positive",
    weight_factor=lambda rows, rng: pile_up_like(len(rows["pt"]), rng),
)
