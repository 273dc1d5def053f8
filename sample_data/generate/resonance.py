"""A W′ → XY resonance against QCD dijets: several events at once tell more than one, at particle level."""

from __future__ import annotations

import numpy as np
from numba import njit

from .jets import Jets, anti_kt, rank_in_event
from .pythia import Events
from .sample import LABEL, WEIGHT, Column, Process, Rows, Sample
from .substructure import kt_subjets, n_subjettiness, pt_y_phi
from .weights import pile_up_like

RADIUS, MIN_PT, HARDEST_PT, MAX_ETA = 1.0, 200.0, 1200.0, 2.5

COMMON = ("Beams:eCM = 13000", "PartonLevel:MPI = off")
W_PRIME = Process(
    "W′ → X(500) Y(100), X → qq̄, Y → qq̄′",
    (
        *COMMON,
        "NewGaugeBoson:ffbar2Wprime = on",
        "34:m0 = 3500",
        "34:mMin = 2000",
        "9900101:all = X void 1 0 0 500.0 1.0 450.0 550.0 0.",
        "9900102:all = Y+ Y- 1 3 0 100.0 0.5 90.0 110.0 0.",
        "9900101:oneChannel = 1 0.5 101 1 -1",
        "9900101:addChannel = 1 0.5 101 2 -2",
        "9900102:oneChannel = 1 1.0 101 2 -1",
        "9900101:isResonance = true",
        "9900102:isResonance = true",
        "34:onMode = off",
        "34:addChannel = 1 0.1 103 9900101 9900102",
    ),
)
QCD = Process("QCD dijets", (*COMMON, "HardQCD:all = on", "PhaseSpace:pTHatMin = 1100"))

COLUMNS = (
    Column("m_jj", "GeV", "m_JJ", "Invariant mass of the two jets: the resonance's mass in signal.", "protected"),
    Column("m_j1", "GeV", "m_J1", "Mass of the lighter one of the two jets."),
    Column("delta_m_j", "GeV", "Δm_J", "Mass of the heavier jet minus that of the lighter one."),
    Column("tau21_j1", "", "τ₂₁ of J1", "N-subjettiness ratio τ₂/τ₁ of the lighter jet, β = 1, exclusive-kT axes."),
    Column("tau21_j2", "", "τ₂₁ of J2", "N-subjettiness ratio τ₂/τ₁ of the heavier jet, β = 1, exclusive-kT axes."),
    WEIGHT,
    LABEL,
)


@njit
def _tau21(p4: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """τ₂/τ₁ of jets whose constituents, at least three each, lie one jet after another in `p4`."""
    out = np.empty(len(offsets) - 1)
    for i in range(len(out)):
        jet = p4[offsets[i] : offsets[i + 1]]
        kin = pt_y_phi(jet)
        one = n_subjettiness(kin, pt_y_phi(jet.sum(axis=0).reshape(1, 4)))
        out[i] = n_subjettiness(kin, pt_y_phi(kt_subjets(jet))) / one
    return out


def _dijets(jets: Jets) -> Jets:
    """The two hardest jets of every event that has two good ones, one event after another."""
    good = (rank_in_event(jets.event) < 2) & (np.abs(jets.eta) < MAX_ETA) & (np.diff(jets.offsets) >= 3)
    hard = (rank_in_event(jets.event) == 0) & (jets.pt > HARDEST_PT)
    n_events = int(jets.event.max(initial=-1)) + 1
    n_good, n_hard = (np.bincount(jets.event[mask], minlength=n_events) for mask in (good, hard & good))
    return jets.take(good & (n_good[jets.event] == 2) & (n_hard[jets.event] == 1))


def select(events: Events, rng: np.random.Generator) -> Rows:
    """One row per event: its two hardest jets, ordered by mass."""
    jets = _dijets(anti_kt(events.jagged(), RADIUS, MIN_PT))
    mass = jets.mass.reshape(-1, 2)
    tau21 = _tau21(jets.constituents, jets.offsets).reshape(-1, 2)
    order = np.argsort(mass, axis=1)
    mass, tau21 = (np.take_along_axis(values, order, axis=1) for values in (mass, tau21))
    pair = jets.p4.reshape(-1, 2, 4).sum(axis=1)
    return {
        "m_jj": np.sqrt(pair[:, 3] ** 2 - (pair[:, :3] ** 2).sum(axis=1)),
        "m_j1": mass[:, 0],
        "delta_m_j": mass[:, 1] - mass[:, 0],
        "tau21_j1": tau21[:, 0],
        "tau21_j2": tau21[:, 1],
    }


SAMPLE = Sample(
    name="resonance",
    title="Dijet resonance against QCD",
    story="A W′ of 3.5 TeV that decays into two boosted new particles, against QCD dijets. A handful of events tells "
    "signal from background almost surely: the place to compare learning from one event with learning from many.",
    signal="W′ → X(500) Y(100)",
    background="QCD dijets",
    protected="m_jj",
    columns=COLUMNS,
    cuts=(
        "anti-kT jets, R = 1.0, all visible stable particles, ungroomed",
        "multi-parton interactions off, no pile-up overlaid",
        "hardest jet p_T > 1.2 TeV, second jet p_T > 200 GeV",
        "|η| < 2.5 for both jets",
        "at least three constituents in both jets",
    ),
    notes=(
        "Particle level: no detector is simulated.",
        "J1 is the lighter jet, J2 the heavier one, as in the R&D data set of the LHC Olympics 2020 (2101.08320), "
        "whose masses and cuts are followed.",
        "QCD is generated above p̂_T = 1.1 TeV.",
    ),
    processes={1: (W_PRIME,), 0: (QCD,)},
    select=select,
    luminosity_fb=139.0,
    weight_model="normalisation to 139 fb⁻¹ with Pythia's leading-order cross sections, times a pile-up-profile ratio "
    "exp(0.2 z - 0.02), z ~ N(0, 1), independent of every column; all positive",
    weight_factor=lambda rows, rng: pile_up_like(len(rows["m_jj"]), rng),
)
