"""MINE-f: the f-divergence bound of the mutual information of score and protected variables on background."""

from __future__ import annotations

import torch

from core.learning.batch import Batch
from core.neural_information.estimators.mine_f import objective
from core.unlearning.method import METHODS, Critic, Method
from core.unlearning.penalties._mine import Mine, MineConfig


def build(config: MineConfig, train: Batch, generator: torch.Generator) -> Critic:
    """Return max_T E_p[T] - E_q[e^(T-1)], with p(f, m) and q = p(f)p(m) of the background."""
    return Mine(config, train, generator, objective, offset=1.0)


METHODS.register(
    "mine_f",
    Method(MineConfig, build),
    title="MINE-f (f-divergence)",
    summary="As MINE, with a bound whose batch gradient is unbiased as it is.",
    formula="H + λ max_T {E_p[T] − E_q[e^(T − 1)]}, p = p_b(f, m), q = p_b(f) p_b(m)",
    reference="Belghazi et al. 2018 (1801.04062); Nguyen, Wainwright, Jordan 2010 (0809.0853)",
)
