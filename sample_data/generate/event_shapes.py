"""Event and jet shapes of a set of momenta. Momenta are (n, 3) arrays in GeV; shapes are dimensionless."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit
def fox_wolfram_r2(p: np.ndarray) -> float:
    """R₂ = H₂/H₀, H_l = Σ_ij |p_i||p_j| P_l(cos θ_ij) (Fox, Wolfram 1978): 0 isotropic, 1 back to back."""
    h0, h2 = 0.0, 0.0
    norm = np.sqrt((p * p).sum(axis=1))
    for i in range(len(p)):
        for j in range(len(p)):
            weight = norm[i] * norm[j]
            if weight == 0.0:
                continue
            cos = (p[i, 0] * p[j, 0] + p[i, 1] * p[j, 1] + p[i, 2] * p[j, 2]) / weight
            h0 += weight
            h2 += weight * 0.5 * (3.0 * cos * cos - 1.0)
    return h2 / h0 if h0 > 0.0 else 0.0


@njit
def sphericity(p: np.ndarray) -> tuple[float, float]:
    """Sphericity S = 3/2 (λ₂ + λ₃) and aplanarity A = 3/2 λ₃ (Bjorken, Brodsky 1970).

    λ₁ ≥ λ₂ ≥ λ₃ are the eigenvalues of Σ p_a p_b / Σ p².
    """
    tensor = np.zeros((3, 3))
    for i in range(len(p)):
        for a in range(3):
            for b in range(3):
                tensor[a, b] += p[i, a] * p[i, b]
    trace = tensor[0, 0] + tensor[1, 1] + tensor[2, 2]
    if trace <= 0.0:
        return 0.0, 0.0
    value = np.linalg.eigvalsh(tensor / trace)
    return 1.5 * max(value[0] + value[1], 0.0), 1.5 * max(value[0], 0.0)


@njit
def _half_sum(p: np.ndarray, normal: np.ndarray, skip_i: int, skip_j: int) -> np.ndarray:
    total = np.zeros(3)
    for k in range(len(p)):
        if k in (skip_i, skip_j):
            continue
        side = p[k, 0] * normal[0] + p[k, 1] * normal[1] + p[k, 2] * normal[2]
        sign = 1.0 if side > 0.0 else -1.0
        for a in range(3):
            total[a] += sign * p[k, a]
    return total


@njit
def thrust(p: np.ndarray) -> tuple[float, np.ndarray]:
    """Exact thrust T = max_n Σ|p·n| / Σ|p| (Farhi 1977) and its axis.

    The best axis is the sum of momenta signed by a half-space, and every half-space split is reached by a plane through
    two of the momenta (Brandt et al. 1964), so all pairs are tried with the four signs of the pair itself: O(n³).
    """
    total = np.sqrt((p * p).sum(axis=1)).sum()
    best, axis = 0.0, np.array([0.0, 0.0, 1.0])
    if len(p) == 1:
        return 1.0, p[0] / total
    for i in range(len(p)):
        for j in range(i):
            rest = _half_sum(p, np.cross(p[i], p[j]), i, j)
            for sign_i in (-1.0, 1.0):
                for sign_j in (-1.0, 1.0):
                    candidate = rest + sign_i * p[i] + sign_j * p[j]
                    length = np.sqrt((candidate * candidate).sum())
                    if length > best:
                        best, axis = length, candidate / length
    return (best / total if total > 0.0 else 0.0), axis


@njit
def cleo_cones(p: np.ndarray, axis: np.ndarray, n_cones: int) -> np.ndarray:
    """Scalar momentum sum (GeV) in `n_cones` folded polar bands about `axis`, 90°/n wide each.

    CLEO, Phys. Rev. D 53 (1996) 1039.
    """
    flow = np.zeros(n_cones)
    for i in range(len(p)):
        length = np.sqrt((p[i] * p[i]).sum())
        if length == 0.0:
            continue
        cos = abs(p[i, 0] * axis[0] + p[i, 1] * axis[1] + p[i, 2] * axis[2]) / length
        band = int(np.arccos(min(cos, 1.0)) / (0.5 * np.pi) * n_cones)
        flow[min(band, n_cones - 1)] += length
    return flow
