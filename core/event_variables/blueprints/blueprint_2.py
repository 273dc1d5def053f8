"""Blueprint 2: the auxiliary network tells pairs (x, θ) that belong together from those that do not."""

from __future__ import annotations

import torch

from core.event_variables.blueprint import BLUEPRINTS, Blueprint, Events, Questions, with_drawn_theta
from core.event_variables.config import EstimationConfig


class Blueprint2Config(EstimationConfig):
    """Set up blueprint 2."""


def ask(events: Events, generator: torch.Generator) -> Questions:
    """Ask of each event with its own θ (class 1) and with that of another event (class 0).

    P_1 = π(θ) P(x|θ), P_0 = π(θ) ∫dθ' π(θ') P(x|θ'). Background has θ ~ π in both classes.
    """
    n = len(events)
    index = torch.arange(n, device=events.x.device)
    other = torch.randperm(n, generator=generator).to(index.device)
    theta = with_drawn_theta(events, generator)
    apart = events.w * events.w[other] / events.w.mean()
    target = torch.cat([torch.ones_like(events.w), torch.zeros_like(events.w)])
    return Questions(
        index.repeat(2), torch.cat([theta, theta[other]])[:, None], target, torch.cat([events.w, apart]) / 2
    )


BLUEPRINTS.register(
    "blueprint_2",
    Blueprint(Blueprint2Config, ask, n_parameters=1, tells_signal=False),
    title="2: what v and θ share",
    summary="Tells events with their own θ from events with another's: v keeps what one event knows of θ.",
    formula="min over v(x), a of −E[ln a(v, θ) + ln(1 − a(v, θ′))]/2, θ′ of another event: logit a → ln p(v|θ)/p(v)",
    reference="Kim, Kong, Matchev, Park, Shyamsundar 2021 (2105.10126)",
)
