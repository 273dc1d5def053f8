"""Blueprint 3: the auxiliary network tells which of two θ an event came from."""

from __future__ import annotations

import torch
from pydantic import Field

from core.event_variables.blueprint import BLUEPRINTS, Blueprint, Events, Questions, with_drawn_theta
from core.event_variables.config import EstimationConfig


class Blueprint3Config(EstimationConfig):
    """Set up blueprint 3."""

    difference: bool = Field(
        True,
        title="difference form",
        description="the auxiliary network is φ(v, θ₁) - φ(v, θ₀): exchanging both θ exchanges the classes by itself",
    )


def ask(events: Events, generator: torch.Generator) -> Questions:
    """Ask of each event which of two θ it came from: its own, at a place drawn by a fair coin, or another event's.

    P_y = π(θ_0) π(θ_1) P(x|θ_y). Both θ of background are drawn from π.
    """
    n = len(events)
    index = torch.arange(n, device=events.x.device)
    other = torch.randperm(n, generator=generator).to(index.device)
    coin = torch.randint(2, (n,), generator=generator).to(index.device).bool()
    own = with_drawn_theta(events, generator)
    pair = torch.stack([own[other], own], 1)
    theta = torch.where(coin[:, None], pair, pair.flip(1))
    return Questions(index, theta, coin.float(), events.w * events.w[other] / events.w.mean())


BLUEPRINTS.register(
    "blueprint_3",
    Blueprint(Blueprint3Config, ask, n_parameters=2, tells_signal=False),
    title="3: which of two θ",
    summary="Tells from which of two θ an event came: v keeps what sets two hypotheses apart, averaged over both.",
    formula="min over v(x), φ of −E ln σ(φ(v, θ) − φ(v, θ′)), θ′ of another event: φ(v, θ) − φ(v, θ′) → ln "
    "p(v|θ)/p(v|θ′)",
    reference="Shyamsundar 2022 (ML4Jets); Kong, Matchev, Mrenna, Shyamsundar 2022 (2210.01680)",
)
