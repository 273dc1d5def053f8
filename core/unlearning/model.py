"""What a run of unlearning leaves: classifiers and what was fitted to their score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.errors import DataError
from core.events.table import EventTable
from core.learning.batch import rows
from core.learning.networks import Classifier
from core.learning.pulse import sign_of_life
from core.learning.snapshot import Checkpoint

BATCH = 65_536
_NETWORK, _TRANSFORM = "networks.", "transform."


class Model(nn.Module):
    """Map features and protected variables to signal scores: f(x), or T(f(x), m) with a transform T.

    Args:
        networks: features → logit; one classifier, or two that are trained side by side.
        transform: a module (score (n,), protected variables (n, n_protected)) → score (n,), applied to the first score.
    """

    def __init__(self, networks: Sequence[nn.Module], transform: nn.Module | None = None) -> None:
        super().__init__()
        self.networks = nn.ModuleList(list(networks))
        self.transform = transform

    def forward(self, x: Tensor, m: Tensor) -> Tensor:
        """Return the score of each event.

        Args:
            x: features in physical units, shape (n, n_features).
            m: protected variables in physical units, shape (n, n_protected); looked at by a transform only.

        Returns:
            Scores, shape (n,); (n, 2) of two classifiers.
        """
        scores = [torch.sigmoid(network(x)) for network in self.networks]
        if self.transform is not None:
            scores[0] = self.transform(scores[0], m)
        return scores[0] if len(scores) == 1 else torch.stack(scores, 1)

    @torch.no_grad()
    def score(self, x: Tensor, m: Tensor) -> NDArray[np.float32]:
        """Return the scores as an array, computed in batches that bound the memory."""
        if not len(x):
            return np.empty((0, 2)[: len(self.networks)], np.float32)
        parts = []
        for part in zip(x.split(BATCH), m.split(BATCH), strict=True):
            sign_of_life()
            parts.append(self(*part))
        return np.asarray(torch.cat(parts).cpu().numpy(), np.float32)

    def score_events(self, events: EventTable) -> NDArray[np.float32]:
        """Return the scores of all events of a table, which moves to the device a batch at a time."""
        device, roles = next(self.parameters()).device, events.roles
        parts = []
        for start in range(0, events.n_events, BATCH):
            sign_of_life(start, events.n_events)
            few = slice(start, start + BATCH)
            x, m = rows(events, roles.features, few, np.float32), rows(events, roles.protected, few, np.float64)
            parts.append(self.score(torch.from_numpy(x).to(device), torch.from_numpy(m).to(device)))
        return np.concatenate(parts)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return a copy of all parameters and buffers as arrays."""
        return {name: value.detach().cpu().numpy().copy() for name, value in self.state_dict().items()}

    @classmethod
    def from_arrays(
        cls, arrays: Checkpoint, restore: Callable[[Mapping[str, Tensor]], nn.Module] | None = None
    ) -> Model:
        """Rebuild a model from what ``arrays`` returned.

        Args:
            arrays: parameters and buffers by name.
            restore: rebuilds the transform from its state, where there is one.

        Raises:
            DataError: the arrays are not those of a model.
        """
        if unknown := [name for name in arrays if not name.startswith((_NETWORK, _TRANSFORM))]:
            raise DataError(f"these arrays are no model: {', '.join(unknown)}; expected networks.* and transform.*")
        numbers = sorted({name.split(".")[1] for name in arrays if name.startswith(_NETWORK)})
        networks = [Classifier.from_arrays(_under(f"{_NETWORK}{number}.", arrays)) for number in numbers]
        state = {name: torch.from_numpy(np.array(value)) for name, value in _under(_TRANSFORM, arrays).items()}
        if not networks or (state and restore is None):
            raise DataError(f"these arrays are no model of this method: {', '.join(arrays)}")
        return cls(networks, restore(state) if state and restore else None)


def _under(prefix: str, arrays: Checkpoint) -> Checkpoint:
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}
