"""The training of an autoencoder: an iterator of its progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from core.disentanglement.config import VAEConfig
from core.disentanglement.loss import Loss, with_signal_share
from core.disentanglement.model import MODELS
from core.disentanglement.network import Autoencoder
from core.disentanglement.steps import Steps
from core.disentanglement.supervision import Ranks
from core.errors import DataError
from core.learning.batch import Batch
from core.learning.best import Best
from core.learning.device import few_threads
from core.learning.epochs import Epochs
from core.learning.restart import Restart, with_state
from core.learning.snapshot import Checkpoint
from core.learning.state import State

ADVICE = "lower the learning rate, or drop events with extreme features"


@dataclass(frozen=True)
class Progress:
    """Report the state of an autoencoder after one epoch.

    Args:
        epoch: completed epochs, from 1.
        scalars: name → value in nats an event: ``loss``, ``reconstruction``, ``index_code``, ``total_correlation``,
            ``dimension_wise`` and ``supervision`` of the training, and with ``validation_`` in front.
        network: the present network; it goes on learning when the iterator moves on.
        best: returns the best network so far.
        remarks: what a user must know of this training so far, in words.
        state: returns what another process needs to continue from here.
    """

    epoch: int
    scalars: dict[str, float]
    network: Autoencoder
    best: Callable[[], Checkpoint]
    remarks: tuple[str, ...]
    state: Callable[[], State]


def fit_autoencoder(
    train: Batch,
    validation: Batch,
    model: str,
    config: VAEConfig,
    *,
    n_sensitive: int,
    device: torch.device,
    generator: torch.Generator,
    state: State | None = None,
) -> Iterator[Progress]:
    """Train an autoencoder whose first latent dimensions hold the protected variables, one each.

    Minimises the model's loss + λ_s (-R_s) over the training events, in batches, by Adam with a one-cycle learning
    rate and gradients of norm 1 at most. Events count with their weights in every mean, negative ones included, and in
    q(z) = Σ_i w_i q(z|x_i)/Σ_i w_i; ``signal_share`` sets how much the signal counts. The best epoch is the one with
    the smallest loss, as it is at the end of the training, on validation events; only the second half of the training
    competes, when ramps and discriminators have settled.

    Args:
        train: events to learn from, on ``device``.
        validation: events that choose the best epoch, on ``device``.
        model: name of a registered model.
        config: an instance of that model's config.
        n_sensitive: how many latent dimensions are tied to protected variables, the first of them in order.
        device: where to train.
        generator: source of the initial weights, the batches and the draws, on the CPU.
        state: from the progress of the same training, which is continued after it; None begins it.

    Yields:
        The progress after each epoch.

    Raises:
        DataError: more sensitive dimensions than protected variables, none left for the rest, no background, or a
            loss that is not finite.

    References:
        Urquijo, Tan, "Decorrelation via disentanglement", INNF+ 2020.
    """
    _check(train, config, n_sensitive)
    train, validation = (with_signal_share(events, config.signal_share) for events in (train, validation))
    network = _new_network(train, config, generator)
    ranks = Ranks(train.m[:, :n_sensitive], train.w)
    objective = MODELS[model].item.build(config, device, generator)
    loss = Loss(network, objective, config, n_sensitive, generator)
    best = Best(network.arrays())
    v, validation_v = ranks(train.m[:, :n_sensitive]), ranks(validation.m[:, :n_sensitive])
    epochs = Epochs(network.parameters(), len(train.w), config, generator, advice=ADVICE)
    steps = Steps(loss, train, v, epochs)
    restart = Restart(network=network, objective=with_state(objective), epochs=epochs, best=best, generator=generator)
    with few_threads(device):
        for epoch in range(restart.first_epoch(state), config.epochs + 1):
            scalars = steps.run(epoch)
            scalars |= {f"validation_{name}": value for name, value in loss.judge(validation, validation_v).items()}
            is_settled = 2 * epoch >= config.epochs
            best.offer(network.arrays, scalars["validation_loss"], auc=1.0, is_whole=is_settled)
            yield Progress(epoch, scalars, network, best.arrays, tuple(epochs.remarks), restart.at(epoch))


def _check(train: Batch, config: VAEConfig, n_sensitive: int) -> None:
    """Refuse more sensitive dimensions than there are protected variables, or than the latent can spare."""
    if not 1 <= n_sensitive <= train.m.shape[1]:
        raise DataError(
            f"{n_sensitive} sensitive dimensions for {train.m.shape[1]} protected variables; "
            f"allowed: 1 to {train.m.shape[1]}"
        )
    if n_sensitive >= config.latent:
        raise DataError(
            f"{config.latent} latent dimensions leave none beside the {n_sensitive} that hold protected variables; "
            f"at least {n_sensitive + 1} are needed"
        )


def _new_network(train: Batch, config: VAEConfig, generator: torch.Generator) -> Autoencoder:
    """Return an untrained autoencoder that standardises by the training events."""
    x, w = train.x.double(), train.w.double()[:, None]
    mean = (w * x).sum(0) / w.sum()
    variance = (w * (x - mean).square()).sum(0) / w.sum()
    plain = (x - x.mean(0)).square().mean(0)
    scale = torch.where(variance > 0, variance, plain).sqrt()
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    network = Autoencoder(mean, scale, config.hidden, config.latent, generator, config.resolution)
    return network.to(train.x.device)
