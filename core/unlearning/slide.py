"""λ as a slider: one network, conditioned on λ, that is every classifier between two strengths of unlearning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.errors import DataError
from core.evaluation.evaluate import Evaluation, evaluate
from core.evaluation.verdict import is_flat
from core.events.table import EventTable
from core.learning.batch import Batch, rows
from core.learning.best import Best
from core.learning.device import few_threads
from core.learning.film import ConditionalClassifier
from core.learning.restart import Restart, with_state
from core.learning.snapshot import Checkpoint, Conclusion, Snapshot
from core.learning.split import HELD_OUT, TRAINING, VALIDATION
from core.learning.state import State
from core.numbers import format_number
from core.results import Array, Estimate, Number
from core.unlearning.check import check_events
from core.unlearning.conclude import audited, split_of, to_judge
from core.unlearning.method import METHODS
from core.unlearning.objective import lambda_share, standardisation
from core.unlearning.slide_steps import SlideConfig, Sliding

STOPS = 13
"""λ values at which a finished slider is judged for its front."""
LIVE_STOPS, LIVE_EVENTS = 5, 20_000
"""Stops and validation events that the front of a running training takes."""


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

    def stops(self, count: int) -> list[float]:
        """Return so many λ, even in ln λ, written with four figures, from one end of the slider to the other."""
        return [float(f"{lam:.4g}") for lam in np.geomspace(self.lam[0], self.lam[-1], count)]

    def lambda_reaching(self, inverse_jsd: float) -> float:
        """Return the smallest λ whose 1/JSD reaches what is asked for, interpolated in the logarithms of both.

        Raises:
            DataError: no λ of the slider does.
        """
        best = np.maximum.accumulate([1 / jsd.value for jsd in self.jsd_nats])
        if not 0 < inverse_jsd <= best[-1]:
            asked, most = format_number(inverse_jsd), format_number(float(best[-1]))
            raise DataError(f"1/JSD = {asked} is beyond this slider; allowed: up to {most}")
        rising = np.concatenate([[True], np.diff(best) > 0])
        wanted = np.log(max(inverse_jsd, best[0]))
        return float(np.exp(np.interp(wanted, np.log(best[rising]), np.log(np.asarray(self.lam)[rising]))))

    def smallest_flat(self) -> float | None:
        """Return the smallest judged λ whose spectrum is flat within statistics; None where none is."""
        bins = max(len(each.spectrum.passed) for each in self.evaluation.protected)
        judged = zip(self.lam, self.jsd_nats, self.limit_nats, strict=True)
        return next((float(lam) for lam, jsd, limit in judged if is_flat(jsd.value, limit, bins)), None)


def fit_slide(
    events: EventTable,
    method: str,
    config: SlideConfig,
    *,
    device: torch.device,
    seed: int,
    state: State | None = None,
) -> Iterator[Snapshot[SlideView]]:
    """Train one network f(x; λ) for all λ between two ends.

    Minimises the mean over λ, even in ln λ, of  (cross entropy + λ · dependence) / (1 + λ d)^damping,  where d is the
    dependence that the classifier has after the warm-up: the division keeps large λ from ruling the shared layers. Each
    step draws λ from ``draws`` strata of the range, a batch each.

    Args:
        events: as for ``fit``.
        method: a registered method with a penalty, whose other options have their defaults.
        config: range of λ, network and schedule.
        device: where to train.
        seed: of the split, the initial weights, the batches and the λ.
        state: from a snapshot of the same training, which is continued after it; None begins it.

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
    part = split_of(events, config, seed)
    train, validation = (Batch.of(events, part == kind, device) for kind in (TRAINING, VALIDATION))
    penalties = [entry.build(entry.config(), train, generator) for _ in range(config.draws)]
    viewed = events.take(_sample_of(part == VALIDATION, np.random.default_rng(seed)))
    x = torch.from_numpy(viewed.matrix(viewed.roles.features)).to(device)
    network = ConditionalClassifier(*standardisation(train), config.hidden, generator).to(device)
    best = Best(network.arrays())

    def look() -> SlideView:
        return judge(network, config, x, viewed, LIVE_STOPS, seed, replicas=0)

    sliding = Sliding(network, penalties, train, config, generator)
    critics = [with_state(penalty) for penalty in penalties]
    restart = Restart(network=network, critics=critics, sliding=sliding, best=best, generator=generator)
    with few_threads(device):
        for epoch in range(restart.first_epoch(state), config.epochs + 1):
            scalars = sliding.run(epoch)
            scalars |= sliding.validate(validation, epoch)
            is_whole = lambda_share((epoch - 1) / config.epochs, config) == 1
            best.offer(network.arrays, scalars["validation_total"], scalars["validation_auc"], is_whole=is_whole)
            yield Snapshot(epoch, config.epochs, scalars, look, best.arrays, sliding.remarks, restart.at(epoch))


def conclude_slide(
    events: EventTable, config: SlideConfig, checkpoint: Checkpoint, *, device: torch.device, seed: int
) -> Conclusion[SlideView]:
    """Judge a slider on the events that its training held out; the scores are those of the largest λ."""
    part = split_of(events, config, seed)
    network = ConditionalClassifier.from_arrays(checkpoint).to(device)
    held_out = part == HELD_OUT
    judged = to_judge(events, held_out)
    with few_threads(device):
        x = torch.from_numpy(rows(events, events.roles.features, held_out, np.float32)).to(device)
        view = judge(network, config, x, judged, STOPS, seed, replicas=10)
        del x
        everything = torch.from_numpy(events.matrix(events.roles.features)).to(device)
        scores = network.score(everything, 1.0).cpu().numpy().astype(np.float32)
        del everything
    found, refusal = audited(scores[held_out], judged, seed)
    return Conclusion(view, view.evaluation.headline(), scores, part, checkpoint, refusal, found)


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
    return view_of([config.lam(u) for u in positions], found)


def view_of(lam: Sequence[float], found: Sequence[Evaluation]) -> SlideView:
    """Return what a slider reaches, from its evaluations at rising λ, at 50 % signal efficiency."""
    worst = [max(each.protected, key=lambda p: p.jsd_nats.value) for each in found]
    return SlideView(
        np.array(lam),
        tuple(each.auc for each in found),
        tuple(each.rejection for each in found),
        tuple(each.jsd_nats for each in worst),
        tuple(each.limit_nats for each in worst),
        found[-1],
    )


def _sample_of(chosen: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the indices of the chosen events, or of as many of them, drawn at random, as a live front takes."""
    index = np.flatnonzero(chosen)
    return index if len(index) <= LIVE_EVENTS else np.sort(rng.choice(index, LIVE_EVENTS, replace=False))


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


class Slider:
    """Score events at any λ: what a page moves.

    Args:
        network: the trained network.
        config: the config it was trained with.
        x: features of the events, shape (n, n_features).
    """

    def __init__(self, network: ConditionalClassifier, config: SlideConfig, x: Tensor) -> None:
        self._network, self.config, self._x = network, config, x

    @classmethod
    def of(cls, arrays: Checkpoint, config: Mapping[str, Any], events: EventTable) -> Slider:
        """Put a saved network before events, which it scores from then on."""
        x = torch.from_numpy(events.matrix(events.roles.features, np.float32))
        return cls(ConditionalClassifier.from_arrays(arrays), SlideConfig(**config), x)

    def score(self, lam: float) -> NDArray[np.float32]:
        """Return the score of each event at λ, shape (n,).

        Raises:
            DataError: λ is not on the slider.
        """
        return np.asarray(self._network.score(self._x, self.config.position(lam)).numpy(), np.float32)
