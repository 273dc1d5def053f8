"""A finished λ slider before the events that its training held out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.evaluation.evaluate import Evaluation, evaluate
from core.events.table import EventTable
from core.jobs.artifacts import read_model, read_split
from core.learning.split import HELD_OUT
from core.store.store import Run
from core.unlearning.slide import Slider, SlideView, view_of

MOST_EVENTS = 100_000
"""Held-out events on which a page judges a slider at most: it waits for each λ."""


@dataclass(frozen=True)
class HeldOutSlider:
    """Judge a slider at any λ.

    Args:
        slider: the network before the events.
        events: what it is judged on.
    """

    slider: Slider
    events: EventTable
    _scores: dict[float, NDArray[np.float32]] = field(default_factory=dict, repr=False)

    def at(self, lam: float, signal_efficiency: float = 0.5) -> Evaluation:
        """Return the evaluation at one λ and one working point, with propagated errors, without dCorr² and I(f; m).

        It must be quick: a page waits for it.

        Raises:
            DataError: λ is not on the slider.
        """
        rng = np.random.default_rng(0)
        scores = self._scores.get(lam)
        if scores is None:
            scores = self.slider.score(lam)
            self._scores.clear()  # the newest λ alone: a page asks for two working points of it
            self._scores[lam] = scores
        return evaluate(
            scores,
            self.events,
            rng=rng,
            signal_efficiency=signal_efficiency,
            replicas=0,
            dependence=False,
        )

    def front(self, view: SlideView) -> SlideView:
        """Return what the slider reaches at the λ of a view, on the events before it.

        1/JSD and its limit grow with the number of events: only a front on the same events can stand beside ``at``.

        Args:
            view: judged on other events, such as all that were held out.
        """
        return view_of(view.lam.tolist(), [self.at(lam) for lam in view.lam.tolist()])


def load_slider(run: Run, events: EventTable, folder: Path) -> HeldOutSlider:
    """Load a finished slider with its held-out events, of more than 100,000 so many drawn at random.

    Args:
        run: the run that trained it.
        events: all events of the run.
        folder: the run's own folder.
    """
    held_out = np.flatnonzero(read_split(folder) == HELD_OUT)
    if len(held_out) > MOST_EVENTS:
        held_out = np.sort(np.random.default_rng(0).choice(held_out, MOST_EVENTS, replace=False))
    judged = events.take(held_out)
    return HeldOutSlider(Slider.of(read_model(folder), run.config, judged), judged)
