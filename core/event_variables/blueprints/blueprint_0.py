"""Blueprint 0: the auxiliary network tells background from signal of any θ by v alone."""

from __future__ import annotations

import torch

from core.event_variables.blueprint import BLUEPRINTS, Blueprint, Events, Questions, balanced
from core.event_variables.config import VariableConfig


class Blueprint0Config(VariableConfig):
    """Set up blueprint 0."""


def ask(events: Events, _generator: torch.Generator) -> Questions:
    """Ask of each event whether it is signal, both classes at even odds."""
    index = torch.arange(len(events), device=events.x.device)
    return Questions(index, events.theta.new_empty((len(events), 0)), events.y.float(), balanced(events))


BLUEPRINTS.register(
    "blueprint_0",
    Blueprint(Blueprint0Config, ask, n_parameters=0, tells_signal=True),
    title="0: signal of any θ",
    summary="Tells background from signal of all θ together: an ordinary classifier, which washes a moving peak out.",
    formula="min over v(x), a of −E[y ln a + (1 − y) ln(1 − a)], a = a(v): logit a → ln p(v|signal)/p(v|background)",
    reference="Shyamsundar 2022 (ML4Jets)",
)
