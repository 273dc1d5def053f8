"""The Donsker-Varadhan bound of a trained T on events that it did not learn from."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.calibration.method import Calibration, Events
from core.errors import DataError
from core.results import Estimate

SHUFFLES = 16
EVENTS_AT_ONCE = 65_536


@torch.no_grad()
def information(network: Calibration, events: Events, seed: int, shuffles: int = SHUFFLES) -> Estimate:
    """Compute I(x; z) ≥ E_joint T - ln E_marginal e^T in nats.

    Marginal pairs are events with shuffled truths, with the product of both weights. An event i enters as a pair of
    its own, as the x of some marginal pairs and as the z of others: the error is the standard deviation of
    T_i - (mean of e^T over its pairs as x) - (the same as z), e^T in units of its mean, over the root of N_eff.

    Args:
        network: knows T.
        events: which it did not learn from.
        seed: of the shuffles.
        shuffles: marginal pairs of each event.

    Raises:
        DataError: T is not finite.
    """
    generator = torch.Generator().manual_seed(seed)
    n, w = len(events), events.w.double().cpu()
    joint = _log_ratio(network, events.x, events.z)
    as_x, as_z, weight_x, weight_z = (torch.zeros(n, dtype=torch.float64) for _ in range(4))
    partners = [torch.randperm(n, generator=generator) for _ in range(shuffles)]
    marginal = [_log_ratio(network, events.x, events.z[partner.to(events.z.device)]) for partner in partners]
    largest = max(float(t.max()) for t in marginal)
    if not (np.isfinite(largest) and bool(torch.isfinite(joint).all())):
        raise DataError("the log-ratio is not finite on some events; lower the learning rate")
    for partner, t in zip(partners, marginal, strict=True):
        ratio = (t - largest).exp()
        as_x += w[partner] * ratio
        weight_x += w[partner]
        as_z.index_add_(0, partner, w * ratio)
        weight_z.index_add_(0, partner, w)
    mean = (w * as_x).sum() / (w * weight_x).sum()
    share = w / w.sum()
    value = float((share * joint).sum() - mean.log() - largest)
    influence = joint - as_x / weight_x.clamp(min=1e-300) / mean - as_z / weight_z.clamp(min=1e-300) / mean
    spread = (share * (influence - (share * influence).sum()).square()).sum()
    return Estimate(value, float((spread * share.square().sum()).sqrt()))


def _log_ratio(network: Calibration, x: Tensor, z: Tensor) -> Tensor:
    parts = zip(x.split(EVENTS_AT_ONCE), z.split(EVENTS_AT_ONCE), strict=True)
    return torch.cat([network.log_ratio(*part) for part in parts]).double().cpu()
