"""The terms of the evidence lower bound: what the latent knows, how its dimensions hang together, how far from p(z)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from core.disentanglement.densities import Estimator, log_densities, log_prior, own_log_density, sampling_weights
from core.disentanglement.model import Step


@dataclass(frozen=True)
class Terms:
    """Hold the three parts of E KL(q(z|x) ‖ p(z)), scalars in nats an event.

    Args:
        index_code: I_q(x; z) = E ln q(z|x)/q(z); a batch can tell at most about ln N.
        total_correlation: KL(q(z) ‖ Π_j q(z_j)).
        dimension_wise: Σ_j KL(q(z_j) ‖ p(z_j)).
    """

    index_code: Tensor
    total_correlation: Tensor
    dimension_wise: Tensor


@dataclass(frozen=True)
class SensitiveTerms:
    r"""Hold the four parts of E KL(q(z|x) ‖ p(z)) that set the sensitive dimensions z' apart, in nats an event.

    Args:
        index_code: I_q(x; z).
        dependence: KL(q(z) ‖ q(z\z') Π_j q(z'_j)).
        rest: KL(q(z\z') ‖ p(z\z')).
        sensitive: Σ_j KL(q(z'_j) ‖ p(z'_j)).
    """

    index_code: Tensor
    dependence: Tensor
    rest: Tensor
    sensitive: Tensor


def decompose(step: Step, estimator: Estimator = "stratified") -> Terms:
    """Split E KL(q(z|x) ‖ p(z)) into index-code information, total correlation and dimension-wise divergence.

    E KL(q(z|x) ‖ p(z)) = I_q(x; z) + KL(q(z) ‖ Π_j q(z_j)) + Σ_j KL(q(z_j) ‖ p(z_j)), each the weighted mean of a
    logarithm of densities at the draws z. A batch errs most in ln q(z) of all dimensions at once, by as much in
    I_q(x; z) as the other way in the total correlation. Stratified, ln q(z) is too small in many dimensions: the total
    correlation of independent ones comes out below 0. Where a posterior is much narrower than q(z), no other event of
    a batch overlaps with it: I_q(x; z) then stops near ln N, and the total correlation has what is missing there.

    Args:
        step: a batch.
        estimator: how the batch estimates q(z).

    Returns:
        The terms; they add up to the Monte-Carlo estimate of the divergence from the same draws.

    References:
        Hoffman, Johnson 2016 (ELBO surgery); Chen, Li, Grosse, Duvenaud 2018 (1802.04942).
    """
    latent = range(step.z.shape[1])
    densities = _densities(step, estimator, [latent, *([j] for j in latent)])
    joint, marginals = densities[:, 0], densities[:, 1:].sum(1)
    return Terms(
        _mean(own_log_density(step.z, step.mean, step.log_variance).sum(1) - joint, step.w),
        _mean(joint - marginals, step.w),
        _mean(marginals - log_prior(step.z).sum(1), step.w),
    )


def decompose_sensitive(step: Step, estimator: Estimator = "stratified") -> SensitiveTerms:
    r"""Split E KL(q(z|x) ‖ p(z)) so that only the sensitive dimensions are set apart from the rest.

    E KL = I_q(x; z) + KL(q(z) ‖ q(z\z') Π_j q(z'_j)) + KL(q(z\z') ‖ p(z\z')) + Σ_j KL(q(z'_j) ‖ p(z'_j)).

    Args:
        step: a batch; its first ``n_sensitive`` dimensions are z'.
        estimator: how the batch estimates q(z).

    References:
        Urquijo, Tan, "Decorrelation via disentanglement", INNF+ 2020.
    """
    latent, first = step.z.shape[1], step.n_sensitive
    groups = [range(latent), range(first, latent), *([j] for j in range(first))]
    densities = _densities(step, estimator, groups)
    joint, rest, sensitive = densities[:, 0], densities[:, 1], densities[:, 2:].sum(1)
    prior = log_prior(step.z)
    return SensitiveTerms(
        _mean(own_log_density(step.z, step.mean, step.log_variance).sum(1) - joint, step.w),
        _mean(joint - rest - sensitive, step.w),
        _mean(rest - prior[:, first:].sum(1), step.w),
        _mean(sensitive - prior[:, :first].sum(1), step.w),
    )


def _densities(step: Step, estimator: Estimator, groups: Sequence[Sequence[int]]) -> Tensor:
    weights = sampling_weights(step.w, step.n_train, estimator)
    return log_densities(step.z, step.mean, step.log_variance, weights, groups)


def _mean(values: Tensor, w: Tensor) -> Tensor:
    return (w * values).mean()
