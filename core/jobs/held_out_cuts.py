"""What cuts at a given background rejection do to the held-out events of a finished run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.disentanglement.cuts import tight_cuts
from core.disentanglement.results import TightCut
from core.jobs.held_out import held_out_scores


def held_out_cuts(folder: Path, seed: int = 0) -> tuple[TightCut, ...]:
    """Judge the sculpting of a run's score at given background rejections, as a run that disentangles is judged.

    Args:
        folder: the run's own folder.
        seed: of the bootstrap.

    Raises:
        DataError: the run left no scores, or they cannot be judged.
    """
    scores, events = held_out_scores(folder)
    return tight_cuts(scores, events, rng=np.random.default_rng(seed))[0]
