"""MINE: the Donsker-Varadhan bound of the mutual information of score and protected variables on background."""

from __future__ import annotations

import torch

from core.learning.batch import Batch
from core.neural_information.estimators.mine import objective
from core.unlearning.method import METHODS, Critic, Method
from core.unlearning.penalties._mine import Mine, MineConfig


def build(config: MineConfig, train: Batch, generator: torch.Generator) -> Critic:
    """Return max_T E_p[T] - log E_q[e^T], with p(f, m) and q = p(f)p(m) of the background."""
    return Mine(config, train, generator, objective, offset=0.0)


METHODS.register(
    "mine",
    Method(MineConfig, build),
    title="MINE (Donsker-Varadhan)",
    summary="Penalises the mutual information that a critic finds, on all protected variables at once.",
    formula="H + λ max_T {E_p[T] − ln E_q[e^T]}, p = p_b(f, m), q = p_b(f) p_b(m)",
    reference="Belghazi et al. 2018 (1801.04062)",
)
