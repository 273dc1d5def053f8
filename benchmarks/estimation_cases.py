"""Samples whose mutual information is known: what the accuracy of estimators is measured on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, ndtr

Floats = NDArray[np.float64]
Pair = tuple[NDArray, NDArray]


@dataclass(frozen=True)
class Case:
    """Hold a way to draw events and the information that they share, in nats."""

    name: str
    truth: float
    draw: Callable[[np.random.Generator, int], Pair]
    label: bool = False


def normal(rho: float, dimensions: int = 1) -> Callable[[np.random.Generator, int], Pair]:
    """Draw normal x and y with correlation ρ in each dimension; shape (n,) in one."""

    def draw(rng: np.random.Generator, n: int) -> Pair:
        x, noise = rng.normal(size=(2, n, dimensions))
        y = rho * x + np.sqrt(1 - rho**2) * noise
        return (x[:, 0], y[:, 0]) if dimensions == 1 else (x, y)

    return draw


def mapped(
    draw: Callable[[np.random.Generator, int], Pair], on_x: Callable[[Floats], Floats], on_y: Callable[[Floats], Floats]
) -> Callable[[np.random.Generator, int], Pair]:
    """Map x and y each by a one-to-one function, which leaves their information."""

    def draw_mapped(rng: np.random.Generator, n: int) -> Pair:
        x, y = draw(rng, n)
        return on_x(x), on_y(y)

    return draw_mapped


def student(rho: float, freedom: int) -> Callable[[np.random.Generator, int], Pair]:
    """Draw bivariate Student t variables: heavy tails that come together."""

    def draw(rng: np.random.Generator, n: int) -> Pair:
        x, y = normal(rho)(rng, n)
        scale = np.sqrt(rng.chisquare(freedom, n) / freedom)
        return x / scale, y / scale

    return draw


def of_normal(rho: float, dimensions: int = 1) -> float:
    """Return I = -d/2 log(1 - ρ²)."""
    return float(-0.5 * dimensions * np.log(1 - rho**2))


def of_student(rho: float, freedom: int) -> float:
    """Return I of bivariate Student t variables: that of normal ones and what the common scale adds."""

    def part(degrees: float) -> float:
        return float(gammaln(degrees / 2) - degrees / 2 * digamma(degrees / 2))

    return of_normal(rho) + part(freedom) + part(freedom + 2) - 2 * part(freedom + 1)


def half_cube(values: Floats) -> Floats:
    """Return x √|x|."""
    return values * np.sqrt(np.abs(values))


def swiss_roll(values: Floats) -> Floats:
    """Wind a line up in two dimensions."""
    angle = 1.5 * np.pi * (1 + 2 * ndtr(values))
    return np.column_stack([angle * np.cos(angle), angle * np.sin(angle)]) / 21


def spiral(values: Floats) -> Floats:
    """Turn each point of the plane by an angle that grows with its distance from the origin."""
    angle = (values**2).sum(axis=1) / 3
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.column_stack([
        cosine * values[:, 0] - sine * values[:, 1], sine * values[:, 0] + cosine * values[:, 1],
    ])  # fmt: skip


def shifted_label(rng: np.random.Generator, n: int) -> Pair:
    """Draw a label ±1 and x ~ N(label, 1)."""
    label = rng.choice([-1, 1], n)
    return label, rng.normal(size=n) + label


def shifted_by(separation: float) -> Callable[[np.random.Generator, int], Pair]:
    """Draw a label ±1 at even odds and x ~ N(± ε, 1)."""

    def draw(rng: np.random.Generator, n: int) -> Pair:
        label = rng.choice([-1, 1], n)
        return label, rng.normal(size=n) + separation * label

    return draw


def of_shifted(separation: float) -> float:
    """Return I = h(x) - ½ log 2πe of a label ±1 and x ~ N(± ε, 1), by a sum over x."""
    x = np.linspace(-12.0, 12.0, 100_001)
    p = sum(np.exp(-((x - sign * separation) ** 2) / 2) for sign in (-1, 1)) / np.sqrt(8 * np.pi)
    return float(-np.trapezoid(p * np.log(p), x) - 0.5 * np.log(2 * np.pi * np.e))


def multiplicity(rng: np.random.Generator, n: int) -> Pair:
    """Draw one of five numbers m and a uniform variable in m … m + 2."""
    number = rng.integers(0, 5, n)
    return number, rng.uniform(number, number + 2)


def half_at_zero(rng: np.random.Generator, n: int) -> Pair:
    """Draw normal variables of which half the events are at (0, 0)."""
    x, y = normal(0.9)(rng, n)
    there = rng.random(n) < 0.5
    return np.where(there, 0.0, x), np.where(there, 0.0, y)


CASES = (
    *(Case(f"normal, ρ = {rho}", of_normal(rho), normal(rho)) for rho in (0.0, 0.3, 0.6, 0.9, 0.99)),
    Case("Student t, 1 degree of freedom", of_student(0.6, 1), student(0.6, 1)),
    Case("Student t, 3 degrees of freedom", of_student(0.6, 3), student(0.6, 3)),
    Case("half-cube, ρ = 0.8", of_normal(0.8), mapped(normal(0.8), half_cube, half_cube)),
    Case(
        "wiggly, ρ = 0.8",
        of_normal(0.8),
        mapped(
            normal(0.8),
            lambda x: x + 0.4 * np.sin(x) + 0.2 * np.sin(1.7 * x),
            lambda y: y + 0.2 * np.sin(1.7 * y) + 0.03 * np.sin(3.3 * y),
        ),
    ),
    Case("swiss roll, 2 × 1", of_normal(0.8), mapped(normal(0.8), swiss_roll, lambda y: y)),
    Case("spiral, 2 × 2", of_normal(0.6, 2), mapped(normal(0.6, 2), spiral, spiral)),
    Case("normal, 3 × 3, ρ = 0.5", of_normal(0.5, 3), normal(0.5, 3)),
    Case("label ±1 beside N(±1, 1)", 0.3369, shifted_label, label=True),
    Case("multiplicity beside a uniform", float(np.log(5) - 0.8 * np.log(2)), multiplicity, label=True),
    Case("half the events at (0, 0)", float(np.log(2) + of_normal(0.9) / 2), half_at_zero),
)
