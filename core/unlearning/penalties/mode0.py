"""MoDe[0]: the score's distribution is the same in every bin of the protected variable."""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor

from core.learning.batch import Batch
from core.unlearning.method import METHODS, Method, Penalty, TrainingConfig, on_background
from core.unlearning.penalties._moments import equal_occupancy_edges, legendre_projection, moment_penalty


class Mode0Config(TrainingConfig):
    """Set up a MoDe[0] training; a strong λ wants a slower learning rate than others."""

    learning_rate: float = Field(
        5e-3, gt=0, le=1, title="learning rate", description="peak of the one-cycle schedule of the Adam optimiser"
    )

    lam: float = Field(
        500.0,
        ge=0,
        le=1e5,
        title="λ",
        description="weight of the moment term beside the cross entropy; 0 is the baseline, some 10 flatten the bulk "
        "of the spectrum, some 500 the tail that a tight cut selects",
    )
    mass_bins: int = Field(
        8,
        ge=2,
        le=256,
        title="bins of m",
        description="equal-occupancy bins of each protected variable; a batch should put some hundred events in each",
    )


def build(config: Mode0Config, train: Batch, _generator: torch.Generator) -> Penalty:
    """Return the MoDe[0] penalty with its bins taken from the training background.

    Args:
        config: number of bins.
        train: training events.

    Returns:
        The mean over the protected variables of Σ_b ∫ds |F_b(s) - mean_b F_b(s)|².

    Raises:
        DataError: too few events or distinct values for the bins.

    References:
        Kitouni, Nachman, Weisser, Williams 2020 (2010.09745).
    """
    _, protected, weights = on_background(train.w, train)
    edges = [equal_occupancy_edges(m, weights, config.mass_bins) for m in protected.unbind(1)]
    projection = legendre_projection(config.mass_bins, order=0).to(protected.device)

    def penalty(scores: Tensor, batch: Batch) -> Tensor:
        f, m, w = on_background(scores, batch)
        terms = [
            moment_penalty(f, torch.bucketize(values.double().contiguous(), cut), w, projection)
            for values, cut in zip(m.unbind(1), edges, strict=True)
        ]
        return torch.stack(terms).mean()

    return penalty


METHODS.register(
    "mode0",
    Method(Mode0Config, build),
    title="MoDe[0] (moment decomposition)",
    summary="Makes the score's distribution the same in every bin of the protected variable; fast and stable.",
    reference="Kitouni, Nachman, Weisser, Williams 2020 (2010.09745)",
)
