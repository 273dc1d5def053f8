"""Every loss has the likelihood ratio as its minimum, whatever form its ratio takes."""

from typing import get_args

import numpy as np
import pytest
import torch

from core.ensembles.config import LossName
from core.ensembles.losses import LOSSES

P_A, P_B = (torch.tensor(p, dtype=torch.float64) for p in ([0.7, 0.2, 0.1], [0.2, 0.3, 0.5]))


def minimised(name: str) -> np.ndarray:
    """Return the log-ratio of three bins that minimises a loss, by direct minimisation of one output a bin."""
    loss = LOSSES[name]
    z = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([z], max_iter=500, tolerance_grad=1e-12, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        t = loss.log_ratio(z)
        value = 3 * loss.value(t, P_A, t, P_B)
        value.backward()
        return value

    optimiser.step(closure)
    return loss.log_ratio(z).detach().numpy()


@pytest.mark.parametrize("name", LOSSES)
def test_the_minimum_is_the_likelihood_ratio(name: str) -> None:
    np.testing.assert_allclose(minimised(name), (P_A / P_B).log().numpy(), atol=1e-4)


@pytest.mark.parametrize("name", LOSSES)
def test_the_minimum_of_a_maximum_likelihood_loss_is_minus_the_divergence(name: str) -> None:
    """Min L = -KL(A ‖ B) for the MLC losses, and 2 ln 2 - 2 JSD(A, B) for the cross entropy."""
    t = (P_A / P_B).log()
    value = 3 * float(LOSSES[name].value(t, P_A, t, P_B))
    mean = (P_A + P_B) / 2
    kl = float((P_A * t).sum())
    jsd = float((P_A * (P_A / mean).log() + P_B * (P_B / mean).log()).sum()) / 2
    assert value == pytest.approx(2 * np.log(2) - 2 * jsd if name == "cross_entropy" else -kl, abs=1e-9)


@pytest.mark.parametrize("name", LOSSES)
def test_no_output_makes_a_loss_or_its_gradient_infinite(name: str) -> None:
    z = torch.tensor([-1e4, -100.0, -1.0, 0.0, 1.0, 100.0, 1e4], requires_grad=True)
    t = LOSSES[name].log_ratio(z)
    value = LOSSES[name].value(t, torch.ones(7), t, torch.ones(7))
    value.backward()
    assert torch.isfinite(value)
    assert z.grad is not None and torch.isfinite(z.grad).all()


@pytest.mark.parametrize("name", LOSSES)
def test_a_network_that_answers_zero_says_ratio_one(name: str) -> None:
    assert float(LOSSES[name].log_ratio(torch.zeros(1))) == pytest.approx(0, abs=1e-5)


def test_the_config_offers_every_loss() -> None:
    assert set(get_args(LossName)) == set(LOSSES)
