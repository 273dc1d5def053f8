"""The end of a disentangling training: the judgement on events that were held out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from core.disentanglement.config import VAEConfig
from core.disentanglement.cuts import tight_cuts
from core.disentanglement.disentangle import representation_of
from core.disentanglement.downstream import downstream_config
from core.disentanglement.judge import judge, latent_remarks
from core.disentanglement.network import Autoencoder
from core.disentanglement.represent import AUTOENCODER, CLASSIFIER, Representation, under
from core.disentanglement.results import DisentangleView
from core.events.table import EventTable
from core.learning.batch import Batch
from core.learning.device import few_threads
from core.learning.snapshot import Checkpoint, Conclusion
from core.learning.split import HELD_OUT, TRAINING
from core.unlearning.conclude import conclude as conclude_classifier
from core.unlearning.conclude import split_of

FEWEST_REPLICAS, MOST_REPLICAS, REPLICATED_EVENTS = 10, 50, 20_000_000


def conclude(
    events: EventTable, config: VAEConfig, checkpoint: Checkpoint, *, device: torch.device, seed: int
) -> Conclusion[DisentangleView]:
    """Judge an autoencoder and the classifier that follows it on the events that the training held out.

    A training that was stopped before its classifier leaves the autoencoder, and scores that are NaN.

    Args:
        events: the table it was trained on.
        config: the config it was trained with.
        checkpoint: from the last snapshot.
        device: where to compute.
        seed: the seed it was trained with, which fixes the split.

    Returns:
        The view on held-out events, scores of all events, both networks, and remarks.
    """
    following = downstream_config(config)
    part = split_of(events, following, seed)
    judged = events.take(part == HELD_OUT)
    has_classifier = any(name.startswith(CLASSIFIER) for name in checkpoint)
    with few_threads(device):
        if has_classifier:
            representation = Representation.from_arrays(checkpoint, device)
        else:
            network = Autoencoder.from_arrays(under(AUTOENCODER, checkpoint)).to(device)
            train = Batch.of(events, part == TRAINING, device)
            representation = representation_of(network, train, config, seed)
        view = judge(representation, config, judged, seed)
    titles = {name: events.describe(name).title or name for name in view.latents.variables}
    remarks = latent_remarks(view.latents, representation.sensitive, titles)
    if not has_classifier:
        nothing = np.full(events.n_events, np.nan, np.float32)
        remarks = ("the training ended before its classifier: the autoencoder is kept, there is no score", *remarks)
        return Conclusion(view, view.headline(), nothing, part, representation.arrays(), remarks)
    found = conclude_classifier(
        representation.table(events),
        config.downstream,
        following,
        under(CLASSIFIER, checkpoint),
        device=device,
        seed=seed,
    )
    replicas = int(np.clip(REPLICATED_EVENTS // judged.n_events, FEWEST_REPLICAS, MOST_REPLICAS))
    rng = np.random.default_rng(seed)
    cuts, missing = tight_cuts(found.score[part == HELD_OUT], judged, rng=rng, replicas=replicas)
    view = replace(view, evaluation=found.view, cuts=cuts)
    arrays = representation.arrays() | {CLASSIFIER + name: value for name, value in found.model.items()}
    remarks = (*remarks, *found.remarks, *missing)
    return Conclusion(view, view.headline(), found.score, part, arrays, remarks, found.audit)
