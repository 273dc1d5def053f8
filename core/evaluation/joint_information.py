"""What a set of variables tells about the label together, by a classifier on events that it never saw."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtri
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from core.errors import DataError
from core.events.table import EventTable
from core.information.quantise import MAX_BINS, quantise
from core.information.ranking import JointInformation
from core.learning.batch import Batch
from core.learning.device import choose_device, few_threads
from core.learning.networks import Classifier
from core.learning.split import HELD_OUT, TRAINING, VALIDATION, split_events

MOST_EVENTS = 100_000
TRAIN_FRACTION, VALIDATION_FRACTION = 0.5, 0.15
HIDDEN = (64, 64)
EPOCHS, BATCH_SIZE, FEWEST_STEPS = 10, 512, 1000
LEARNING_RATE = 1.6e-2


def joint_information(table: EventTable, names: Sequence[str], *, seed: int = 0) -> JointInformation:
    """Estimate the information of a set of variables about the label from the cross entropy of a classifier.

    I(X;Y) ≥ H(Y) - CE,  CE = -Σ w [y ln f(x) + (1 - y) ln(1 - f(x))] / Σ w  on held-out events, each class weighted to
    one half; equality holds for the perfect classifier. The inputs are normal scores of 254 codes each, so the estimate
    does not depend on scale or tails; a missing value is an input of its own. The epoch with the smallest cross entropy
    on validation events counts. Of large samples 100,000 events are used. The split depends on the seed only, so that
    sets of one table are compared on the same events. A larger set still falls below a smaller one within it by chance,
    or because its network learns less in the same number of steps: ``nested_bounds`` mends that.

    Args:
        table: the events, with a label.
        names: the variables, one or more.
        seed: of the split, the initial weights and the batches.

    Returns:
        The estimate.

    Raises:
        DataError: no variable, no label, columns or weights that cannot be used, or too few events of a class.

    References:
        D. McAllester and K. Stratos, Formal limitations on the measurement of mutual information, arXiv:1811.04251.
    """
    names = tuple(names)
    if not names:
        raise DataError("no variable to measure; allowed: at least one")
    rng = np.random.default_rng(seed)
    if table.n_events > MOST_EVENTS:
        table = table.take(np.sort(rng.choice(table.n_events, MOST_EVENTS, replace=False)))
    part = split_events(table.is_signal, TRAIN_FRACTION, VALIDATION_FRACTION, rng)
    inputs = _as_inputs(table, names)
    device = choose_device("cpu")
    train, validation, test = (Batch.of(inputs, part == kind, device) for kind in (TRAINING, VALIDATION, HELD_OUT))
    with few_threads(device):
        network = _trained(train, validation, torch.Generator().manual_seed(seed))
        losses = _losses(network, test).numpy().astype(np.float64)
    value, error = _mean_by_class(losses, test.y.numpy(), test.w.numpy().astype(np.float64))
    return JointInformation(names, math.log(2) - value, error, math.log(2), len(losses))


def _as_inputs(table: EventTable, names: tuple[str, ...]) -> EventTable:
    """Return the variables as normal scores of their codes, with a column that says where one is missing."""
    codes = quantise({name: np.asarray(table[name]) for name in names}, bins=MAX_BINS - 1)
    columns: dict[str, NDArray[np.generic]] = {}
    for name, code, bins in zip(names, codes.codes, codes.bins, strict=True):
        scores = np.append(ndtri((np.arange(bins.n_codes) + 0.5) / bins.n_codes), 0.0).astype(np.float32)
        columns[f"{name} as input"] = scores[code]
        missing = code == bins.n_codes
        if missing.any():
            columns[f"{name} is missing"] = missing.astype(np.float32)
    roles = table.roles.model_copy(update={"features": tuple(columns), "protected": (next(iter(columns)),)})
    kept = {name: table[name] for name in (table.roles.label, table.roles.weight) if name is not None}
    return EventTable(table.name, {**columns, **kept}, roles)


def _trained(train: Batch, validation: Batch, generator: torch.Generator) -> Classifier:
    """Return the network of the epoch with the smallest validation loss."""
    n_inputs = train.x.shape[1]
    network = Classifier(torch.zeros(n_inputs), torch.ones(n_inputs), HIDDEN, generator)
    steps = math.ceil(len(train.y) / BATCH_SIZE)
    epochs = max(EPOCHS, math.ceil(FEWEST_STEPS / steps))
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, weight_decay=1e-5, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=epochs * steps)
    best, arrays = math.inf, network.arrays()
    for _ in range(epochs):
        for chosen in torch.randperm(len(train.y), generator=generator).split(BATCH_SIZE):
            batch = train.take(chosen)
            loss = binary_cross_entropy_with_logits(network(batch.x), batch.y.to(torch.float32), weight=batch.w)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        losses = _losses(network, validation)
        mean = float((losses * validation.w).sum() / validation.w.sum())
        if mean < best:
            best, arrays = mean, network.arrays()
    return Classifier.from_arrays(arrays)


@torch.no_grad()
def _losses(network: Classifier, batch: Batch) -> Tensor:
    """Return -ln of the probability that the network gives to the true class of each event, shape (n,)."""
    logits = network(batch.x)
    return softplus(torch.where(batch.y, -logits, logits))


def _mean_by_class(
    losses: NDArray[np.float64], is_signal: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the mean with each class weighted to one half, and its standard error."""
    means, variances = [], []
    for members in (is_signal, ~is_signal):
        x, w = losses[members], weights[members]
        mean = (w @ x) / w.sum()
        means.append(mean)
        variances.append(np.square(w * (x - mean)).sum() / w.sum() ** 2)
    return float(np.mean(means)), float(np.sqrt(np.sum(variances)) / 2)
