"""Higgs decays to muon pairs against Drell-Yan, with weights of both signs as in next-to-leading-order samples."""

from __future__ import annotations

import numpy as np

from .jets import Jets, anti_kt, rank_in_event
from .pythia import Events
from .sample import LABEL, WEIGHT, Column, Process, Rows, Sample
from .weights import signed

RESOLUTION, MUON_MASS = 0.015, 0.10566
MUON_PT, MUON_ETA = (26.0, 20.0), 2.4
MASS = (110.0, 150.0)
JET_RADIUS, JET_PT, JET_ETA = 0.4, 25.0, 4.7
BRANCHING = 2.18e-4

BEAMS = ("Beams:eCM = 13000",)
TO_MUONS = ("25:onMode = off", "25:onIfAll = 13 -13")
YELLOW = "LHC Higgs cross-section working group (YR4, 13 TeV, m_H = 125 GeV) × B(H → μμ) = 2.18·10⁻⁴"
GGF = Process("gg → H → μμ", (*BEAMS, "HiggsSM:gg2H = on", *TO_MUONS), 0.9, 48.58 * BRANCHING, YELLOW)
VBF = Process(
    "VBF qq′ → qq′H, H → μμ",
    (*BEAMS, "HiggsSM:ff2Hff(t:WW) = on", "HiggsSM:ff2Hff(t:ZZ) = on", *TO_MUONS),
    0.1,
    3.782 * BRANCHING,
    YELLOW,
)
DRELL_YAN = Process(
    "Drell-Yan γ*/Z → μμ",
    (
        *BEAMS,
        "WeakSingleBoson:ffbar2gmZ = on",
        "PhaseSpace:mHatMin = 105",
        "PhaseSpace:mHatMax = 160",
        "23:onMode = off",
        "23:onIfAll = 13 -13",
    ),
)

COLUMNS = (
    Column("m_mumu", "GeV", "m_μμ", "Invariant mass of the two smeared muons.", "protected"),
    Column("pt_mumu", "GeV", "p_T^μμ", "Transverse momentum of the muon pair."),
    Column("y_mumu", "", "y_μμ", "Rapidity of the muon pair."),
    Column("phi_mumu", "rad", "φ_μμ", "Azimuth of the muon pair."),
    Column("mu1_pt", "GeV", "p_T^μ1", "Transverse momentum of the harder muon."),
    Column("mu2_pt", "GeV", "p_T^μ2", "Transverse momentum of the softer muon."),
    Column("mu1_eta", "", "η_μ1", "Pseudorapidity of the harder muon."),
    Column("mu2_eta", "", "η_μ2", "Pseudorapidity of the softer muon."),
    Column("delta_eta_mumu", "", "Δη_μμ", "Absolute difference of the muons' pseudorapidities."),
    Column("delta_phi_mumu", "rad", "Δφ_μμ", "Absolute difference of the muons' azimuths, in [0, π]."),
    Column("cos_theta_cs", "", "cos θ_CS", "Cosine of the Collins-Soper polar angle of the negative muon."),
    Column("n_jets", "", "N_jets", "Number of anti-kT R = 0.4 jets with p_T > 25 GeV and |η| < 4.7."),
    Column("jet1_pt", "GeV", "p_T^j1", "Transverse momentum of the leading jet; a point mass at 0 when there is none."),
    Column("jet1_eta", "", "η_j1", "Pseudorapidity of the leading jet; a point mass at 0 when there is none."),
    Column("jet1_n_constituents", "", "n_const", "Number of particles in the leading jet; 0 when there is none."),
    Column("jet1_girth", "", "girth_j1", "Width Σ p_T,i ΔR_i / Σ p_T,i of the leading jet; 0 when there is none."),
    Column("jet1_ptd", "", "p_TD^j1", "Fragmentation √(Σ p_T,i²) / Σ p_T,i of the leading jet; 0 when there is none."),
    Column("ht", "GeV", "H_T", "Scalar sum of the jets' transverse momenta; a point mass at 0 when there is none."),
    Column(
        "beam_thrust",
        "GeV",
        "τ_B",
        "Beam thrust Σ p_T exp(-|y - y_μμ|) over particles with |y| < 4.7 other than the muons.",
    ),
    Column("n_charged", "", "N_ch", "Charged particles with p_T > 0.5 GeV and |η| < 2.5, muons of the pair left out."),
    Column("met", "GeV", "p_T^miss", "Magnitude of the vector sum of p_T over muons and particles with |y| < 4.7."),
    WEIGHT,
    LABEL,
)


def _hardest(events: Events, pid: int) -> np.ndarray:
    """Flat index of every event's hardest particle of code `pid` (-1: none)."""
    candidates = np.flatnonzero(events.pid == pid)
    pt = np.hypot(events.p4[candidates, 0], events.p4[candidates, 1])
    order = np.argsort(pt, kind="stable")
    best = np.full(len(events), -1)
    best[events.index[candidates[order]]] = candidates[order]
    return best


def _smear(p4: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Momenta scaled by 1 + 0.015 z, z ~ N(0, 1): p_T smeared by 1.5 %, direction kept."""
    out = p4.copy()
    out[:, :3] *= np.maximum(1 + RESOLUTION * rng.standard_normal(len(p4)), 0.5)[:, None]
    out[:, 3] = np.sqrt((out[:, :3] ** 2).sum(axis=1) + MUON_MASS**2)
    return out


def collins_soper(minus: np.ndarray, plus: np.ndarray) -> np.ndarray:
    """cos θ_CS = sign(p_z) · 2 (p₁⁺ p₂⁻ - p₁⁻ p₂⁺) / (m √(m² + p_T²)), 1 = μ⁻ and p^± = (E ± p_z)/√2.

    Collins and Soper, Phys. Rev. D 16 (1977) 2219.
    """
    pair = minus + plus
    (minus_up, minus_down), (plus_up, plus_down) = (
        ((p[:, 3] + p[:, 2]) / np.sqrt(2), (p[:, 3] - p[:, 2]) / np.sqrt(2)) for p in (minus, plus)
    )
    pt2 = pair[:, 0] ** 2 + pair[:, 1] ** 2
    mass2 = pair[:, 3] ** 2 - pair[:, 2] ** 2 - pt2
    value = 2 * (minus_up * plus_down - minus_down * plus_up) / np.sqrt(mass2 * (mass2 + pt2))
    return np.sign(pair[:, 2]) * value


def _muon_rows(minus: np.ndarray, plus: np.ndarray) -> Rows:
    pt = np.stack([np.hypot(p[:, 0], p[:, 1]) for p in (minus, plus)])
    eta = np.arcsinh(np.stack([minus[:, 2], plus[:, 2]]) / pt)
    phi = np.arctan2(np.stack([minus[:, 1], plus[:, 1]]), np.stack([minus[:, 0], plus[:, 0]]))
    pair, hard, each = minus + plus, np.argmax(pt, axis=0), np.arange(len(minus))
    pt_pair = np.hypot(pair[:, 0], pair[:, 1])
    dphi = np.abs(phi[0] - phi[1])
    return {
        "m_mumu": np.sqrt(pair[:, 3] ** 2 - pair[:, 2] ** 2 - pt_pair**2),
        "pt_mumu": pt_pair,
        "y_mumu": np.arctanh(pair[:, 2] / pair[:, 3]),
        "phi_mumu": np.arctan2(pair[:, 1], pair[:, 0]),
        "mu1_pt": pt[hard, each],
        "mu2_pt": pt[1 - hard, each],
        "mu1_eta": eta[hard, each],
        "mu2_eta": eta[1 - hard, each],
        "delta_eta_mumu": np.abs(eta[0] - eta[1]),
        "delta_phi_mumu": np.minimum(dphi, 2 * np.pi - dphi),
        "cos_theta_cs": collins_soper(minus, plus),
    }


def _first_jets(jets: Jets, n_events: int) -> Rows:
    """Leading-jet columns, zero where an event has no jet."""
    first = jets.take(rank_in_event(jets.event) == 0)
    owner = np.repeat(np.arange(len(first.event)), np.diff(first.offsets))
    c = first.constituents
    pt = np.hypot(c[:, 0], c[:, 1])
    dy = np.arctanh(np.clip(c[:, 2] / c[:, 3], -1 + 1e-12, 1 - 1e-12)) - first.rapidity[owner]
    dphi = np.abs(np.arctan2(c[:, 1], c[:, 0]) - first.phi[owner])
    dr = np.hypot(dy, np.minimum(dphi, 2 * np.pi - dphi))
    n_jets = len(first.event)
    sum_pt, sum_pt2, sum_ptdr = (np.bincount(owner, w, minlength=n_jets) for w in (pt, pt**2, pt * dr))
    values = {
        "jet1_pt": first.pt,
        "jet1_eta": first.eta,
        "jet1_n_constituents": np.diff(first.offsets),
        "jet1_girth": sum_ptdr / sum_pt,
        "jet1_ptd": np.sqrt(sum_pt2) / sum_pt,
    }
    out = {name: np.zeros(n_events) for name in values}
    for name, value in values.items():
        out[name][first.event] = value
    return out


def _jet_rows(events: Events, others: np.ndarray) -> Rows:
    jets = anti_kt(events.jagged(others), JET_RADIUS, JET_PT)
    jets = jets.take(np.abs(jets.eta) < JET_ETA)
    n = len(events)
    return _first_jets(jets, n) | {
        "n_jets": np.bincount(jets.event, minlength=n).astype(float),
        "ht": np.bincount(jets.event, jets.pt, minlength=n),
    }


def _particle_rows(events: Events, others: np.ndarray, muons: np.ndarray, y_pair: np.ndarray) -> Rows:
    n, index, p4 = len(events), events.index, events.p4
    pt = np.hypot(p4[:, 0], p4[:, 1])
    y = np.arctanh(np.clip(p4[:, 2] / p4[:, 3], -1 + 1e-12, 1 - 1e-12))
    eta = np.arcsinh(p4[:, 2] / np.maximum(pt, 1e-9))
    seen = others & (np.abs(y) < JET_ETA)
    thrust = np.where(seen, pt * np.exp(-np.abs(y - y_pair[index])), 0.0)
    missing = [np.bincount(index, np.where(seen, p4[:, a], 0.0), minlength=n) + muons[:, a] for a in (0, 1)]
    charged = others & (events.charge != 0) & (pt > 0.5) & (np.abs(eta) < 2.5)
    return {
        "beam_thrust": np.bincount(index, thrust, minlength=n),
        "n_charged": np.bincount(index[charged], minlength=n).astype(float),
        "met": np.hypot(*missing),
    }


def select(events: Events, rng: np.random.Generator) -> Rows:
    """One row per event with an accepted muon pair in the mass window."""
    minus, plus = _hardest(events, 13), _hardest(events, -13)
    minus4, plus4 = _smear(events.p4[minus], rng), _smear(events.p4[plus], rng)
    others = np.ones(len(events.pid), bool)
    others[minus[minus >= 0]] = False
    others[plus[plus >= 0]] = False
    rows = _muon_rows(minus4, plus4)
    rows |= _jet_rows(events, others)
    rows |= _particle_rows(events, others, minus4 + plus4, rows["y_mumu"])
    keep = (minus >= 0) & (plus >= 0) & (rows["mu1_pt"] > MUON_PT[0]) & (rows["mu2_pt"] > MUON_PT[1])
    keep &= (np.abs(rows["mu1_eta"]) < MUON_ETA) & (np.abs(rows["mu2_eta"]) < MUON_ETA)
    keep &= (rows["m_mumu"] > MASS[0]) & (rows["m_mumu"] < MASS[1])
    return {c.name: rows[c.name][keep] for c in COLUMNS if c.name in rows}


SAMPLE = Sample(
    name="dimuon",
    title="Higgs to muons against Drell-Yan",
    story="H → μμ against Drell-Yan at 13 TeV: which variables share information with the label, and which with the "
    "mass that the signal fit needs? Some weights are negative, as at next-to-leading order.",
    signal="H → μμ (gluon fusion and VBF)",
    background="Drell-Yan γ*/Z → μμ",
    protected="m_mumu",
    columns=COLUMNS,
    cuts=(
        "two opposite-sign muons, p_T > 26 and 20 GeV, |η| < 2.4",
        "110 < m_μμ < 150 GeV",
        "anti-kT jets, R = 0.4, p_T > 25 GeV, |η| < 4.7, of all visible particles but the two muons",
        "multi-parton interactions on, no pile-up overlaid",
    ),
    notes=(
        "Muon p_T smeared by 1.5 %, which gives 1.06 % on m_μμ; no other detector effect.",
        "Photons are not added to muons, so radiation leaves a tail below the peak.",
        "10 % of the signal rows are VBF; the weights restore the ratio of cross sections.",
        "Columns of the leading jet and H_T have a point mass at 0 for events without a jet.",
    ),
    processes={1: (GGF, VBF), 0: (DRELL_YAN,)},
    select=select,
    luminosity_fb=137.0,
    weight_model="normalisation to 137 fb⁻¹ times ±1/(1 - 2f), negative with probability "
    "f = min(0.05 + 0.03 N_jets, 0.15), so the expectation of every event is unbiased whatever its f",
    weight_factor=lambda rows, rng: signed(rows["n_jets"], rng),
)
