"""A learnt variable as a model: what is applied to other events and exported."""

from __future__ import annotations

import torch
from torch import Tensor

from core.event_variables.config import VariableConfig
from core.event_variables.learner import MAIN
from core.event_variables.networks import MainNetwork, fill
from core.learning.snapshot import Checkpoint
from core.unlearning.model import Model


class VariableModel(Model):
    """Map features to the learnt variables, in the place of a score.

    Args:
        main: features → v.
    """

    def __init__(self, main: MainNetwork) -> None:
        super().__init__([main])
        self.main = main

    def forward(self, x: Tensor, m: Tensor) -> Tensor:
        """Return v of each event, shape (n,); (n, size) of several variables.

        Args:
            x: features in physical units, shape (n, n_features).
            m: protected variables; not looked at.
        """
        found = self.main.variables(x)
        return found.squeeze(1) if found.shape[1] == 1 else found

    @classmethod
    def restored(cls, arrays: Checkpoint, config: VariableConfig) -> VariableModel:
        """Rebuild a model from the checkpoint of a training.

        Args:
            arrays: of both networks; the auxiliary one is left out.
            config: the config it was trained with.
        """
        n_features = len(arrays[f"{MAIN}mean"])
        zeros = torch.zeros(n_features)
        main = MainNetwork(zeros, zeros + 1, config, torch.Generator().manual_seed(0))
        fill(main, MAIN, arrays)
        return cls(main)
