"""Estimates of the latent's density from a batch, against the sum over all events."""

import itertools

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal

from core.disentanglement.densities import divergence, log_densities, own_log_density, sampling_weights

N, K = 6, 2


def latent(n: int = N, k: int = K, seed: int = 3) -> tuple[Tensor, Tensor, Tensor]:
    """Return draws, means and log variances in double precision."""
    generator = torch.Generator().manual_seed(seed)
    mean = torch.randn(n, k, generator=generator, dtype=torch.float64)
    log_variance = 0.5 * torch.randn(n, k, generator=generator, dtype=torch.float64) - 1
    noise = torch.randn(n, k, generator=generator, dtype=torch.float64)
    return mean + torch.exp(log_variance / 2) * noise, mean, log_variance


def pairs(z: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return q(z_ik|x_j), shape (n, n, K), by torch's normal density."""
    return Normal(mean[None], torch.exp(log_variance / 2)[None]).log_prob(z[:, None]).exp()


def exact(z: Tensor, mean: Tensor, log_variance: Tensor, w: Tensor) -> Tensor:
    """Return q(z_i) = Σ_j w_j q(z_i|x_j)/Σw of the joint and of each dimension, shape (n, 1 + K)."""
    each = pairs(z, mean, log_variance)
    both = torch.cat([each.prod(2, keepdim=True), each], 2)
    return torch.einsum("ijk,j->ik", both, w) / w.sum()


def weights(kind: str, n: int = N) -> Tensor:
    w = {"ones": torch.ones(n), "unequal": torch.arange(1.0, n + 1), "signed": torch.tensor([3.0, 2, -0.2, 1, 1, 2])}
    return w[kind].double() / w[kind].double().mean()


ALL = [range(K), [0], [1]]


@pytest.mark.parametrize("kind", ["ones", "unequal", "signed"])
@pytest.mark.parametrize("size", [2, 4, 6])
def test_stratified_density_is_unbiased(kind: str, size: int) -> None:
    """The mean over every batch that holds an event is the sum over all events, for every batch size and weight."""
    w, (z, mean, log_variance) = weights(kind), latent()
    sums, counts = torch.zeros(N, 1 + K, dtype=torch.float64), torch.zeros(N, 1)
    for batch in itertools.combinations(range(N), size):
        index = torch.tensor(batch)
        a = sampling_weights(w[index], N, "stratified")
        found = log_densities(z[index], mean[index], log_variance[index], a, ALL).exp()
        sums[index] += found
        counts[index] += 1
    if kind != "signed":  # a signed density is floored where a batch has too much of negative weight
        torch.testing.assert_close(sums / counts, exact(z, mean, log_variance, w))
    elif size == N:
        torch.testing.assert_close(sums, exact(z, mean, log_variance, w))


def test_weighted_density_favours_the_own_event_by_as_much_as_its_formula_says() -> None:
    """Over all batches of B, the own event counts 1/B, and the others (B - 1)/B in equal parts."""
    size, (z, mean, log_variance) = 3, latent()
    sums, counts = torch.zeros(N, 1, dtype=torch.float64), torch.zeros(N, 1)
    for batch in itertools.combinations(range(N), size):
        index = torch.tensor(batch)
        a = sampling_weights(torch.ones(size, dtype=torch.float64), N, "weighted")
        sums[index] += log_densities(z[index], mean[index], log_variance[index], a, [range(K)]).exp()
        counts[index] += 1
    joint = pairs(z, mean, log_variance).prod(2)
    own = joint.diagonal()
    others = (joint.sum(1) - own) / (N - 1)
    torch.testing.assert_close((sums / counts)[:, 0], own / size + others * (size - 1) / size)


def test_own_weight_lies_on_the_diagonal_and_rows_sum_to_one() -> None:
    a = sampling_weights(torch.ones(5, dtype=torch.float64), 100, "stratified")
    torch.testing.assert_close(a.diagonal(), torch.full((5,), 0.01, dtype=torch.float64))
    torch.testing.assert_close(a.sum(1), torch.ones(5, dtype=torch.float64))
    assert len(a[~torch.eye(5, dtype=torch.bool)].unique()) == 1


@pytest.mark.parametrize("kind", ["unequal", "signed"])
def test_gradient_is_that_of_finite_differences(kind: str) -> None:
    a = sampling_weights(weights(kind), 50, "stratified")
    inputs = [values.requires_grad_() for values in latent()]
    assert torch.autograd.gradcheck(lambda z, mean, log: log_densities(z, mean, log, a, [[0, 1], [1]]), inputs)


def test_groups_need_not_be_neighbours() -> None:
    z, mean, log_variance = latent(k=3)
    a = sampling_weights(weights("unequal"), N, "stratified")
    apart = log_densities(z, mean, log_variance, a, [[0, 2]])
    order = [0, 2, 1]
    together = log_densities(z[:, order], mean[:, order], log_variance[:, order], a, [[0, 1]])
    torch.testing.assert_close(apart, together)


def test_density_stays_finite_where_negative_weights_outweigh() -> None:
    _, mean, log_variance = latent()
    w = torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0, -4.9], dtype=torch.float64)
    found = log_densities(mean, mean, log_variance, sampling_weights(w, N, "stratified"), ALL)
    assert torch.isfinite(found).all()


def test_narrow_posteriors_far_apart_do_not_underflow() -> None:
    """Single precision: the own event alone counts, 1/N q(z|x), however far the others are."""
    mean = 2 * torch.arange(4.0)[:, None].expand(4, 3)
    log_variance = torch.full((4, 3), -8.0)
    found = log_densities(mean, mean, log_variance, sampling_weights(torch.ones(4), 1000, "stratified"), [range(3)])
    expected = own_log_density(mean, mean, log_variance).sum(1) - torch.log(torch.tensor(1000.0))
    torch.testing.assert_close(found[:, 0], expected, rtol=0, atol=0.1)


def test_divergence_is_that_of_torch() -> None:
    _, mean, log_variance = latent()
    expected = torch.distributions.kl_divergence(Normal(mean, torch.exp(log_variance / 2)), Normal(0.0, 1.0))
    torch.testing.assert_close(divergence(mean, log_variance), expected)
