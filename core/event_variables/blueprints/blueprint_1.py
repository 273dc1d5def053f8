"""Blueprint 1: the auxiliary network tells background from signal at a θ that it knows."""

from __future__ import annotations

import torch

from core.event_variables.blueprint import BLUEPRINTS, Blueprint, Events, Questions, balanced, with_drawn_theta
from core.event_variables.config import PriorityConfig


class Blueprint1Config(PriorityConfig):
    """Set up blueprint 1."""


def ask(events: Events, generator: torch.Generator) -> Questions:
    """Ask of each event whether it is signal at its θ; background gets θ ~ π too, so that θ alone tells nothing."""
    index = torch.arange(len(events), device=events.x.device)
    theta = with_drawn_theta(events, generator)
    return Questions(index, theta[:, None], events.y.float(), balanced(events))


BLUEPRINTS.register(
    "blueprint_1",
    Blueprint(Blueprint1Config, ask, n_parameters=1, tells_signal=True),
    title="1: signal at a θ to be scanned",
    summary="Tells background from signal at a known θ, averaged over the priority: what a search for a bump needs.",
    formula="min over v(x), a of −E[y ln a + (1 − y) ln(1 − a)], a = a(v, θ): logit a → ln p(v|θ)/p(v|background)",
    reference="Shyamsundar 2022 (ML4Jets)",
)
