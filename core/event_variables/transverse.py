"""Masses from transverse momenta, where invisible particles carry some of them away."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.errors import DataError

Floats = NDArray[np.float64]

Side = tuple[float, float, float]
"""p_x, p_y and mass of a visible particle."""
Conic = tuple[float, float, float, float, float, float]
"""Coefficients xx, xy, yy, x, y and 1 of a symmetric matrix in (q_x, q_y, 1)."""
LIGHTEST = 1e-5
"""Mass that a lighter visible particle gets, as a share of its momentum: two parallel parabolas decide nothing."""
PRECISION = 1e-11
"""Of the bisection, as a share of the sum of all momenta and masses."""


def transverse_mass(visible: Floats, missing: Floats) -> Floats:
    """Compute m_T = √(2 (|p_T||q_T| - p_T·q_T)) of a massless visible and a massless invisible particle.

    Args:
        visible: transverse momentum [GeV], shape (n, 2).
        missing: transverse momentum of the invisible particle [GeV], shape (n, 2).

    Returns:
        Transverse masses [GeV], shape (n,); at most the parent's mass.

    References:
        Smith, van Neerven, Vermaseren 1983.

    Example:
        >>> transverse_mass(np.array([[40.0, 0.0]]), np.array([[-40.0, 0.0]]))
        array([80.])
    """
    product = np.hypot(*visible.T) * np.hypot(*missing.T)
    return np.asarray(np.sqrt(np.maximum(2 * (product - (visible * missing).sum(1)), 0.0)))


def stransverse_mass(
    first: Floats,
    second: Floats,
    missing: Floats,
    invisible_mass: float = 0.0,
    masses: tuple[Floats | float, Floats | float] = (0.0, 0.0),
) -> Floats:
    """Compute m_T2 = min over q_1 + q_2 = missing of max(m_T(p_1, q_1), m_T(p_2, q_2)), by bisection.

    For a trial mass m, the q_1 that either side allows fill a conic, E_i² (q² + χ²) ≤ (p_i·q + Δ_i)² with
    Δ_i = (m² - m_i² - χ²)/2: an ellipse, or a parabola for a massless visible particle. m is too small if the two
    are apart, which they are when some λ A + B, λ > 0, of their matrices is positive definite: when the cubic
    det(λ A + B) is positive somewhere at λ > 0.

    Args:
        first: transverse momentum of one visible particle [GeV], shape (n, 2).
        second: that of the other [GeV], shape (n, 2).
        missing: missing transverse momentum [GeV], shape (n, 2).
        invisible_mass: χ of each invisible particle [GeV].
        masses: of the visible particles [GeV], shape (n,) each or one number.

    Returns:
        m_T2 [GeV], shape (n,), at most the parents' mass if χ is right; to about 10⁻⁷ of the momenta, and to 10⁻³
        where both visible momenta are parallel and m_T2 nearly 0.

    Raises:
        DataError: a mass is negative.

    References:
        Lester, Summers 1999 (hep-ph/9906349); Cheng, Han 2008 (0810.5178); Lester, Nachman 2014 (1411.4312).

    Example:
        >>> visible, missing = np.array([[40.0, 0.0]]), np.array([[-80.0, 0.0]])
        >>> stransverse_mass(visible, visible, missing).round(4)
        array([80.])
    """
    shape = (len(first),)
    heavy = [np.ascontiguousarray(np.broadcast_to(np.asarray(each, np.float64), shape)) for each in masses]
    smallest = min(float(invisible_mass), *(float(each.min(initial=0.0)) for each in heavy))
    if smallest < 0:
        raise DataError(f"a mass of {smallest:g} GeV; allowed: 0 or more")
    one, other, lost = (np.ascontiguousarray(each, dtype=np.float64) for each in (first, second, missing))
    return np.asarray(_bisect(one, other, lost, heavy[0], heavy[1], float(invisible_mass)))


@njit(cache=True)
def _bisect(
    first: Floats, second: Floats, missing: Floats, mass_1: Floats, mass_2: Floats, chi: float
) -> Floats:  # pragma: no cover - compiled
    found = np.zeros(len(first))
    for k in range(len(first)):
        scale = chi + mass_1[k] + mass_2[k]
        for values in (first, second, missing):
            scale += abs(values[k, 0]) + abs(values[k, 1])
        if scale == 0.0:
            continue
        one = (first[k, 0] / scale, first[k, 1] / scale, mass_1[k] / scale)
        other = (second[k, 0] / scale, second[k, 1] / scale, mass_2[k] / scale)
        t_x, t_y, x = missing[k, 0] / scale, missing[k, 1] / scale, chi / scale
        low = max(one[2], other[2]) + x
        high = max(low, _mass(one, t_x / 2, t_y / 2, x), _mass(other, t_x / 2, t_y / 2, x))
        while high - low > PRECISION:
            middle = (low + high) / 2
            if _are_apart(_conic(one, x, middle), _turned(_conic(other, x, middle), t_x, t_y)):
                low = middle
            else:
                high = middle
        found[k] = high * scale
    return found


@njit(cache=True)
def _mass(visible: Side, q_x: float, q_y: float, chi: float) -> float:  # pragma: no cover - compiled
    """Return m_T of a visible and an invisible particle."""
    p_x, p_y, m = visible
    energies = np.sqrt(p_x**2 + p_y**2 + m**2) * np.sqrt(q_x**2 + q_y**2 + chi**2)
    return float(np.sqrt(max(m**2 + chi**2 + 2 * (energies - p_x * q_x - p_y * q_y), 0.0)))


@njit(cache=True)
def _conic(visible: Side, chi: float, trial: float) -> Conic:  # pragma: no cover - compiled
    """Return E² (q² + χ²) - (p·q + Δ)², which is negative where m_T is below the trial."""
    p_x, p_y, m = visible
    square = max(m**2, LIGHTEST**2 * (p_x**2 + p_y**2))
    delta = (trial**2 - square - chi**2) / 2
    constant = (p_x**2 + p_y**2 + square) * chi**2 - delta**2
    return p_y**2 + square, -p_x * p_y, p_x**2 + square, -delta * p_x, -delta * p_y, constant


@njit(cache=True)
def _turned(conic: Conic, t_x: float, t_y: float) -> Conic:  # pragma: no cover - compiled
    """Return a conic in q_2 = t - q_1 as one in q_1."""
    xx, xy, yy, x, y, c = conic
    constant = xx * t_x**2 + 2 * xy * t_x * t_y + yy * t_y**2 + 2 * (x * t_x + y * t_y) + c
    return xx, xy, yy, -x - xx * t_x - xy * t_y, -y - xy * t_x - yy * t_y, constant


@njit(cache=True)
def _are_apart(a: Conic, b: Conic) -> bool:  # pragma: no cover - compiled
    """Return whether det(λ A + B) is positive somewhere at λ > 0: whether no point is inside both conics."""
    cubed, squared = _mixed(a, a) / 3, _mixed(a, b)
    linear, constant = _mixed(b, a), _mixed(b, b) / 3
    root = squared**2 - 3 * linear * cubed
    if cubed >= 0 or root <= 0:
        return False
    peak = (-squared - np.sqrt(root)) / (3 * cubed)
    return bool(peak > 0 and ((cubed * peak + squared) * peak + linear) * peak + constant > 0)


@njit(cache=True)
def _mixed(a: Conic, b: Conic) -> float:  # pragma: no cover - compiled
    """Return the trace of adj(A) B: the derivative of det(A + λ B), and 3 det A for B = A."""
    xx, xy, yy, x, y, c = a
    return float(
        (yy * c - y * y) * b[0]
        + (xx * c - x * x) * b[2]
        + (xx * yy - xy * xy) * b[5]
        + 2 * ((x * y - xy * c) * b[1] + (xy * y - yy * x) * b[3] + (xy * x - xx * y) * b[4])
    )
