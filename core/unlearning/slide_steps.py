"""The configuration of a λ slider and the steps of its training."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from core.errors import DataError
from core.evaluation.roc import Ranking, area_under_curve
from core.learning.batch import Batch
from core.learning.epochs import Epochs
from core.learning.film import ConditionalClassifier
from core.learning.networks import in_parts
from core.learning.options import BatchSize
from core.learning.restart import Changing
from core.unlearning.method import METHODS, Critic, Penalty, TrainingConfig
from core.unlearning.objective import lambda_share

VALIDATED = (1 / 6, 1 / 2, 5 / 6)
"""Positions of the slider at which an epoch is judged."""


class SlideConfig(TrainingConfig):
    """Set up the training of a λ slider."""

    lam_min: float = Field(
        1.0, gt=0, le=1e6, title="smallest λ", description="left end of the slider: close to no unlearning"
    )
    lam_max: float = Field(
        1000.0, gt=0, le=1e6, title="largest λ", description="right end of the slider: the spectrum is flat"
    )
    epochs: int = Field(
        55, ge=1, le=5000, title="epochs", description="passes over the training events, for each λ of a step"
    )
    batch_size: BatchSize = Field(
        2048,
        description="events per step: smaller than for one λ, since the network has more to learn in as many epochs",
    )
    draws: int = Field(
        1,
        ge=1,
        le=8,
        title="λ values a step",
        description="each step trains on one batch for each of so many λ, drawn evenly over the range of ln λ; "
        "the time of a training is proportional to it",
    )

    damping: float = Field(
        0.5,
        ge=0,
        le=1,
        title="damping",
        description="power of 1 + λ d by which the loss at λ is divided, d being the dependence after the warm-up: "
        "the larger, the less large λ rule the network",
    )

    @model_validator(mode="after")
    def _order_the_ends(self) -> SlideConfig:
        if self.lam_max <= self.lam_min:
            raise ValueError(f"largest λ {self.lam_max:g} is not above the smallest {self.lam_min:g}")
        return self

    @classmethod
    def around(cls, method: str) -> dict[str, float]:
        """Return what suits a method: ends around its default λ, its learning rate, and what its config says."""
        config = METHODS[method].item.config
        default, rate = (float(config.model_fields[name].default) for name in ("lam", "learning_rate"))
        suited = dict(config.slider)
        ends = {
            end: float(f"{default * suited.pop(of):.3g}") for end, of in (("lam_min", "lowest"), ("lam_max", "highest"))
        }
        return {**ends, "learning_rate": rate, **suited}

    def lam(self, u: float) -> float:
        """Return λ at a position u in [0, 1] of the slider: λ_min (λ_max/λ_min)^u."""
        return float(self.lam_min * (self.lam_max / self.lam_min) ** u)

    def position(self, lam: float) -> float:
        """Return the position u of λ.

        Raises:
            DataError: λ is not on the slider.
        """
        u = math.log(lam / self.lam_min) / math.log(self.lam_max / self.lam_min) if lam > 0 else -1.0
        if not -1e-9 <= u <= 1 + 1e-9:
            raise DataError(f"λ = {lam:g} is not on the slider; allowed: {self.lam_min:g} to {self.lam_max:g}")
        return min(max(u, 0.0), 1.0)


class Sliding(Changing):
    """Take the steps of a training over all λ."""

    changes = ("_epochs", "_scale")

    def __init__(
        self,
        network: ConditionalClassifier,
        penalties: list[Penalty],
        train: Batch,
        config: SlideConfig,
        generator: torch.Generator,
    ) -> None:
        self._network, self._penalties, self._train = network, penalties, train
        self._config, self._generator = config, generator
        self._epochs = Epochs(
            network.parameters(),
            len(train.y),
            config,
            generator,
            clip=config.clip,
            draws=len(penalties),
            advice="lower the learning rate or the largest λ",
        )
        self._scale = self._share = 0.0

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a user must know of the training so far, in words."""
        return tuple(self._epochs.remarks)

    def run(self, epoch: int) -> dict[str, float]:
        """Go once through the training events for each draw of λ, and return the means of both terms.

        Raises:
            DataError: the loss is not finite, or the smallest batch is too large for the device.
        """
        classification, dependence = self._epochs.run(epoch, self._step)
        lam = self._config.lam_max * self._share
        return {"classification": classification, "dependence": dependence, "lam": lam}

    def _step(self, chosen: Tensor, progress: float) -> Tensor:
        self._share = lambda_share(progress, self._config)
        terms: list[Tensor] = []
        self._epochs.descend(self._losses(chosen, terms))
        return torch.stack(terms).double().mean(0)

    def _losses(self, chosen: Tensor, terms: list[Tensor]) -> Iterator[Tensor]:
        """Yield the loss of each draw of λ, and note its two terms."""
        draws = torch.rand(len(chosen), generator=self._generator).tolist()
        for k, (index, penalty) in enumerate(zip(chosen, self._penalties, strict=True)):
            batch, u = self._train.take(index), (k + draws[k]) / len(chosen)
            if isinstance(penalty, Critic):
                penalty.refine(self._network.score(batch.x, u), batch)
            entropy, dependence = self._terms(batch, penalty, u)
            terms.append(torch.stack([entropy.detach().double(), dependence.detach().double()]))
            yield self._weighted(entropy, dependence, self._share * self._config.lam(u)) / len(chosen)

    def _terms(self, batch: Batch, penalty: Penalty, u: float) -> tuple[Tensor, Tensor]:
        logits = in_parts(lambda x: self._network(x, u), batch.x)
        entropy = nn.functional.binary_cross_entropy_with_logits(logits, batch.y.float(), weight=batch.w)
        return entropy, penalty(torch.sigmoid(logits), batch)

    def _weighted(self, entropy: Tensor, dependence: Tensor, lam: float) -> Tensor:
        divided: Tensor = (entropy + lam * dependence) / (1 + lam * self._scale) ** self._config.damping
        return divided

    @torch.no_grad()
    def validate(self, validation: Batch, epoch: int) -> dict[str, float]:
        """Return both terms averaged over the slider, their weighted sum at full λ, and the AUC at its left end.

        Until λ acts, the dependence found here sets the scale by which the loss of large λ is divided.
        """
        if epoch <= self._config.warmup * self._config.epochs or not self._scale:
            self._scale = max(float(self._terms(validation, self._penalties[0], 0.0)[1]), 0.0)
        totals = torch.zeros(3, dtype=torch.float64)
        for u in VALIDATED:
            penalty = self._penalties[int(u * len(self._penalties))]
            entropy, dependence = self._terms(validation, penalty, u)
            weighted = self._weighted(entropy, dependence, self._config.lam(u))
            totals += torch.stack([entropy, dependence, weighted]).double().cpu() / len(VALIDATED)
        ranking = Ranking(self._network.score(validation.x, 0.0).cpu().numpy(), validation.y.cpu().numpy())
        auc = area_under_curve(*ranking.efficiencies(validation.w.double().cpu().numpy()))
        return dict(zip(("validation_classification", "validation_dependence", "validation_total"), totals.tolist(),
                        strict=True)) | {"validation_auc": auc}  # fmt: skip
