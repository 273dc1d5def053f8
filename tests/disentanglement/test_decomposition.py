"""The terms of the ELBO against closed forms for Gaussian posteriors, where q(z) is Gaussian too."""

import math
from dataclasses import replace
from typing import Literal

import pytest
import torch
from torch import Tensor

from core.disentanglement.decomposition import decompose, decompose_sensitive
from core.disentanglement.densities import divergence
from core.disentanglement.model import Step

N = 3000


def gaussian_step(
    covariance: Tensor, noise: Tensor, n: int = N, seed: int = 5, n_sensitive: int = 1, w: Tensor | None = None
) -> Step:
    """Return a whole sample with means N(0, covariance) and posteriors N(mean, diag noise): q(z) is their sum."""
    generator = torch.Generator().manual_seed(seed)
    k = len(noise)
    factor = torch.linalg.cholesky(covariance)
    mean = torch.randn(n, k, generator=generator, dtype=torch.float64) @ factor.T
    log_variance = noise.log().expand(n, k)
    z = mean + noise.sqrt() * torch.randn(n, k, generator=generator, dtype=torch.float64)
    weights = torch.ones(n, dtype=torch.float64) if w is None else w
    kl = (weights[:, None] * divergence(mean, log_variance)).mean(0)
    return Step(z, mean, log_variance, weights, torch.zeros(()), kl, n_sensitive, n, 1.0)


def truth(covariance: Tensor, noise: Tensor) -> tuple[float, float, float]:
    """Return I(x; z) = ½ ln det(S)/det(noise), TC = -½ ln det R and Σ_j KL(N(0, S_jj) ‖ N(0, 1)), S = cov + noise."""
    total = covariance + torch.diag(noise)
    index_code = 0.5 * (torch.logdet(total) - noise.log().sum())
    scales = total.diagonal()
    correlation = -0.5 * (torch.logdet(total) - scales.log().sum())
    wise = 0.5 * (scales - 1 - scales.log()).sum()
    return index_code.item(), correlation.item(), wise.item()


def correlated(rho: float) -> Tensor:
    return torch.tensor([[1.0, rho, 0.0], [rho, 1.0, 0.0], [0.0, 0.0, 0.5]], dtype=torch.float64)


NOISE = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64)


def test_one_dimension_gives_the_information_of_a_gaussian_channel() -> None:
    """I(x; z) = ½ ln(1 + S/N); no total correlation; KL of two normal densities."""
    signal, noise = torch.tensor([[2.0]], dtype=torch.float64), torch.tensor([0.5], dtype=torch.float64)
    found = decompose(gaussian_step(signal, noise))
    assert found.index_code.item() == pytest.approx(0.5 * math.log(1 + 2 / 0.5), abs=0.03)
    assert found.total_correlation.item() == pytest.approx(0, abs=1e-9)
    assert found.dimension_wise.item() == pytest.approx(0.5 * (2.5 - 1 - math.log(2.5)), abs=0.05)


@pytest.mark.parametrize("rho", [0.5, 0.95])
def test_correlated_dimensions_give_minus_half_the_logarithm_of_the_determinant(rho: float) -> None:
    found = decompose(gaussian_step(correlated(rho), NOISE))
    index_code, total_correlation, dimension_wise = truth(correlated(rho), NOISE)
    assert found.total_correlation.item() == pytest.approx(total_correlation, abs=0.03)
    assert found.index_code.item() == pytest.approx(index_code, abs=0.05)
    assert found.dimension_wise.item() == pytest.approx(dimension_wise, abs=0.05)


def test_total_correlation_of_independent_dimensions_is_zero() -> None:
    found = decompose(gaussian_step(correlated(0.0), NOISE))
    assert found.total_correlation.item() == pytest.approx(0, abs=0.03)


def test_posteriors_that_are_the_prior_give_zero_everywhere() -> None:
    step = gaussian_step(1e-12 * torch.eye(2, dtype=torch.float64), torch.ones(2, dtype=torch.float64))
    terms = decompose(step)
    for value in (terms.index_code, terms.total_correlation, terms.dimension_wise, step.kl.sum()):
        assert abs(value.item()) < 1e-6


@pytest.mark.parametrize("estimator", ["stratified", "weighted"])
def test_terms_add_up_to_the_divergence(estimator: Literal["stratified", "weighted"]) -> None:
    """Exactly to the draws' estimate of E KL(q(z|x) ‖ p), for both splits; to the closed form within its error."""
    step = gaussian_step(correlated(0.8), NOISE)
    terms, sensitive = decompose(step, estimator), decompose_sensitive(step, estimator)
    total = terms.index_code + terms.total_correlation + terms.dimension_wise
    others = sensitive.index_code + sensitive.dependence + sensitive.rest + sensitive.sensitive
    torch.testing.assert_close(total, others)
    assert total.item() == pytest.approx(step.kl.sum().item(), abs=0.08)


def test_sensitive_terms_are_those_of_the_blocks() -> None:
    """With dimension 0 sensitive, its dependence on the rest is the Gaussian I(z_0; z_1) = -½ ln(1 - r²)."""
    covariance = correlated(0.9)
    terms = decompose_sensitive(gaussian_step(covariance, NOISE))
    r2 = 0.9**2 / (1.2 * 1.3)
    assert terms.dependence.item() == pytest.approx(-0.5 * math.log(1 - r2), abs=0.03)
    assert terms.sensitive.item() == pytest.approx(0.5 * (1.2 - 1 - math.log(1.2)), abs=0.03)
    rest = 0.5 * (1.3 - 1 - math.log(1.3)) + 0.5 * (1.0 - 1 - math.log(1.0))
    assert terms.rest.item() == pytest.approx(rest, abs=0.04)


def test_the_rest_may_be_correlated_in_itself() -> None:
    """With the uncorrelated dimension as z', total correlation is large and the sensitive dependence zero."""
    covariance = correlated(0.9).flip(0).flip(1)
    step = gaussian_step(covariance, NOISE)
    assert decompose(step).total_correlation.item() > 0.2
    assert decompose_sensitive(step).dependence.item() == pytest.approx(0, abs=0.02)


def test_small_batches_see_the_correlation_as_well() -> None:
    """Stratified terms of batches of 256 agree with those of the whole sample."""
    step = gaussian_step(correlated(0.9), NOISE)
    parts = []
    for chosen in torch.randperm(N, generator=torch.Generator().manual_seed(1)).split(256):
        part = Step(
            step.z[chosen], step.mean[chosen], step.log_variance[chosen], step.w[chosen], step.reconstruction, step.kl,
            1, N, 1.0,
        )  # fmt: skip
        parts.append(decompose(part).total_correlation)
    assert torch.stack(parts).mean().item() == pytest.approx(truth(correlated(0.9), NOISE)[1], abs=0.06)


def test_weights_count_as_repeated_events() -> None:
    """Events of weight two are events that are there twice, with two draws each."""
    step = gaussian_step(correlated(0.8), NOISE, n=2000)
    double = torch.arange(2000) < 500
    w = torch.where(double, 2.0, 1.0).double()
    weighted = Step(step.z, step.mean, step.log_variance, w / w.mean(), step.reconstruction, step.kl, 1, 2000, 1.0)
    twice = torch.cat([torch.arange(2000), torch.arange(500)])
    repeated = Step(
        step.z[twice], step.mean[twice], step.log_variance[twice], torch.ones(2500, dtype=torch.float64),
        step.reconstruction, step.kl, 1, 2500, 1.0,
    )  # fmt: skip
    for a, b in zip(vars(decompose(weighted)).values(), vars(decompose(repeated)).values(), strict=True):
        torch.testing.assert_close(a, b)


def test_a_total_correlation_below_nothing_is_what_the_index_code_has_too_much() -> None:
    """Independent dimensions have none; a batch misjudges ln q(z) of all of them at once, and so both terms."""
    independent, noise = torch.eye(10, dtype=torch.float64) * 0.75, torch.full((10,), 0.25, dtype=torch.float64)
    index_code, correlation, _ = truth(independent, noise)
    steps = [replace(gaussian_step(independent, noise, n=500, seed=k), n_train=20_000) for k in range(10)]
    found = [decompose(step, "stratified") for step in steps]
    below = sum(each.total_correlation.item() for each in found) / 10
    above = sum(each.index_code.item() for each in found) / 10 - index_code
    assert correlation == pytest.approx(0)
    assert below < -0.2
    assert above == pytest.approx(-below, abs=0.1)
