"""Jet substructure of one jet from its constituents, in numba so that Pythia stays the slow part.

Constituents are an (n, 4) array of px, py, pz, E in GeV. The ten inputs follow the boosted-W study of ATLAS
(Eur. Phys. J. C 79 (2019) 375, arXiv:1808.07858) as used by MoDe (arXiv:2010.09745).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .event_shapes import fox_wolfram_r2, sphericity

OBSERVABLES = (
    "tau21",
    "c2",
    "d2",
    "angularity",
    "aplanarity",
    "fox_wolfram20",
    "kt_dr",
    "planar_flow",
    "split12",
    "zcut12",
)


@njit
def pt_y_phi(p4: np.ndarray) -> np.ndarray:
    """(n, 3) array of pT (GeV), rapidity, azimuth (rad)."""
    out = np.empty((len(p4), 3))
    for i in range(len(p4)):
        px, py, pz, e = p4[i]
        out[i, 0] = np.sqrt(px * px + py * py)
        out[i, 1] = 0.5 * np.log((e + pz) / max(e - pz, 1e-12))
        out[i, 2] = np.arctan2(py, px)
    return out


@njit
def delta_r(y1: float, phi1: float, y2: float, phi2: float) -> float:
    """ΔR = √(Δy² + Δφ²)."""
    dphi = abs(phi1 - phi2)
    if dphi > np.pi:
        dphi = 2.0 * np.pi - dphi
    return np.sqrt((y1 - y2) ** 2 + dphi**2)


@njit
def _closest(kin: np.ndarray, alive: np.ndarray, i: int) -> tuple[float, int]:
    best, partner = np.inf, -1
    for j in range(len(kin)):
        if j != i and alive[j]:
            d = min(kin[i, 0], kin[j, 0]) * delta_r(kin[i, 1], kin[i, 2], kin[j, 1], kin[j, 2])
            if d < best:
                best, partner = d, j
    return best, partner


@njit
def kt_subjets(p4: np.ndarray) -> np.ndarray:
    """The two exclusive-kT subjets, (2, 4).

    The pair with the least min(pT_i, pT_j) ΔR_ij merges (E scheme) until two are left; nothing goes to the beam.
    """
    jets, alive = p4.copy(), np.ones(len(p4), np.bool_)
    kin = pt_y_phi(jets)
    near, dist = np.empty(len(p4), np.int64), np.empty(len(p4))
    for i in range(len(p4)):
        dist[i], near[i] = _closest(kin, alive, i)
    for _ in range(len(p4) - 2):
        i = np.argmin(dist)
        j = near[i]
        jets[i] += jets[j]
        kin[i] = pt_y_phi(jets[i : i + 1])[0]
        alive[j], dist[j] = False, np.inf
        for k in range(len(p4)):
            if not alive[k]:
                continue
            if k == i or near[k] == i or near[k] == j:
                dist[k], near[k] = _closest(kin, alive, k)
            else:
                d = min(kin[k, 0], kin[i, 0]) * delta_r(kin[k, 1], kin[k, 2], kin[i, 1], kin[i, 2])
                if d < dist[k]:
                    dist[k], near[k] = d, i
    out, filled = np.empty((2, 4)), 0
    for i in range(len(p4)):
        if alive[i]:
            out[filled] = jets[i]
            filled += 1
    return out


@njit
def n_subjettiness(kin: np.ndarray, axes: np.ndarray) -> float:
    """Σ_i pT_i min_k ΔR(i, axis k), GeV (Thaler, Van Tilburg 1011.2268, β = 1).

    The common normalisation cancels in τ₂₁.
    """
    total = 0.0
    for i in range(len(kin)):
        nearest = np.inf
        for k in range(len(axes)):
            nearest = min(nearest, delta_r(kin[i, 1], kin[i, 2], axes[k, 1], axes[k, 2]))
        total += kin[i, 0] * nearest
    return total


@njit
def energy_correlations(kin: np.ndarray) -> tuple[float, float]:
    """e₂ = Σ z_i z_j R_ij and e₃ = Σ z_i z_j z_k R_ij R_jk R_ki, z = pT_i / Σ pT (Larkoski et al. 1305.0007, β = 1)."""
    n = len(kin)
    z = kin[:, 0] / kin[:, 0].sum()
    r = np.zeros((n, n))
    e2, e3 = 0.0, 0.0
    for i in range(n):
        for j in range(i):
            r[i, j] = delta_r(kin[i, 1], kin[i, 2], kin[j, 1], kin[j, 2])
            zzr = z[i] * z[j] * r[i, j]
            e2 += zzr
            for k in range(j):
                e3 += zzr * z[k] * r[i, k] * r[j, k]
    return e2, e3


@njit
def angularity(p4: np.ndarray, jet: np.ndarray, mass: float) -> float:
    """τ_a = (1/M) Σ E_i sin^a θ_i (1 - cos θ_i)^(1-a), a = -2, θ_i to the jet axis (Almeida et al. 0807.0234)."""
    norm = np.sqrt(jet[0] ** 2 + jet[1] ** 2 + jet[2] ** 2)
    total = 0.0
    for i in range(len(p4)):
        length = np.sqrt(p4[i, 0] ** 2 + p4[i, 1] ** 2 + p4[i, 2] ** 2)
        cos = min((p4[i, 0] * jet[0] + p4[i, 1] * jet[1] + p4[i, 2] * jet[2]) / (norm * length), 1.0)
        sin2 = 1.0 - cos * cos
        if sin2 > 1e-12:
            total += p4[i, 3] * (1.0 - cos) ** 3 / sin2
    return total / mass


@njit
def planar_flow(p4: np.ndarray, jet: np.ndarray) -> float:
    """4 det I / (tr I)², I_kl = Σ p_ik p_il / E_i, p_i transverse to the jet axis: 0 linear, 1 round (0807.0234)."""
    axis = jet[:3] / np.sqrt((jet[:3] ** 2).sum())
    u = np.array([axis[1], -axis[0], 0.0]) / np.sqrt(axis[0] ** 2 + axis[1] ** 2)
    v = np.cross(axis, u)
    uu, vv, uv = 0.0, 0.0, 0.0
    for i in range(len(p4)):
        a = p4[i, 0] * u[0] + p4[i, 1] * u[1]
        b = p4[i, 0] * v[0] + p4[i, 1] * v[1] + p4[i, 2] * v[2]
        uu += a * a / p4[i, 3]
        vv += b * b / p4[i, 3]
        uv += a * b / p4[i, 3]
    return 4.0 * (uu * vv - uv * uv) / (uu + vv) ** 2


@njit
def rest_frame(p4: np.ndarray, jet: np.ndarray, mass: float) -> np.ndarray:
    """(n, 3) constituent momenta (GeV) boosted into the jet's rest frame."""
    out = np.empty((len(p4), 3))
    for i in range(len(p4)):
        dot = p4[i, 0] * jet[0] + p4[i, 1] * jet[1] + p4[i, 2] * jet[2]
        shift = (dot / (jet[3] + mass) - p4[i, 3]) / mass
        for a in range(3):
            out[i, a] = p4[i, a] + shift * jet[a]
    return out


@njit
def jet_observables(p4: np.ndarray) -> np.ndarray:
    """The ten OBSERVABLES of one jet with at least three constituents."""
    jet = p4.sum(axis=0)
    mass = np.sqrt(max(jet[3] ** 2 - jet[0] ** 2 - jet[1] ** 2 - jet[2] ** 2, 1e-12))
    kin = pt_y_phi(p4)
    subjets = pt_y_phi(kt_subjets(p4))
    tau1 = n_subjettiness(kin, pt_y_phi(jet.reshape(1, 4)))
    tau2 = n_subjettiness(kin, subjets)
    e2, e3 = energy_correlations(kin)
    distance = delta_r(subjets[0, 1], subjets[0, 2], subjets[1, 1], subjets[1, 2])
    d12 = min(subjets[0, 0], subjets[1, 0]) * distance
    frame = rest_frame(p4, jet, mass)
    out = np.empty(10)
    out[0] = tau2 / tau1
    out[1] = e3 / e2**2
    out[2] = e3 / e2**3
    out[3] = angularity(p4, jet, mass)
    out[4] = sphericity(frame)[1]
    out[5] = fox_wolfram_r2(frame)
    out[6] = distance
    out[7] = planar_flow(p4, jet)
    out[8] = d12
    out[9] = d12**2 / (d12**2 + mass**2)
    return out


@njit
def all_jets(p4: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """OBSERVABLES of many jets whose constituents lie one jet after another in `p4`."""
    out = np.empty((len(offsets) - 1, 10))
    for i in range(len(offsets) - 1):
        out[i] = jet_observables(p4[offsets[i] : offsets[i + 1]])
    return out
