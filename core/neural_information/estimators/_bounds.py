"""The Donsker-Varadhan estimate, which several objectives share."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from core.neural_information.scores import Scores, log_mean_exp


def donsker_varadhan(scores: Scores, clip: float = math.inf) -> tuple[Tensor, Tensor]:
    """Return the terms of E_p[T] - log E_q[clip(e^T, e^-τ, e^τ)] and what each event contributes to its error.

    Without clipping this is at most I(X;Y) for any T, and for a density ratio e^T whose norm is off by a constant it is
    the mean log of the ratio after the norm is mended.

    Args:
        scores: of held-out events.
        clip: τ; none by default.

    Returns:
        Terms, shape (n,), whose weighted mean is the estimate, and contributions, shape (n,).
    """
    clipped = replace(scores, shuffled=scores.shuffled.clamp(-clip, clip))
    log_mean = log_mean_exp(clipped)
    contributions = scores.joint - scores.event_means(torch.exp(clipped.shuffled - log_mean))
    return scores.joint - log_mean, contributions
