"""Scores of joint and shuffled pairs: their means against explicit sums, and the corrected gradient."""

import numpy as np
import pytest
import torch
from torch import Tensor

from core.neural_information.scores import MovingLogMean, Scores, draw_partners, log_mean_exp


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def some_scores(n: int = 40, k: int = 6) -> Scores:
    joint, weights = torch.rand(2, n, generator=generator(), dtype=torch.float64)
    shuffled = torch.randn(n, k, generator=generator(2), dtype=torch.float64)
    return Scores(joint, shuffled, weights + 0.1, draw_partners(n, k, generator(3)))


def test_no_event_is_its_own_partner_and_all_are_partners_equally_often() -> None:
    partner = draw_partners(50, 7, generator())
    assert partner.shape == (50, 7)
    assert not (partner == torch.arange(50)[:, None]).any()
    assert (torch.bincount(partner.flatten()) == 7).all()
    assert all(len(set(row)) == 7 for row in partner.tolist())
    assert draw_partners(4, 100, generator()).shape == (4, 3)


def test_means_are_the_weighted_sums_of_their_definition() -> None:
    scores = some_scores()
    w, partner = scores.weights.numpy(), scores.partner.numpy()
    joint = sum(w[i] * scores.joint[i].item() for i in range(40)) / w.sum()
    pairs = [(w[i] * w[partner[i, k]], scores.shuffled[i, k].item()) for i in range(40) for k in range(6)]
    total = sum(weight for weight, _ in pairs)
    assert scores.over_joint(scores.joint).item() == pytest.approx(joint)
    assert scores.over_shuffled(scores.shuffled).item() == pytest.approx(sum(u * t for u, t in pairs) / total)
    expected = np.log(sum(u * np.exp(t) for u, t in pairs) / total)
    assert log_mean_exp(scores).item() == pytest.approx(expected)


def test_the_contribution_of_an_event_counts_it_as_x_and_as_y() -> None:
    scores = some_scores(5, 4)
    w, partner, values = scores.weights.numpy(), scores.partner.numpy(), scores.shuffled.numpy()
    found = scores.event_means(scores.shuffled).numpy()
    for event in range(5):
        as_x = np.average(values[event], weights=w[partner[event]])
        where = partner == event
        as_y = np.average(values[where], weights=np.broadcast_to(w[:, None], where.shape)[where])
        assert found[event] == pytest.approx(as_x + as_y)


def test_a_large_score_does_not_overflow() -> None:
    scores = some_scores()
    large = Scores(scores.joint, scores.shuffled + 5000, scores.weights, scores.partner)
    assert log_mean_exp(large).item() == pytest.approx(log_mean_exp(scores).item() + 5000)
    assert MovingLogMean()(large).item() == pytest.approx(log_mean_exp(large).item())


def mean_gradient(table: Tensor, log_mean: object, batches: int) -> Tensor:
    """Average the gradient of log E_q[e^T] over batches of eight shuffled pairs of two fair coins."""
    source = generator(5)
    table = table.clone().requires_grad_()
    for _ in range(batches):
        x, y = torch.randint(2, (2, 8), generator=source)
        partner = draw_partners(8, 1, source)
        scores = Scores(table[x, y], table[x[:, None], y[partner]], torch.ones(8, dtype=torch.float64), partner)
        log_mean(scores).backward()  # type: ignore[operator]
    assert table.grad is not None
    return table.grad / batches


def test_the_moving_average_removes_the_bias_of_the_batch_gradient() -> None:
    """The exact gradient for the table T is q e^T / E_q[e^T], q = ¼ in each cell."""
    table = torch.tensor([[3.0, 0.0], [0.0, -1.0]], dtype=torch.float64)
    exact = torch.softmax(table.flatten(), 0).reshape(2, 2)
    plain = mean_gradient(table, log_mean_exp, 1500)
    corrected = mean_gradient(table, MovingLogMean(0.01), 1500)
    assert (plain - exact).abs().max() > 0.08
    assert (corrected - exact).abs().max() < 0.03
