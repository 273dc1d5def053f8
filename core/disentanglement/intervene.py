"""Intervention: events as they would be, had the latent said another value of a protected variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.disentanglement.represent import BATCH, Representation
from core.errors import DataError
from core.events.table import EventTable, Roles


def intervene(representation: Representation, events: EventTable, values: Mapping[str, float]) -> EventTable:
    """Generate events by setting z' to what stands for given values of protected variables.

    x' = D(z) with z the posterior mean of each event, save for z'_k = the position that ``Dial`` gives for the value:
    what is independent of the protected variable stays, what it shapes moves. x' is a mean, as sharp as the decoder: it
    lacks what the latent does not hold of an event.

    Args:
        representation: the trained autoencoder and its dials.
        events: with the features that it was trained on, and the protected variables it was trained with as roles.
        values: protected variable → value in its unit.

    Returns:
        The features of the generated events, in physical units.

    Raises:
        DataError: a variable that is not protected, a value that the latent cannot tell, or two variables that one
            dimension holds.

    References:
        Urquijo, Tan 2020 (Decorrelation via disentanglement), outlook.
    """
    roles = events.roles
    positions = positions_of(representation, roles.protected, values)
    x = decode_at(representation, events.matrix(roles.features, np.float32), positions)
    columns = {name: np.ascontiguousarray(x[:, k]) for k, name in enumerate(roles.features)}
    words = {name: events.describe(name) for name in roles.features}
    return EventTable(f"{events.name}, generated", columns, Roles(features=roles.features), words)


def positions_of(
    representation: Representation, protected: Sequence[str], values: Mapping[str, float]
) -> dict[int, float]:
    """Return the position of each latent dimension that stands for a value of a protected variable.

    Args:
        representation: the trained autoencoder and its dials.
        protected: names of the protected variables, in the order of the training.
        values: protected variable → value in its unit.

    Raises:
        DataError: as ``intervene``.
    """
    found: dict[int, float] = {}
    for name, value in values.items():
        if name not in protected:
            raise DataError(f"{name!r} is no protected variable of this model; allowed: {', '.join(protected)}")
        k = list(protected).index(name)
        j = representation.sensitive[k]
        if j in found:
            raise DataError(f"z_{j + 1} holds {name} and another variable; set one of them")
        found[j] = representation.dials[k].turn_to(value, name)
    if not found:
        raise DataError(f"nothing to set; allowed: values of {', '.join(protected)}")
    return found


@torch.no_grad()
def decode_at(
    representation: Representation, x: NDArray[np.float32] | NDArray[np.floating], positions: Mapping[int, float]
) -> NDArray[np.float32]:
    """Return the decoded events with some latent dimensions set.

    Args:
        representation: the trained autoencoder.
        x: features in physical units, shape (n, n_features).
        positions: latent dimension → position.

    Returns:
        Features in physical units, shape (n, n_features).
    """
    autoencoder = representation.autoencoder
    parts = []
    for part in torch.from_numpy(np.asarray(x, np.float32)).split(BATCH):
        z = autoencoder.encode(part.to(representation.device))[0].clone()
        for j, position in positions.items():
            z[:, j] = position
        parts.append(autoencoder.decode(z).cpu())
    return np.asarray(torch.cat(parts).numpy(), np.float32)
