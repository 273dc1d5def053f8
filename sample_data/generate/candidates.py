"""Semi-inclusive B → X_s γ candidates in e⁺e⁻ events, in numba.

Momenta are px, py, pz, E in GeV in the centre-of-mass frame.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .event_shapes import cleo_cones, fox_wolfram_r2, sphericity, thrust

N_CONES = 9
BEAM_ENERGY = 10.5794 / 2
PION_MASS = 0.13957
PI0_WINDOW = (0.120, 0.150)
PI0_MIN_ENERGY = 0.3
PHOTON = (1.6, 2.9)
MAX_DELTA_E = 0.3
M_BC = (5.20, 5.29)

NAMES = (
    "m_bc",
    "delta_e",
    "e_gamma_star",
    "p_xs_star",
    "cos_gamma_xs",
    "m_xs",
    "thrust",
    "r2",
    "sphericity",
    "aplanarity",
    "cos_theta_thrust",
    "cos_theta_b",
    *(f"cone{i + 1}" for i in range(N_CONES)),
    "n_charged",
    "n_photons",
    "e_visible",
)


@njit
def _mass(p4: np.ndarray) -> float:
    return np.sqrt(max(p4[3] ** 2 - p4[0] ** 2 - p4[1] ** 2 - p4[2] ** 2, 0.0))


@njit
def _delta_e_and_mbc(photon: np.ndarray, system: np.ndarray) -> tuple[float, float]:
    """ΔE = E_γ + E_Xs - E_beam and M_bc = √(E_beam² - |p_γ + p_Xs|²), GeV (0 below threshold)."""
    p2 = ((photon[:3] + system[:3]) ** 2).sum()
    return photon[3] + system[3] - BEAM_ENERGY, np.sqrt(max(BEAM_ENERGY**2 - p2, 0.0))


@njit
def _try(p4: np.ndarray, members: np.ndarray, photon: int, best: np.ndarray, used: np.ndarray) -> None:
    """Keep the combination `members` (-1: empty slot) if it passes and has the least |ΔE| so far."""
    system = np.zeros(4)
    for m in members:
        if m >= 0:
            system += p4[m]
    delta_e, m_bc = _delta_e_and_mbc(p4[photon], system)
    if abs(delta_e) < best[0] and M_BC[0] < m_bc < M_BC[1]:
        best[0] = abs(delta_e)
        used[:] = members


@njit
def _neutral_pions(p4: np.ndarray, pid: np.ndarray, hard: int) -> np.ndarray:
    """(n, 2) photon pairs inside the π⁰ mass window, the hard photon left out; row 0 is (-1, -1): no π⁰."""
    pairs = [(-1, -1)]
    photons = np.flatnonzero(pid == 22)
    for a in photons:
        for b in photons:
            if b >= a or hard in (a, b):
                continue
            pair = p4[a] + p4[b]
            if pair[3] > PI0_MIN_ENERGY and PI0_WINDOW[0] < _mass(pair) < PI0_WINDOW[1]:
                pairs.append((a, b))
    return np.array(pairs)


@njit
def best_combination(p4: np.ndarray, pid: np.ndarray, hard: int) -> np.ndarray:
    """Indices of [K±, π±, π±, π±, γ, γ] (-1: unused) of the candidate with the least |ΔE|; all -1 when none passes.

    X_s = K± + 1-3 π± + at most one π⁰, with the charge of a B: zero, or that of the kaon.
    """
    used, best = np.full(6, -1), np.array([MAX_DELTA_E])
    pions = np.flatnonzero(np.abs(pid) == 211)
    pairs = _neutral_pions(p4, pid, hard)
    n = len(pions)
    for kaon in np.flatnonzero(np.abs(pid) == 321):
        kaon_charge = 1 if pid[kaon] > 0 else -1
        for a in range(n):
            for b in range(a, n):  # b == a: no second pion
                for c in range(b, n):  # c == b: no third pion
                    if b == a and c != b:
                        continue
                    members = np.array([kaon, pions[a], -1, -1, -1, -1])
                    charge = kaon_charge + np.sign(pid[pions[a]])
                    if b != a:
                        members[2] = pions[b]
                        charge += np.sign(pid[pions[b]])
                    if c != b:
                        members[3] = pions[c]
                        charge += np.sign(pid[pions[c]])
                    if charge not in (0, kaon_charge):
                        continue
                    for pair in range(len(pairs)):
                        members[4], members[5] = pairs[pair, 0], pairs[pair, 1]
                        _try(p4, members, hard, best, used)
    return used


@njit
def _describe(p4: np.ndarray, pid: np.ndarray, hard: int, used: np.ndarray) -> np.ndarray:
    """The row NAMES of a candidate: kinematics, then shapes of the event and of the rest against the candidate."""
    inside = np.zeros(len(p4), np.bool_)
    inside[hard] = True
    system = np.zeros(4)
    for m in used:
        if m >= 0:
            inside[m] = True
            system += p4[m]
    photon, p_xs = p4[hard], np.sqrt((system[:3] ** 2).sum())
    p3 = np.ascontiguousarray(p4[:, :3])
    rest = p3[~inside]
    delta_e, m_bc = _delta_e_and_mbc(photon, system)
    momentum = photon[:3] + system[:3]
    axis = thrust(p3[inside])[1]
    rest_axis = thrust(rest)[1]
    shape = sphericity(p3)
    out = np.empty(15 + N_CONES)
    out[0], out[1], out[2], out[3], out[5] = m_bc, delta_e, photon[3], p_xs, _mass(system)
    out[4] = (photon[:3] * system[:3]).sum() / (photon[3] * p_xs)
    out[6], out[7], out[8], out[9] = thrust(p3)[0], fox_wolfram_r2(p3), shape[0], shape[1]
    out[10] = min(abs((axis * rest_axis).sum()), 1.0)
    out[11] = momentum[2] / np.sqrt((momentum**2).sum())
    out[12 : 12 + N_CONES] = cleo_cones(rest, axis, N_CONES)
    out[12 + N_CONES] = ((pid != 22) & (np.abs(pid) != 130) & (np.abs(pid) != 2112)).sum()
    out[13 + N_CONES] = (pid == 22).sum()
    out[14 + N_CONES] = p4[:, 3].sum()
    return out


@njit
def find_all(p4: np.ndarray, pid: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """One row of NAMES for every event with a candidate: its hardest photon in 1.6-2.9 GeV and the best X_s."""
    rows = np.empty((len(offsets) - 1, 15 + N_CONES))
    filled = 0
    for i in range(len(offsets) - 1):
        q4, qid = p4[offsets[i] : offsets[i + 1]], pid[offsets[i] : offsets[i + 1]]
        hard = -1
        for k in range(len(qid)):
            if qid[k] == 22 and (hard < 0 or q4[k, 3] > q4[hard, 3]):
                hard = k
        if hard < 0 or not PHOTON[0] < q4[hard, 3] < PHOTON[1]:
            continue
        used = best_combination(q4, qid, hard)
        if used[0] >= 0 and len(qid) - 1 - (used >= 0).sum() >= 2:
            rows[filled] = _describe(q4, qid, hard, used)
            filled += 1
    return rows[:filled]
