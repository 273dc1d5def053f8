"""What a latent dimension means: the decoder's answer as it moves."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from core.disentanglement.network import Autoencoder
from core.disentanglement.results import Traversal
from core.events.table import EventTable

STEPS, FARTHEST = 13, 3.0


@torch.no_grad()
def traverse(autoencoder: Autoencoder, z: NDArray[np.floating], events: EventTable) -> Traversal:
    """Decode z_j = value for each dimension j, with all other dimensions at their mean over the events.

    Args:
        autoencoder: the trained network.
        z: draws from q(z|x), one an event, shape (n_events, K).
        events: the same events, whose features set the scale.

    Returns:
        Features in physical units for 13 values from -3 to 3 standard deviations of the prior.
    """
    names = events.roles.features
    size = np.abs(events.balanced_weights)
    x = events.matrix(names, np.float64)
    centre, values = np.average(z, axis=0, weights=size), np.linspace(-FARTHEST, FARTHEST, STEPS)
    moved = np.tile(centre, (len(centre), STEPS, 1))
    for j in range(len(centre)):
        moved[j, :, j] = values
    rows = torch.from_numpy(moved.reshape(-1, len(centre))).float().to(autoencoder.mean.device)
    decoded = autoencoder.decode(rows).cpu().numpy().reshape(len(centre), STEPS, len(names))
    spread = np.sqrt(np.average((x - np.average(x, axis=0, weights=size)) ** 2, axis=0, weights=size))
    return Traversal(names, values, np.asarray(decoded, np.float64), spread)
