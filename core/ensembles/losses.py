"""Losses whose minimum is the likelihood ratio, in the log-ratio T that they give."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn

LARGEST_LOG_RATIO = 10.0
"""Above it, e^T goes on along its tangent: one event must not overflow a batch."""
SMALLEST_RATIO = 0.05
"""Below it, ln f of the linear form goes on along its tangent, since a linear form may be negative."""
RATIO_FLOOR = 1e-6
UNIT = math.log(math.e - 1)
"""softplus(UNIT) = 1."""


@dataclass(frozen=True)
class Loss:
    """Describe a loss by what it takes of the output z of a network.

    L = E_A[signal(T)] + E_B[background(T)],  T = log_ratio(z): at the minimum T = ln p(x|A)/p(x|B) wherever the network
    can reach it. For the log-ratio of several outputs, their T add up.

    Args:
        title: what a menu shows.
        summary: one sentence with its formula.
        log_ratio: z → T, any shape.
        signal: T of class A → its term.
        background: T of class B → its term.
    """

    title: str
    summary: str
    log_ratio: Callable[[Tensor], Tensor]
    signal: Callable[[Tensor], Tensor]
    background: Callable[[Tensor], Tensor]

    def value(self, a: Tensor, weights_a: Tensor, b: Tensor, weights_b: Tensor) -> Tensor:
        """Return the loss of log-ratios of both classes.

        Args:
            a: T of class A, shape (n,).
            weights_a: their weights, of mean one, shape (n,).
            b: T of class B, shape (m,).
            weights_b: their weights, of mean one, shape (m,).
        """
        return (weights_a * self.signal(a)).mean() + (weights_b * self.background(b)).mean()


def _identity(z: Tensor) -> Tensor:
    return z


def _softplus_form(z: Tensor) -> Tensor:
    """Return ln f of f = softplus(z + c), with f = 1 at z = 0; far below, ln softplus(z) = z."""
    shifted = z + UNIT
    return torch.where(shifted < -15, shifted, nn.functional.softplus(shifted.clamp(min=-15)).log())


def _linear_form(z: Tensor) -> Tensor:
    """Return ln f of f = 1 + z, along its tangent below ``SMALLEST_RATIO``."""
    f = 1 + z
    tangent = math.log(SMALLEST_RATIO) + (f - SMALLEST_RATIO) / SMALLEST_RATIO
    return torch.where(f > SMALLEST_RATIO, f.clamp(min=SMALLEST_RATIO).log(), tangent)


def _square_form(z: Tensor) -> Tensor:
    """Return ln f of f = (1 + z)², kept above a floor."""
    return ((1 + z).square() + RATIO_FLOOR).log()


def _excess(t: Tensor) -> Tensor:
    """Return f - 1 = e^T - 1, along its tangent above ``LARGEST_LOG_RATIO``."""
    capped = t.clamp(max=LARGEST_LOG_RATIO)
    return torch.expm1(capped) + math.exp(LARGEST_LOG_RATIO) * (t - capped)


def _maximum_likelihood(title: str, form: str, log_ratio: Callable[[Tensor], Tensor]) -> Loss:
    summary = f"Maximum-likelihood classifier: -Σ_A ln f + Σ_B (f - 1) with {form}."
    return Loss(title, summary, log_ratio, torch.neg, _excess)


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "cross_entropy": Loss(
            "Cross entropy",
            "-Σ_A ln f - Σ_B ln(1 - f) with f = 1/(1 + e^-z), whose odds f/(1 - f) are the ratio.",
            _identity,
            lambda t: nn.functional.softplus(-t),
            nn.functional.softplus,
        ),
        "mlc": _maximum_likelihood("MLC", "f = softplus(z + c)", _softplus_form),
        "mlc_linear": _maximum_likelihood("MLC, linear", "f = 1 + z", _linear_form),
        "mlc_square": _maximum_likelihood("MLC, square", "f = (1 + z)²", _square_form),
        "mlc_exponential": _maximum_likelihood("MLC, exponential", "f = e^z", _identity),
    }
)
"""Losses by name.

References:
    D'Agnolo, Wulzer 2019 (1806.02350) for the exponential form; Nachman, Thaler 2021 (2101.07263) for the others.
"""
