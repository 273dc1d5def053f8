"""λ as a slider: one network, conditioned on λ, that is every classifier between two strengths of unlearning."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, model_validator
from torch import Tensor, nn

from core.errors import DataError
from core.evaluation.evaluate import Evaluation, evaluate
from core.evaluation.roc import Ranking, area_under_curve
from core.events.table import EventTable
from core.learning.batch import Batch
from core.learning.best import Best
from core.learning.device import few_threads
from core.learning.film import ConditionalClassifier
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.split import HELD_OUT, TRAINING, VALIDATION, split_events
from core.results import Array, Estimate, Number
from core.unlearning.check import check_events
from core.unlearning.method import METHODS, Critic, Penalty, TrainingConfig
from core.unlearning.objective import lambda_share, standardisation

STOPS = 13
"""λ values at which a finished slider is judged for its front."""
LIVE_STOPS, LIVE_EVENTS = 5, 20_000
FEWEST_BATCHES, SMALLEST_BATCH = 8, 256


class SlideConfig(TrainingConfig):
    """Set up the training of a λ slider."""

    lam_min: float = Field(
        1.0, gt=0, le=1e6, title="smallest λ", description="left end of the slider: close to no unlearning"
    )
    lam_max: float = Field(
        1000.0, gt=0, le=1e6, title="largest λ", description="right end of the slider: the spectrum is flat"
    )
    draws: int = Field(
        2,
        ge=1,
        le=8,
        title="λ values a step",
        description="each step trains on one batch for each of so many λ, drawn evenly over the range of ln λ; "
        "the time of a training is proportional to it",
    )

    @model_validator(mode="after")
    def _order_the_ends(self) -> SlideConfig:
        if self.lam_max <= self.lam_min:
            raise ValueError(f"largest λ {self.lam_max:g} is not above the smallest {self.lam_min:g}")
        return self

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


@dataclass(frozen=True)
class SlideView:
    """Hold what one slider reaches.

    Args:
        lam: stops of the slider, shape (n,).
        auc: area under the ROC curve at each stop.
        rejection: background rejection at 50 % signal efficiency.
        jsd_nats: JSD of passing and failing background there; of several protected variables, the largest.
        limit_nats: what statistics alone give.
        evaluation: everything at the last stop, the largest λ.
    """

    lam: Array
    auc: tuple[Estimate, ...]
    rejection: tuple[Estimate, ...]
    jsd_nats: tuple[Estimate, ...]
    limit_nats: tuple[Number, ...]
    evaluation: Evaluation


def fit_slide(
    events: EventTable, method: str, config: SlideConfig, *, device: torch.device, seed: int
) -> Iterator[Snapshot[SlideView]]:
    """Train one network f(x; λ) for all λ between two ends.

    Minimises the mean over λ, even in ln λ, of  (cross entropy + λ · dependence) / √(1 + λ d),  where d is the
    dependence that the classifier has after the warm-up: the division keeps large λ from ruling the shared layers. Each
    step draws λ from ``draws`` strata of the range, a batch each.

    Args:
        events: as for ``fit``.
        method: a registered method with a penalty, whose other options have their defaults.
        config: range of λ, network and schedule.
        device: where to train.
        seed: of the split, the initial weights, the batches and the λ.

    Yields:
        A snapshot after each epoch.

    Raises:
        DataError: events that cannot be trained on, or a method without a penalty on one score.

    References:
        Dosovitskiy, Djolonga 2020 (You only train once) for training under a distribution of losses.
    """
    if method not in slidable_methods():
        raise DataError(f"{method} has no penalty whose λ could slide; allowed: {', '.join(slidable_methods())}")
    check_events(events)
    entry = METHODS[method].item
    generator = torch.Generator().manual_seed(seed)
    part = _split(events, config, seed)
    train, validation = (Batch.of(events, part == kind, device) for kind in (TRAINING, VALIDATION))
    penalties = [entry.build(entry.config(), train, generator) for _ in range(config.draws)]
    viewed = events.take(np.flatnonzero(part == VALIDATION)[:LIVE_EVENTS])
    x = torch.from_numpy(viewed.matrix(viewed.roles.features)).to(device)
    network = ConditionalClassifier(*standardisation(train), config.hidden, generator).to(device)
    best = Best(network.arrays())

    def look() -> SlideView:
        return judge(network, config, x, viewed, LIVE_STOPS, seed, replicas=0)

    sliding = _Sliding(network, penalties, train, config, generator)
    with few_threads(device):
        for epoch in range(1, config.epochs + 1):
            scalars = sliding.run(epoch)
            scalars |= sliding.validate(validation)
            best.offer(network.arrays, scalars["validation_total"], scalars["validation_auc"])
            yield Snapshot(epoch, config.epochs, scalars, look, best.arrays)


def conclude_slide(
    events: EventTable, config: SlideConfig, checkpoint: Checkpoint, *, device: torch.device, seed: int
) -> Conclusion[SlideView]:
    """Judge a slider on the events that its training held out; the scores are those of the largest λ."""
    part = _split(events, config, seed)
    network = ConditionalClassifier.from_arrays(checkpoint).to(device)
    x = torch.from_numpy(events.matrix(events.roles.features)).to(device)
    held_out = part == HELD_OUT
    with few_threads(device):
        judged = torch.from_numpy(np.flatnonzero(held_out)).to(device)
        view = judge(network, config, x[judged], events.take(held_out), STOPS, seed, replicas=10)
        scores = network.score(x, 1.0).cpu().numpy().astype(np.float32)
    return Conclusion(view, view.evaluation.headline(), scores, part, checkpoint)


def judge(
    network: ConditionalClassifier,
    config: SlideConfig,
    x: Tensor,
    events: EventTable,
    stops: int,
    seed: int,
    *,
    replicas: int,
) -> SlideView:
    """Evaluate a slider at evenly spaced stops of ln λ."""
    positions = np.linspace(0, 1, stops)
    found = [
        evaluate(
            network.score(x, u).cpu().numpy(),
            events,
            rng=np.random.default_rng(seed),
            replicas=replicas,
            dependence=u == 1.0,
        )
        for u in positions
    ]
    worst = [max(each.protected, key=lambda p: p.jsd_nats.value) for each in found]
    return SlideView(
        np.array([config.lam(u) for u in positions]),
        tuple(each.auc for each in found),
        tuple(each.rejection for each in found),
        tuple(each.jsd_nats for each in worst),
        tuple(each.limit_nats for each in worst),
        found[-1],
    )


def slidable_methods() -> list[str]:
    """Return the methods whose λ a slider can vary: those with a penalty on one score."""
    return [entry.name for entry in METHODS if "lam" in entry.item.config.model_fields and entry.item.is_plain]


class AtLambda(nn.Module):
    """Be the classifier that a slider is at one position.

    Args:
        network: the slider.
        u: its position, in [0, 1].
    """

    def __init__(self, network: ConditionalClassifier, u: float) -> None:
        super().__init__()
        self.network, self.u = network, u

    def forward(self, x: Tensor) -> Tensor:
        """Return the logit of each event, shape (n,)."""
        logits: Tensor = self.network(x, self.u)
        return logits


def _split(events: EventTable, config: TrainingConfig, seed: int) -> NDArray[np.int8]:
    rng = np.random.default_rng(seed)
    return split_events(events.is_signal, config.train_fraction, config.validation_fraction, rng)


class _Sliding:
    """Take the steps of a training over all λ."""

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
        self._size = min(config.batch_size, max(SMALLEST_BATCH, len(train.y) // FEWEST_BATCHES))
        self._steps = math.ceil(len(train.y) / self._size)
        self._scale = 0.0
        self._optimiser = torch.optim.Adam(network.parameters(), lr=config.learning_rate, foreach=True)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, config.learning_rate, total_steps=config.epochs * self._steps
        )

    def run(self, epoch: int) -> dict[str, float]:
        """Go once through the training events for each draw of λ, and return the means of both terms."""
        orders = [torch.randperm(len(self._train.y), generator=self._generator) for _ in self._penalties]
        sums = torch.zeros(2, dtype=torch.float64)
        for step, chosen in enumerate(zip(*(order.split(self._size) for order in orders), strict=True)):
            share = lambda_share((epoch - 1 + step / self._steps) / self._config.epochs, self._config)
            sums += self._step([self._train.take(index.to(self._train.y.device)) for index in chosen], share)
            self._schedule.step()
        classification, dependence = (sums / self._steps).tolist()
        if not math.isfinite(classification + dependence):
            raise DataError(f"the loss is not finite in epoch {epoch}; lower the learning rate or the largest λ")
        return {"classification": classification, "dependence": dependence, "lam": self._config.lam_max * share}

    def _step(self, batches: list[Batch], share: float) -> Tensor:
        self._optimiser.zero_grad(set_to_none=True)
        means = torch.zeros(2, dtype=torch.float64)
        draws = torch.rand(len(batches), generator=self._generator).tolist()
        for k, (batch, penalty) in enumerate(zip(batches, self._penalties, strict=True)):
            u = (k + draws[k]) / len(batches)
            if isinstance(penalty, Critic):
                penalty.refine(self._network.score(batch.x, u), batch)
            entropy, dependence = self._terms(batch, penalty, u)
            (self._weighted(entropy, dependence, share * self._config.lam(u)) / len(batches)).backward()
            means += torch.stack([entropy.detach(), dependence.detach()]).double().cpu() / len(batches)
        nn.utils.clip_grad_norm_(self._network.parameters(), self._config.clip)
        self._optimiser.step()
        return means

    def _terms(self, batch: Batch, penalty: Penalty, u: float) -> tuple[Tensor, Tensor]:
        logits = self._network(batch.x, u)
        entropy = nn.functional.binary_cross_entropy_with_logits(logits, batch.y.float(), weight=batch.w)
        return entropy, penalty(torch.sigmoid(logits), batch)

    def _weighted(self, entropy: Tensor, dependence: Tensor, lam: float) -> Tensor:
        return (entropy + lam * dependence) / math.sqrt(1 + lam * self._scale)

    @torch.no_grad()
    def validate(self, validation: Batch) -> dict[str, float]:
        """Return both terms averaged over the slider, their weighted sum at full λ, and the AUC at its left end.

        Until λ acts, the dependence found here sets the scale by which the loss of large λ is divided.
        """
        if self._schedule.last_epoch <= self._config.warmup * self._config.epochs * self._steps or not self._scale:
            self._scale = max(float(self._terms(validation, self._penalties[0], 0.0)[1]), 0.0)
        totals = torch.zeros(3, dtype=torch.float64)
        for k, penalty in enumerate(self._penalties):
            u = (k + 0.5) / len(self._penalties)
            entropy, dependence = self._terms(validation, penalty, u)
            weighted = self._weighted(entropy, dependence, self._config.lam(u))
            totals += torch.stack([entropy, dependence, weighted]).double().cpu() / len(self._penalties)
        ranking = Ranking(self._network.score(validation.x, 0.0).cpu().numpy(), validation.y.cpu().numpy())
        auc = area_under_curve(*ranking.efficiencies(validation.w.double().cpu().numpy()))
        return dict(zip(("validation_classification", "validation_dependence", "validation_total"), totals.tolist(),
                        strict=True)) | {"validation_auc": auc}  # fmt: skip
