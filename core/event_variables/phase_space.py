"""Production of parents at a hadron collider, and their decay into two bodies, in flat phase space."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]

COLLISION_ENERGY = 13_000.0
"""Of the two protons [GeV]."""
PARTON_POWER = 4.0
"""n of the parton density x f(x) = (1 - x)^n that boosts the parents along the beam."""
FARTHEST = {"gaussian": 4.0, "breit_wigner": 10.0}
"""How far a resonance reaches, in units of its σ or Γ."""


def resonance(theta: Floats, width: float, shape: str, smallest: float, rng: np.random.Generator) -> Floats:
    """Draw true masses around θ: a Gaussian of σ = width·θ, or a Breit-Wigner of Γ = width·θ, both with their ends cut.

    Args:
        theta: nominal mass [GeV], shape (n,).
        width: as a share of θ; 0 gives θ itself.
        shape: gaussian or breit_wigner.
        smallest: mass that none may be below [GeV], smaller than all θ.
        rng: source of randomness.

    Returns:
        True masses [GeV], shape (n,).
    """
    if not width:
        return theta.copy()
    below = np.maximum((smallest - theta) / (width * theta), -FARTHEST[shape])
    u = rng.random(len(theta))
    if shape == "gaussian":
        low, high = ndtr(below), ndtr(FARTHEST[shape])
        return np.asarray(theta * (1 + width * ndtri(low + u * (high - low))))
    first, last = np.arctan(2 * below), np.arctan(2 * FARTHEST[shape])
    return np.asarray(theta * (1 + width / 2 * np.tan(first + u * (last - first))))


def produced(mass: Floats, recoil: float, rng: np.random.Generator) -> Floats:
    """Draw the momentum of a system of given mass: boosted along the beam by the partons, across it by the recoil.

    The rapidity y has the density [(1 - x_1)(1 - x_2)]^n, x_1,2 = (mass/√s) e^±y; the transverse momentum is
    exponential of mean ``recoil`` in a random direction.

    Args:
        mass: of the system [GeV], shape (n,).
        recoil: mean transverse momentum [GeV].
        rng: source of randomness.

    Returns:
        p_x, p_y, p_z, E [GeV], shape (n, 4).
    """
    share = np.minimum(mass / COLLISION_ENERGY, 0.99)
    rapidity = np.empty(len(mass))
    open_ones = np.arange(len(mass))
    while len(open_ones):
        x = share[open_ones]
        y = rng.uniform(-1, 1, len(x)) * np.log(1 / x)
        allowed = ((1 - x * np.exp(y)) * (1 - x * np.exp(-y))) ** PARTON_POWER
        taken = rng.random(len(x)) * (1 - x) ** (2 * PARTON_POWER) < allowed
        rapidity[open_ones[taken]] = y[taken]
        open_ones = open_ones[~taken]
    across, angle = rng.exponential(1, len(mass)) * recoil, rng.uniform(0, 2 * np.pi, len(mass))
    energy = np.hypot(mass, across)
    return np.column_stack(
        [across * np.cos(angle), across * np.sin(angle), energy * np.sinh(rapidity), energy * np.cosh(rapidity)]
    )


def decayed(
    parent: Floats, mass: Floats, first: Floats, second: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Let parents decay into two bodies, isotropically in their rest frames.

    Args:
        parent: p_x, p_y, p_z, E [GeV], shape (n, 4).
        mass: of the parent [GeV], shape (n,).
        first: mass of one product [GeV], shape (n,).
        second: mass of the other [GeV], shape (n,); both together at most the parent's.
        rng: source of randomness.

    Returns:
        The momenta of both, shape (n, 4) each, which add up to the parent's.
    """
    lengths = np.sqrt(np.maximum((mass**2 - (first + second) ** 2) * (mass**2 - (first - second) ** 2), 0)) / (2 * mass)
    cosine, angle = rng.uniform(-1, 1, len(mass)), rng.uniform(0, 2 * np.pi, len(mass))
    sine = np.sqrt(1 - cosine**2)
    direction = np.column_stack([sine * np.cos(angle), sine * np.sin(angle), cosine])
    at_rest = np.column_stack([lengths[:, None] * direction, np.hypot(lengths, first)])
    one = boosted(at_rest, parent, mass)
    return one, parent - one


def boosted(momentum: Floats, parent: Floats, mass: Floats) -> Floats:
    """Boost momenta from the rest frame of their parents.

    p' = p + P (E/M + P·p / (M (M + E_P))),  E' = (E_P E + P·p)/M.

    Args:
        momentum: p_x, p_y, p_z, E in the rest frame [GeV], shape (n, 4).
        parent: the same of the parents, shape (n, 4).
        mass: of the parents [GeV], shape (n,), positive.

    Returns:
        Momenta in the laboratory, shape (n, 4).
    """
    along = (parent[:, :3] * momentum[:, :3]).sum(1)
    factor = (momentum[:, 3] + along / (mass + parent[:, 3])) / mass
    energy = (parent[:, 3] * momentum[:, 3] + along) / mass
    return np.column_stack([momentum[:, :3] + factor[:, None] * parent[:, :3], energy])


def invariant_mass(momentum: Floats) -> Floats:
    """Compute m = √(E² - p²) of momenta p_x, p_y, p_z, E, shape (n, 4); 0 where rounding makes the square negative."""
    return np.asarray(np.sqrt(np.maximum(momentum[:, 3] ** 2 - (momentum[:, :3] ** 2).sum(1), 0)))
